import Foundation

/// Runs `body` on that many threads at once and waits for them.
func onThreads<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Result) -> [Result] {
    let results = Locked([Result?](repeating: nil, count: count))
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        let thread = Thread {
            let result = body(index)
            results.withLock { $0[index] = result }
            group.leave()
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
    group.wait()
    return results.withLock { $0.compactMap { $0 } }
}

/// Waits for what is asynchronous; never on the cooperative pool.
func waiting<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
    let answer = Locked<Swift.Result<Result, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        answer.withLock { $0 = result }
        done.signal()
    }
    done.wait()
    return try answer.withLock { $0! }.get()
}

/// A value behind a lock, with a condition to wait on.
final class Locked<Value>: @unchecked Sendable {
    // Unchecked: `value` is touched only with `condition` held.
    private let condition = NSCondition()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        condition.lock()
        defer { condition.unlock() }
        let result = try body(&value)
        condition.broadcast()
        return result
    }

    /// Waits until `body` answers a value; nil when the time is over.
    func wait<Result>(seconds: Double, _ body: (inout Value) -> Result?) -> Result? {
        let until = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = body(&value) { return result }
            if !condition.wait(until: until) { return body(&value) }
        }
    }
}

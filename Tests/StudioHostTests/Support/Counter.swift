import LinuxFiles

final class Counter: Sendable {
    private let value = Guarded(0)

    /// - Returns: the new value.
    @discardableResult
    func add(_ amount: Int) -> Int {
        value.withLock { value in
            value += amount
            return value
        }
    }

    var count: Int { value.withLock { $0 } }
}

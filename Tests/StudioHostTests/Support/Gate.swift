import LinuxFiles

/// Holds up whoever passes until it is opened, and tells when somebody stands before it.
final class Gate: Sendable {
    private struct State {
        var arrivals = 0
        var isOpen = false
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Guarded(State())

    /// Blocks the calling thread until the gate is open.
    func pass() {
        let ready = state.withLock { state in
            state.arrivals += 1
            let arrivals = state.arrivals
            let ready = state.waiters.filter { $0.count <= arrivals }
            state.waiters.removeAll { $0.count <= arrivals }
            return ready.map(\.continuation)
        }
        for waiter in ready { waiter.resume() }
        state.wait { $0.isOpen ? () : nil }
    }

    /// Returns once so many have arrived.
    func arrived(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.arrivals < count { state.waiters.append((count, continuation)) }
                return state.arrivals >= count
            }
            if isThere { continuation.resume() }
        }
    }

    func open() { state.signal { $0.isOpen = true } }
}

/// What several threads tell, in the order in which they told it.
final class Log<Entry: Sendable>: Sendable {
    private struct State {
        var entries: [Entry] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Guarded(State())

    func append(_ entry: Entry) {
        let ready = state.withLock { state in
            state.entries.append(entry)
            let count = state.entries.count
            let ready = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return ready.map(\.continuation)
        }
        for waiter in ready { waiter.resume() }
    }

    var entries: [Entry] { state.withLock { $0.entries } }

    /// The entries once there are so many.
    func entries(_ count: Int) async -> [Entry] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.entries.count < count { state.waiters.append((count, continuation)) }
                return state.entries.count >= count
            }
            if isThere { continuation.resume() }
        }
        return entries
    }
}

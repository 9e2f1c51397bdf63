import Dispatch

/// A callback's place on the bus: it ends when it is cancelled or let go.
public final class EventSubscription: Sendable {
    private let onCancel: @Sendable () -> Void

    init(_ onCancel: @escaping @Sendable () -> Void) { self.onCancel = onCancel }

    deinit { onCancel() }

    /// Drops what is buffered. A call that has begun goes on to its end; none begins after this has returned.
    public func cancel() { onCancel() }
}

protocol CallbackEnd: Sendable {
    /// Returns when nothing will be delivered any more.
    func delivered() async
}

/// Calls a function with values one after the other, from a buffer.
///
/// A dispatch queue of its own, and not a task: a callback that blocks takes a thread of its own from nobody, while
/// a task would take one of the few that everybody's tasks share.
final class CallbackDelivery<Event: Sendable>: CallbackEnd {
    private struct State {
        var buffer: ArraySlice<Event> = []
        /// A drain is queued or under way.
        var isDraining = false
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters = [] }
            return waiters
        }
    }

    private let state = Locked(State())
    private let queue = DispatchQueue(label: "studio.events")
    /// Nil: without bound.
    private let capacity: Int?
    private let body: @Sendable (Event) -> Void

    init(capacity: Int?, _ body: @escaping @Sendable (Event) -> Void) {
        self.capacity = capacity
        self.body = body
    }

    func put(_ event: Event) {
        let isIdle = state.withLock { state in
            guard !state.isClosed else { return false }
            state.buffer.append(event)
            if let capacity, state.buffer.count > capacity { state.buffer.removeFirst() }
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if isIdle { queue.async { self.drain() } }
    }

    /// What is buffered is still delivered.
    func end() { close(dropping: false) }

    /// What is buffered is dropped.
    func cancel() { close(dropping: true) }

    func delivered() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                let isOver = state.isClosed && !state.isDraining
                if !isOver { state.waiters.append(continuation) }
                return isOver
            }
            if isOver { continuation.resume() }
        }
    }

    private func close(dropping: Bool) {
        let (dropped, waiters) = state.withLock { state in
            state.isClosed = true
            let dropped = dropping ? state.buffer : []
            if dropping { state.buffer = [] }
            return (dropped, state.isDraining ? [] : state.takeWaiters())
        }
        // Foreign values go after the lock.
        withExtendedLifetime(dropped) {}
        for waiter in waiters { waiter.resume() }
    }

    private func drain() {
        while let event = take() { body(event) }
    }

    private func take() -> Event? {
        let (event, waiters) = state.withLock { state -> (Event?, [CheckedContinuation<Void, Never>]) in
            if let event = state.buffer.popFirst() { return (event, []) }
            // The slice keeps the storage of what it gave.
            state.buffer = []
            state.isDraining = false
            return (nil, state.isClosed ? state.takeWaiters() : [])
        }
        for waiter in waiters { waiter.resume() }
        return event
    }
}

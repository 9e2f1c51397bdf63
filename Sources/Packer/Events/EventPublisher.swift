import DequeModule
import LinuxFiles
import PackerModel

/// Gives every event its number and hands it to the sink, in order, on a thread of its own.
///
/// The sink is called with no lock held. Events wait in memory; only progress may be coalesced.
final class EventPublisher: Sendable {
    private struct State {
        var queue = Deque<PackerEvent>()
        var lastSequence: UInt64 = 0
        /// Of the newest event that the sink has taken.
        var delivered: UInt64 = 0
        var generation: UInt64 = 0
        var isClosed = false
    }

    private let project: String
    private let session: SessionID
    private let sink: any PackerEventSink
    private let capacity: Int
    private let state = Guarded(State())
    /// Written once, before the initialiser's caller can use the publisher.
    private let thread = Guarded<DedicatedThread?>(nil)

    init(project: String, session: SessionID, sink: any PackerEventSink, capacity: Int) {
        self.project = project
        self.session = session
        self.sink = sink
        self.capacity = capacity
        let state = state
        thread.withLock { $0 = DedicatedThread(name: "packer-events") { Self.deliver(state, to: sink) } }
    }

    var lastSequence: UInt64 { state.withLock(\.lastSequence) }
    /// True when so many events wait that no command may add to them.
    var isBacklogged: Bool { state.withLock { $0.queue.count >= capacity } }
    /// Whether the caller runs inside the sink's `publish`.
    var isDelivering: Bool { thread.withLock { $0?.isCurrent ?? false } }

    /// - Parameter generation: the new generation, where the event is about a new snapshot.
    /// - Returns: the event's sequence.
    @discardableResult
    func publish(
        _ kind: PackerEvent.Kind, operation: OperationID? = nil, generation: UInt64? = nil, isRecovered: Bool = false
    ) -> UInt64 {
        state.signal { state in
            if let generation { state.generation = generation }
            if let last = state.queue.last, Self.isProgress(kind), Self.isProgress(last.kind),
                last.operation == operation
            {
                // Takes the waiting one's place and number.
                state.queue[state.queue.count - 1].kind = kind
                return last.sequence
            }
            state.lastSequence += 1
            state.queue.append(
                PackerEvent(
                    project: project, session: session, sequence: state.lastSequence, generation: state.generation,
                    operation: operation, time: MonotonicClock.fileTime(), isRecovered: isRecovered, kind: kind
                ))
            return state.lastSequence
        }
    }

    /// Waits until the sink has taken everything that was published before, but no longer than the limit in nanoseconds.
    func waitUntilDelivered(limit: UInt64) {
        let last = lastSequence
        _ = state.wait(until: MonotonicClock.now() + limit) { $0.delivered >= last ? () : nil }
    }

    private static func isProgress(_ kind: PackerEvent.Kind) -> Bool {
        switch kind {
        case .bootstrapProgress, .operationProgress: true
        default: false
        }
    }

    /// Delivers what waits, then ends the thread. The last event must have been published.
    func close() {
        state.signal { $0.isClosed = true }
        guard let thread = thread.withLock({ $0 }), !thread.isCurrent else { return }
        thread.join()
    }

    private static func deliver(_ state: Guarded<State>, to sink: any PackerEventSink) {
        while true {
            let next: PackerEvent?? = state.wait { state in
                if let event = state.queue.popFirst() { return .some(event) }
                return state.isClosed ? .some(nil) : nil
            }
            guard let event = next ?? nil else { return }
            sink.publish(event)
            state.signal { $0.delivered = event.sequence }
        }
    }
}

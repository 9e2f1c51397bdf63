import LinuxFiles
public import PackerModel

/// A sink that keeps every event and lets a test wait for one.
public final class EventRecorder: PackerEventSink {
    private let state = Guarded([PackerEvent]())
    private let onEvent: (@Sendable (PackerEvent) -> Void)?

    public init(onEvent: (@Sendable (PackerEvent) -> Void)? = nil) { self.onEvent = onEvent }

    public func publish(_ event: PackerEvent) {
        state.signal { $0.append(event) }
        onEvent?(event)
    }

    public var events: [PackerEvent] { state.withLock { $0 } }

    /// Blocks until an event fulfils the condition; nil after a minute, far beyond what any of them takes.
    @discardableResult
    public func wait(for isWanted: (PackerEvent) -> Bool) -> PackerEvent? {
        state.wait(until: MonotonicClock.now() + 60_000_000_000) { $0.first(where: isWanted) }
    }
}

extension PackerEvent {
    public var divergence: Divergence? {
        switch kind {
        case .divergenceDetected(let value), .divergenceChanged(let value), .divergenceCleared(let value): value
        default: nil
        }
    }
}

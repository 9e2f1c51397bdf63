import LinuxFiles
public import PackerModel

/// A command on its way: its id, and its outcome once there is one.
public final class PackerOperation: Sendable {
    public let id: OperationID
    /// What it does, in a word.
    public let name: String

    private struct State {
        var phase = Phase.queued
        var isCancelled = false
        var freshPreview: Preview?
        var waiters: [@Sendable (Result<OperationOutcome, PackerError>) -> Void] = []
    }

    private enum Phase {
        case queued, running
        case ended(Result<OperationOutcome, PackerError>)
    }

    /// Guarded by its own lock.
    private let state = Guarded(State())
    private let isDelivering: @Sendable () -> Bool

    init(id: OperationID, name: String, isDelivering: @escaping @Sendable () -> Bool) {
        self.id = id
        self.name = name
        self.isDelivering = isDelivering
    }

    /// The outcome. Waits without blocking a thread; may be read any number of times.
    /// - Throws: why it was refused, failed or cancelled; the disk is then as before, except for
    ///   `outcome.unknown`, which says so.
    public var result: OperationOutcome {
        get async throws(PackerError) {
            let result = await withCheckedContinuation { continuation in
                whenEnded { continuation.resume(returning: $0) }
            }
            return try result.get()
        }
    }

    /// What a preview that was refused as stale would show now; nil for any other operation, and before the end.
    public var freshPreview: Preview? { state.withLock(\.freshPreview) }

    /// Calls `body` once with the outcome: on the project's lane, or at once when it has ended already.
    /// `body` must not block.
    public func whenEnded(_ body: @escaping @Sendable (Result<OperationOutcome, PackerError>) -> Void) {
        let ended: Result<OperationOutcome, PackerError>? = state.withLock { state in
            if case .ended(let result) = state.phase { return result }
            state.waiters.append(body)
            return nil
        }
        if let ended { body(ended) }
    }

    /// Waits for the outcome on the calling thread; not for the cooperative pool.
    /// - Throws: as `result`; `wait.timedOut` when it has not ended by then, and `wait.wouldDeadlock` from inside
    ///   the sink, which its own terminal event may be waiting for.
    public func wait(timeout: Duration) throws(PackerError) -> OperationOutcome {
        if isDelivering() {
            throw PackerError(
                .wouldDeadlock, "a blocking wait from inside the event sink would never end",
                remedy: "Use the terminal event, or wait on another thread."
            )
        }
        let deadline = MonotonicClock.now() + timeout.nanoseconds
        let ended = state.wait(until: deadline) { state -> Result<OperationOutcome, PackerError>? in
            if case .ended(let result) = state.phase { result } else { nil }
        }
        guard let ended else {
            throw PackerError(
                .timedOut, "operation \(id) has not ended yet", remedy: "Wait longer; it goes on meanwhile."
            )
        }
        return try ended.get()
    }

    /// Takes it back while it waits in the lane; it ends as cancelled when its turn comes.
    /// - Returns: false once it runs or has ended.
    @discardableResult
    public func cancel() -> Bool {
        state.withLock { state in
            guard case .queued = state.phase else { return false }
            state.isCancelled = true
            return true
        }
    }

    // MARK: For the lane

    /// False when it was cancelled before its turn.
    func start() -> Bool {
        state.withLock { state in
            guard case .queued = state.phase, !state.isCancelled else { return false }
            state.phase = .running
            return true
        }
    }

    func offer(_ preview: Preview) { state.withLock { $0.freshPreview = preview } }

    func end(_ result: Result<OperationOutcome, PackerError>) {
        let waiters = state.signal { state in
            state.phase = .ended(result)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter(result) }
    }
}

extension PackerError {
    static func cancelled(_ id: OperationID) -> PackerError {
        PackerError(
            .cancelled, "operation \(id) was cancelled before its turn", remedy: "Submit it again if it is wanted.")
    }
}

extension Duration {
    /// Nothing below zero, and at most a hundred years.
    var nanoseconds: UInt64 {
        if self <= .zero { return 0 }
        let (seconds, attoseconds) = min(self, .seconds(100 * 365 * 86_400)).components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
    }
}

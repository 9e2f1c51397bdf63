import DequeModule
import LinuxFiles
import PackerModel

/// What waits for the lane. Filled from any thread, emptied by the lane's.
final class LaneQueue: Sendable {
    enum Request: Sendable {
        case mutate(PackerOperation, [Mutation])
        case apply(PackerOperation, Preview)
        case refresh(PackerOperation, RefreshTarget)
        case preview([Mutation], @Sendable (Result<Preview, PackerError>) -> Void)

        /// Nil for a question.
        var operation: PackerOperation? {
            switch self {
            case .mutate(let operation, _), .apply(let operation, _), .refresh(let operation, _): operation
            case .preview: nil
            }
        }

        /// Whether it shares a commit with what waits beside it.
        fileprivate var joinsGroups: Bool { if case .mutate = self { true } else { false } }
    }

    enum Turn {
        case requests([Request])
        /// Nothing came until the given time.
        case idle
        case journalChanged
        case close(CloseMode)
    }

    private struct State {
        var requests = Deque<Request>()
        var running: [OperationID] = []
        var journalChanged = false
        var closing: CloseMode?
    }

    /// As many commands as one record may hold.
    private static let groupLimit = 128

    private let capacity: Int
    private let state = Guarded(State())

    init(capacity: Int) { self.capacity = capacity }

    /// - Parameter accept: runs with the request's place in the order settled; it must not block.
    func add(_ request: Request, accept: () -> Void) throws(PackerError) {
        try state.signal { (state) throws(PackerError) in
            if state.closing != nil {
                throw .closed
            }
            if state.requests.count >= capacity {
                throw PackerError(
                    .laneFull, "\(state.requests.count) commands wait already", remedy: "Wait for some of them to end."
                )
            }
            state.requests.append(request)
            accept()
        }
    }

    func noteJournal() { state.signal { $0.journalChanged = true } }
    func close(_ mode: CloseMode) { state.signal { $0.closing = $0.closing ?? mode } }

    var operations: [OperationID] { state.withLock { $0.running + $0.requests.compactMap { $0.operation?.id } } }
    func ended() { state.withLock { $0.running = [] } }

    /// Commands that wait together, anything else by itself; blocks until there is something or the deadline has passed.
    func next(until deadline: UInt64?) -> Turn {
        let take: (inout State) -> Turn? = { state in
            if !state.requests.isEmpty, state.closing != .cancel {
                var group: [Request] = []
                while let first = state.requests.first, group.count < Self.groupLimit {
                    if !first.joinsGroups && !group.isEmpty { break }
                    group.append(first)
                    state.requests.removeFirst()
                    if !first.joinsGroups { break }
                }
                state.running = group.compactMap { $0.operation?.id }
                return .requests(group)
            }
            if let mode = state.closing { return .close(mode) }
            if state.journalChanged {
                state.journalChanged = false
                return .journalChanged
            }
            return nil
        }
        guard let deadline else { return state.wait(take) }
        return state.wait(until: deadline, take) ?? .idle
    }

    /// What was never carried out, at the end.
    func takeRest() -> [Request] {
        state.withLock { state in
            guard !state.requests.isEmpty else { return [] }
            defer { state.requests = [] }
            return Array(state.requests)
        }
    }
}

extension PackerError {
    static let closed = PackerError(.laneClosed, "the project is closed", remedy: "Open it again.")
}

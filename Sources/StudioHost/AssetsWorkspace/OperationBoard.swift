public import Packer

/// The project's operations as its events tell of them, whoever asked for them.
///
/// One that was queued before the page listened is known from its next event on.
public struct OperationBoard: Sendable, Equatable {
    public struct Running: Sendable, Equatable {
        public var id: OperationID
        /// Nil for one whose beginning was not heard.
        public var name: String?
        public var isStarted: Bool
        public var progress: ScanProgress?
    }

    public struct Ended: Sendable, Equatable {
        public var id: OperationID
        public var name: String?
        public var ending: Ending
    }

    public enum Ending: Sendable, Equatable {
        case committed(OperationOutcome)
        case failed(PackerError)
        case cancelled
    }

    /// Those that wait or run, in the order in which they were queued.
    public private(set) var running: [Running] = []
    /// The newest first.
    public private(set) var ended: [Ended] = []

    public static let endedLimit = 10

    mutating func observe(_ event: PackerEvent) {
        guard let id = event.operation else { return }
        switch event.kind {
        case .operationQueued(let name): update(id) { $0.name = name }
        case .operationStarted: update(id) { $0.isStarted = true }
        case .operationProgress(let progress):
            update(id) {
                $0.isStarted = true
                $0.progress = progress
            }
        case .operationCommitted(let outcome): end(id, .committed(outcome))
        case .operationFailed(let error): end(id, .failed(error))
        case .operationCancelled: end(id, .cancelled)
        default: break
        }
    }

    /// After lost events: what does not run any more has ended, nobody heard how.
    mutating func keepRunning(_ ids: [OperationID]) {
        let ids = Set(ids)
        running.removeAll { !ids.contains($0.id) }
    }

    private mutating func update(_ id: OperationID, _ change: (inout Running) -> Void) {
        let index = running.firstIndex { $0.id == id } ?? running.endIndex
        if index == running.endIndex { running.append(Running(id: id, name: nil, isStarted: false, progress: nil)) }
        change(&running[index])
    }

    private mutating func end(_ id: OperationID, _ ending: Ending) {
        let index = running.firstIndex { $0.id == id }
        ended.insert(Ended(id: id, name: index.map { running[$0].name } ?? nil, ending: ending), at: 0)
        if ended.count > Self.endedLimit { ended.removeLast() }
        if let index { running.remove(at: index) }
    }
}

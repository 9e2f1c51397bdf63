public import PackerModel

/// One event on one line, so that another process can tell it: `event 7 2 <operation> operationCommitted 2`.
public struct EventLine: Sendable, Equatable {
    public var sequence: UInt64
    public var generation: UInt64
    /// Nil for what no command caused.
    public var operation: String?
    public var kind: String
    /// The flagged path, the operation's name, the coverage, the outcome's generation: what tells it from its like.
    public var detail: String

    public init(_ event: PackerEvent) {
        sequence = event.sequence
        generation = event.generation
        operation = event.operation?.description
        (kind, detail) = Self.name(event.kind)
    }

    public init?(_ text: some StringProtocol) {
        let words = Substring(text).split(separator: " " as Character, maxSplits: 5, omittingEmptySubsequences: false)
            .map(String.init)
        guard words.count == 6, words[0] == "event", let sequence = UInt64(words[1]), let generation = UInt64(words[2])
        else { return nil }
        self.sequence = sequence
        self.generation = generation
        operation = words[3] == "-" ? nil : words[3]
        kind = words[4]
        detail = words[5]
    }

    public var text: String { "event \(sequence) \(generation) \(operation ?? "-") \(kind) \(detail)" }

    public var isTerminal: Bool { ["operationCommitted", "operationFailed", "operationCancelled"].contains(kind) }

    private static func name(_ kind: PackerEvent.Kind) -> (String, String) {
        switch kind {
        case .bootstrapProgress(let progress): ("bootstrapProgress", "\(progress.folders)")
        case .recoveryCompleted(let recovery):
            ("recoveryCompleted", "\(recovery.completed.count) + \(recovery.rolledBack.count)")
        case .snapshotPublished(let summary): ("snapshotPublished", "\(summary.assets)")
        case .operationQueued(let name): ("operationQueued", name)
        case .operationStarted: ("operationStarted", "")
        case .operationProgress(let progress): ("operationProgress", "\(progress.folders)")
        case .operationCommitted(let outcome):
            ("operationCommitted", "\(outcome.generation)" + (outcome.isRecovered ? " recovered" : ""))
        case .operationFailed(let error): ("operationFailed", error.code.rawValue)
        case .operationCancelled: ("operationCancelled", "")
        case .divergenceDetected(let flag): ("divergenceDetected", flag.path)
        case .divergenceChanged(let flag): ("divergenceChanged", flag.path)
        case .divergenceCleared(let flag): ("divergenceCleared", flag.path)
        case .coverageChanged(let coverage): ("coverageChanged", coverage.name)
        case .conflictKept(let conflict): ("conflictKept", conflict.path)
        case .closed: ("closed", "")
        }
    }
}

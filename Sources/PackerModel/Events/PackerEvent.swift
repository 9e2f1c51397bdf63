/// One thing that happened in a project.
public struct PackerEvent: Sendable, Equatable {
    /// The project's folder, as the host opened it.
    public var project: String
    public var session: SessionID
    /// Dense and rising from 1 within the session: a gap is an event that was lost.
    public var sequence: UInt64
    /// The newest snapshot when it happened; 0 before the first.
    public var generation: UInt64
    /// Nil for what no command caused.
    public var operation: OperationID?
    /// Nanoseconds since 1970, by the wall clock: for people, not for ordering.
    public var time: Int64
    /// True for the terminal event of an operation of an earlier session, which a crash kept from being told: who has
    /// heard of its end already knows it by its id.
    public var isRecovered: Bool
    public var kind: Kind

    public enum Kind: Sendable, Equatable {
        /// Counts while the disk is read. May be coalesced: only the newest matters.
        case bootstrapProgress(ScanProgress)
        case recoveryCompleted(RecoverySummary)
        /// The snapshot of the envelope's generation can be read.
        case snapshotPublished(SnapshotSummary)
        case operationQueued(name: String)
        case operationStarted
        case operationProgress(ScanProgress)
        /// Durable, and readable in the snapshot of the envelope's generation.
        case operationCommitted(OperationOutcome)
        case operationFailed(PackerError)
        case operationCancelled
        case divergenceDetected(Divergence)
        case divergenceChanged(Divergence)
        case divergenceCleared(Divergence)
        case coverageChanged(Coverage)
        /// Bytes that someone else wrote in the instant of a commit, or before a recovery, and where they are kept.
        case conflictKept(Conflict)
        /// The last event of the session.
        case closed
    }

    package init(
        project: String,
        session: SessionID,
        sequence: UInt64,
        generation: UInt64,
        operation: OperationID?,
        time: Int64,
        isRecovered: Bool = false,
        kind: Kind
    ) {
        self.project = project
        self.session = session
        self.sequence = sequence
        self.generation = generation
        self.operation = operation
        self.time = time
        self.isRecovered = isRecovered
        self.kind = kind
    }

    /// True for the one event that ends an operation.
    public var isTerminal: Bool {
        switch kind {
        case .operationCommitted, .operationFailed, .operationCancelled: true
        default: false
        }
    }
}

public struct ScanProgress: Sendable, Equatable, Codable {
    public var folders: Int
    public var assets: Int
    public var diagnostics: Int
    public var isComplete: Bool

    package init(folders: Int = 0, assets: Int = 0, diagnostics: Int = 0, isComplete: Bool = false) {
        self.folders = folders
        self.assets = assets
        self.diagnostics = diagnostics
        self.isComplete = isComplete
    }
}

public struct SnapshotSummary: Sendable, Equatable, Codable {
    public var assets: Int
    /// Roots that were added, changed or removed; empty when all may have changed.
    public var changedRoots: [AssetRoot]
    public var isWritable: Bool

    package init(assets: Int, changedRoots: [AssetRoot], isWritable: Bool) {
        self.assets = assets
        self.changedRoots = changedRoots
        self.isWritable = isWritable
    }
}

public struct OperationOutcome: Sendable, Equatable, Codable {
    public var operation: OperationID
    /// The first snapshot that shows it.
    public var generation: UInt64
    /// The assets it touched, as they are now.
    public var assets: [Touched]
    /// True where a crash came between the commit and its report, and recovery reports it now.
    public var isRecovered: Bool

    public struct Touched: Sendable, Equatable, Codable {
        public var id: AssetID?
        public var uuid: AssetUUID?
        public var root: AssetRoot

        package init(id: AssetID?, uuid: AssetUUID?, root: AssetRoot) {
            self.id = id
            self.uuid = uuid
            self.root = root
        }
    }

    package init(operation: OperationID, generation: UInt64, assets: [Touched], isRecovered: Bool = false) {
        self.operation = operation
        self.generation = generation
        self.assets = assets
        self.isRecovered = isRecovered
    }
}

public struct RecoverySummary: Sendable, Equatable, Codable {
    /// Operations whose commit was finished.
    public var completed: [OperationID]
    /// Operations that were taken back whole.
    public var rolledBack: [OperationID]

    package init(completed: [OperationID], rolledBack: [OperationID]) {
        self.completed = completed
        self.rolledBack = rolledBack
    }
}

/// Bytes that were kept because they could not stay where they were.
public struct Conflict: Sendable, Equatable, Codable {
    /// The place that two wrote to, relative to `assets/`.
    public var path: String
    /// Where the copy that lost its place is, relative to `assets/`.
    public var keptAt: String
    public var operation: OperationID?

    package init(path: String, keptAt: String, operation: OperationID?) {
        self.path = path
        self.keptAt = keptAt
        self.operation = operation
    }
}

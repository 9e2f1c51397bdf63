import Packer

/// What every event carries.
struct EventStamp: Encodable {
    let sequence: UInt64
    let generation: UInt64
    let time: String
    @Nullable var operationID: String?

    enum CodingKeys: String, CodingKey {
        case sequence, generation, time
        case operationID = "operationId"
    }

    init(_ event: PackerEvent) {
        sequence = event.sequence
        generation = event.generation
        time = Quantity.exactTime(event.time)
        operationID = event.operation?.description
    }
}

/// A divergence that stands, or that begins, changes or ends.
struct DivergenceView: Encodable {
    enum Change: String, Encodable {
        case standing, detected, changed, cleared
    }

    let kind = "divergence"
    let change: Change
    let divergence: String
    let path: String
    @Nullable var root: String?
    @Nullable var movedTo: String?
    let unverified: Bool
    let since: String
    @Nullable var expected: FileView?
    @Nullable var observed: FileView?
    /// Null for one that stands.
    @Nullable var event: EventStamp?

    init(_ divergence: Divergence, _ change: Change, event: PackerEvent? = nil) {
        self.change = change
        self.divergence = divergence.kind.name
        path = divergence.path
        root = divergence.root?.path
        if case .moved(let target) = divergence.kind { movedTo = target.path } else { movedTo = nil }
        unverified = divergence.isUnverified
        since = Quantity.exactTime(divergence.since)
        expected = divergence.expected.map(FileView.init)
        observed = divergence.observed.map(FileView.init)
        self.event = event.map(EventStamp.init)
    }
}

struct FileView: Encodable {
    let type: String
    let size: UInt64
    let modified: String
    let executable: Bool
    @Nullable var digest: String?

    init(_ fingerprint: Fingerprint) {
        type = fingerprint.kind.rawValue
        size = fingerprint.size
        modified = Quantity.exactTime(fingerprint.modified)
        executable = fingerprint.isExecutable
        digest = fingerprint.digest?.description
    }
}

struct CoverageEventView: Encodable {
    let kind = "coverage"
    let coverage: CoverageView
    let event: EventStamp
}

struct SnapshotEventView: Encodable {
    let kind = "snapshot"
    let assets: Int
    /// Empty when all may have changed.
    let changedRoots: [String]
    let event: EventStamp
}

struct ConflictView: Encodable {
    let kind = "conflict"
    let path: String
    let keptAt: String
    @Nullable var operationID: String?
    /// Null for one that is listed.
    @Nullable var event: EventStamp?

    enum CodingKeys: String, CodingKey {
        case kind, path, keptAt, event
        case operationID = "operationId"
    }

    init(_ conflict: Conflict, _ event: PackerEvent? = nil) {
        path = conflict.path
        keptAt = conflict.keptAt
        operationID = conflict.operation?.description
        self.event = event.map(EventStamp.init)
    }
}

struct RecoveryView: Encodable {
    let kind = "recovery"
    let completed: [String]
    let rolledBack: [String]
    let event: EventStamp

    init(_ summary: RecoverySummary, _ event: PackerEvent) {
        completed = summary.completed.map(\.description)
        rolledBack = summary.rolledBack.map(\.description)
        self.event = EventStamp(event)
    }
}

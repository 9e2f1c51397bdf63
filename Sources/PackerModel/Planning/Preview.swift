/// What an operation would do: shown before it is asked for, and applied only while it would still do exactly that.
public struct Preview: Sendable, Equatable {
    /// The opening that it belongs to: no other one applies it.
    public let session: SessionID
    /// The snapshot that it stands on.
    public let generation: UInt64
    public let mutations: [Mutation]
    /// Everything that would happen on disk, in order.
    public let changes: [PlannedChange]
    /// The assets that it would touch, as they would be.
    public let assets: [OperationOutcome.Touched]
    /// Why it cannot be done; empty where it can.
    public let blockers: [PackerError]
    /// What those assets' diagnostics would say that they do not say now.
    public let warnings: [Diagnostic]
    /// The uuids that it shows, to be used when it is applied.
    package let identities: [AssetUUID]

    package init(
        session: SessionID, generation: UInt64, mutations: [Mutation], changes: [PlannedChange],
        assets: [OperationOutcome.Touched], blockers: [PackerError], warnings: [Diagnostic], identities: [AssetUUID]
    ) {
        self.session = session
        self.generation = generation
        self.mutations = mutations
        self.changes = changes
        self.assets = assets
        self.blockers = blockers
        self.warnings = warnings
        self.identities = identities
    }

    public var canBeApplied: Bool { blockers.isEmpty }

    /// Whether the same would happen: what a preview promises.
    package func doesTheSame(as other: Preview) -> Bool {
        changes == other.changes && assets == other.assets && other.blockers.isEmpty && blockers.isEmpty
    }
}

/// One change on disk that a preview shows.
public struct PlannedChange: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case createFolder
        case createFile
        case editFile
        case moveFolder
        case moveToTrash
        case restoreFromTrash
        /// `before` has the folders that would be gone for good, as they were called, one a line.
        case emptyTrash
        /// Entries of a registry file: `before` and `after` are their lines.
        case editRegistry
    }

    public var kind: Kind
    /// Relative to `assets/`.
    public var path: String
    /// Where a folder goes.
    public var to: String?
    /// The text that stands there; nil where nothing does.
    public var before: String?
    /// The text that would stand there.
    public var after: String?

    package init(_ kind: Kind, _ path: String, to: String? = nil, before: String? = nil, after: String? = nil) {
        self.kind = kind
        self.path = path
        self.to = to
        self.before = before
        self.after = after
    }
}

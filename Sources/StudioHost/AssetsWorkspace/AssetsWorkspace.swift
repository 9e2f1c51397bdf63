public import Packer

/// What the assets view shows and wants: a pure state machine, with no packer, clock or thread in it.
///
/// Each step takes what happened (a person's action, an answer of the packer, an event) and returns the requests that
/// follow from it, in order. Rows, details and flags are the packer's values, kept as they came.
public struct AssetsWorkspace: Sendable {
    /// Events of other sessions are ignored.
    public let session: SessionID
    public internal(set) var filter = AssetFilter.all
    /// How many rows are wanted.
    public internal(set) var limit = Self.pageSize
    /// Nil until the first answer.
    public internal(set) var listing: Listing?
    public internal(set) var selection: AssetReference?
    /// Of the selection; nil until the first answer.
    public internal(set) var details: Result<Asset, PackerError>?
    public internal(set) var staged: StagedCommand?
    public internal(set) var refresh = Refresh.idle
    /// Every place where the disk is not what the snapshot says, listed or not, by path.
    public internal(set) var divergences: [String: Divergence] = [:]
    /// Nil until the first answer.
    public internal(set) var coverage: Coverage?
    /// Copies that commits of this session put aside.
    public internal(set) var conflicts: [Conflict] = []
    /// True after the last event: nothing changes any more.
    public internal(set) var isClosed = false

    /// The newest event seen, and the newest that `divergences` and `coverage` stand on.
    var newestEvent: UInt64?
    var flagsStandOn: UInt64 = 0

    public static let pageSize = 100

    package init(session: SessionID) { self.session = session }

    /// The first rows of the filtered list, from one snapshot.
    public struct Listing: Sendable {
        public var generation: UInt64
        public var access: Snapshot.Access
        public var filter: AssetFilter
        public var limit: Int
        public var assets: [Asset]
        public var hasMore: Bool
    }

    /// An asset with what is flagged in it.
    public struct Row: Sendable {
        public var asset: Asset
        /// Ordered by path; empty where the disk is what the row shows.
        public var divergences: [Divergence]

        /// What to select for this row: an identity that outlives a relocation, where there is one.
        public var reference: AssetReference { asset.uuid.map { .uuid($0) } ?? .root(asset.root) }
    }

    public enum Refresh: Sendable, Equatable {
        case idle
        case running
        case failed(PackerError)
    }

    /// The listed assets with their badges. O(rows + divergences).
    public var rows: [Row] {
        guard let listing else { return [] }
        var badges: [AssetRoot: [Divergence]] = [:]
        for divergence in divergences.values {
            if let root = divergence.root { badges[root, default: []].append(divergence) }
        }
        return listing.assets.map { asset in
            Row(asset: asset, divergences: (badges[asset.root] ?? []).sorted { $0.path < $1.path })
        }
    }
}

/// A change that a person has prepared and may apply: one at a time.
public struct StagedCommand: Sendable, Equatable {
    public enum Status: Sendable, Equatable {
        /// Nothing has been asked of the packer.
        case prepared
        case submitted
        case committed(OperationOutcome)
        /// It may be applied again as it is.
        case failed(PackerError)
    }

    public var mutation: Mutation
    public var status: Status
}

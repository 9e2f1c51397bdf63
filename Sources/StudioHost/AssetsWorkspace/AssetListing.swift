public import Packer

/// The order of the list. Assets that are equal in it follow each other by root.
public struct AssetSort: Sendable, Equatable {
    public enum Key: String, Sendable, CaseIterable {
        case root, name, type, id
        /// Broken ones first: missing, invalid, then those that nobody registered.
        case state
    }

    public var key: Key
    public var isDescending: Bool

    public init(_ key: Key = .root, isDescending: Bool = false) {
        self.key = key
        self.isDescending = isDescending
    }
}

/// The rows of a list, all of one snapshot.
public struct AssetListing: Sendable {
    public var rows: [Row]
    /// How many assets the filter lets through.
    public var matching: Int
    /// How many there are.
    public var total: Int

    public var hasMore: Bool { rows.count < matching }

    /// An asset with what is flagged in it.
    public struct Row: Sendable {
        public var asset: Asset
        /// What to select for this row: an identity that outlives a relocation, where there is one that means it alone.
        public var reference: AssetReference
        public var isSelected: Bool
        /// Ordered by path; empty where the disk is what the row shows.
        public var divergences: [Divergence]
    }
}

/// Everything about one asset.
public struct AssetDetails: Sendable {
    public var asset: Asset
    /// Ordered by path.
    public var divergences: [Divergence]
    /// Copies that were put aside from its files.
    public var conflicts: [Conflict]
}

extension AssetsWorkspace {
    /// The list as it is filtered and sorted, up to `limit`; nil before the first snapshot.
    ///
    /// O(rows) for everything by root; O(n) with a filter, O(n log n) with another order.
    public var listing: AssetListing? {
        guard let snapshot else { return nil }
        let (assets, matching) = assets(of: snapshot)
        let selected = selection.flatMap { try? snapshot.asset($0) }
        return AssetListing(
            rows: assets.map { asset in
                AssetListing.Row(
                    asset: asset, reference: snapshot.reference(to: asset), isSelected: asset === selected,
                    divergences: flags.of(asset.root)
                )
            },
            matching: matching, total: snapshot.count
        )
    }

    /// The selected asset, or why there is none; nil where nothing is selected or known. O(log n).
    public var details: Result<AssetDetails, PackerError>? {
        guard let snapshot, let selection else { return nil }
        return Result { () throws(PackerError) in
            let asset = try snapshot.asset(selection)
            return AssetDetails(
                asset: asset, divergences: flags.of(asset.root),
                conflicts: conflicts.filter { $0.path.utf8.starts(with: (asset.root.path + "/").utf8) }
            )
        }
    }

    private func assets(of snapshot: Snapshot) -> (shown: [Asset], matching: Int) {
        if filter == .all, sort == AssetSort() {
            return (snapshot.list(limit: limit).assets, snapshot.count)
        }
        var all: [Asset] = []
        snapshot.forEachAsset { asset in
            if filter.matches(asset) { all.append(asset) }
            return true
        }
        return (Array(sort.sorted(all).prefix(limit)), all.count)
    }
}

extension AssetSort {
    /// - Parameter assets: ordered by root.
    func sorted(_ assets: [Asset]) -> [Asset] {
        switch key {
        case .root: isDescending ? assets.reversed() : assets
        case .name: sorted(assets) { $0.name.lowercased() }
        case .type: sorted(assets) { $0.type?.rawValue ?? "" }
        case .id: sorted(assets) { $0.id?.rawValue ?? .max }
        case .state: sorted(assets) { $0.stateOrder }
        }
    }

    private func sorted(_ assets: [Asset], by value: (Asset) -> some Comparable) -> [Asset] {
        let keyed = assets.enumerated().map { (value: value($1), place: $0, asset: $1) }
        return keyed.sorted { left, right in
            if left.value != right.value { return (left.value < right.value) != isDescending }
            return left.place < right.place
        }.map(\.asset)
    }
}

extension Asset {
    fileprivate var stateOrder: Int {
        switch (validity, registration) {
        case (.missing, _): 0
        case (.invalid, _): 1
        case (.valid, .unknown): 2
        case (.valid, .unregistered): 3
        case (.valid, .registered): isIncludedInBuild ? 5 : 4
        }
    }
}

extension Snapshot {
    /// A reference that means this asset alone, where a broken registry has left one; its root else.
    fileprivate func reference(to asset: Asset) -> AssetReference {
        let candidates = [asset.uuid.map { AssetReference.uuid($0) }, asset.id.map { .id($0) }]
        return candidates.lazy.compactMap { $0 }.first { (try? self.asset($0)) === asset } ?? .root(asset.root)
    }
}

/// Which assets a list shows. Every condition that is set must hold.
public struct AssetFilter: Equatable, Sendable {
    public var registration: Asset.Registration?
    public var validity: Asset.Validity?
    public var isIncludedInBuild: Bool?
    public var type: AssetType?
    /// A part of the root or the name, capitals ignored.
    public var text: String?

    public init(
        registration: Asset.Registration? = nil,
        validity: Asset.Validity? = nil,
        isIncludedInBuild: Bool? = nil,
        type: AssetType? = nil,
        text: String? = nil
    ) {
        self.registration = registration
        self.validity = validity
        self.isIncludedInBuild = isIncludedInBuild
        self.type = type
        self.text = text
    }

    public static let all = AssetFilter()

    public func matches(_ asset: Asset) -> Bool {
        if let registration, asset.registration != registration { return false }
        if let validity, asset.validity != validity { return false }
        if let isIncludedInBuild, asset.isIncludedInBuild != isIncludedInBuild { return false }
        if let type, asset.type != type { return false }
        if let text, !text.isEmpty {
            let wanted = text.lowercased()
            return asset.root.path.lowercased().contains(wanted) || asset.name.lowercased().contains(wanted)
        }
        return true
    }
}

/// Some rows of a list, in the order of their roots' bytes.
public struct AssetPage: Sendable {
    public var assets: [Asset]
    /// Where the next page starts; nil at the end. It stays good in later generations: rows that were added before
    /// it are not shown, rows that were removed are not missed.
    public var next: Cursor?

    public struct Cursor: Hashable, Sendable {
        let key: AssetKey
    }
}

extension Snapshot {
    /// One page of the list. O(log n) to find its start, then the rows it walks: with `.all` those that it returns.
    public func list(_ filter: AssetFilter = .all, after cursor: AssetPage.Cursor? = nil, limit: Int = 100) -> AssetPage
    {
        precondition(limit > 0, "a page has at least one row")
        // One more than the page shows: whether there is a next one.
        let wanted = limit == .max ? limit : limit + 1
        var rows: [Asset]
        if filter == .all {
            rows = table.assets(after: cursor?.key, limit: wanted)
        } else {
            rows = []
            table.forEach(after: cursor?.key) { asset in
                if filter.matches(asset) { rows.append(asset) }
                return rows.count < wanted
            }
        }
        let hasMore = rows.count > limit
        if hasMore { rows.removeLast() }
        return AssetPage(assets: rows, next: hasMore ? rows.last.map { AssetPage.Cursor(key: $0.key) } : nil)
    }

    /// Calls `body` with every asset in the order of the roots until it answers false. O(rows).
    public func forEachAsset(_ body: (Asset) -> Bool) { table.forEach(body) }

    /// Every diagnostic, the workspace's first. O(n).
    public var allDiagnostics: [Diagnostic] {
        var all = diagnostics
        table.forEach {
            all.append(contentsOf: $0.diagnostics)
            return true
        }
        return all
    }
}

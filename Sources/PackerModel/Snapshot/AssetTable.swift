/// All assets of one generation, found by root, id and uuid. A value: a changed copy shares all but the change.
package struct AssetTable: Sendable {
    private var byRoot = SortedTree<AssetKey, Asset>()
    private var byID = PagedArray<Asset>()
    private var byUUID = SortedTree<UUIDKey, Asset>()
    /// Only roots whose folded spelling differs from their own: most projects have few.
    private var byFolding = SortedTree<FoldingKey, AssetRoot>()
    /// Only ids that a broken registry gave to more than one asset.
    private var duplicateIDs: [AssetID: [Asset]] = [:]

    struct UUIDKey: Comparable, Sendable {
        var uuid: AssetUUID
        var key: AssetKey

        static func < (left: UUIDKey, right: UUIDKey) -> Bool {
            left.uuid != right.uuid ? left.uuid < right.uuid : left.key < right.key
        }
    }

    struct FoldingKey: Comparable, Sendable {
        var folded: AssetRoot
        var root: AssetRoot

        static func < (left: FoldingKey, right: FoldingKey) -> Bool {
            let order = compareBytes(left.folded.path, right.folded.path)
            return order != 0 ? order < 0 : left.root < right.root
        }
    }

    init() {}

    /// O(n log n).
    init(_ assets: [Asset]) {
        let ordered = assets.map { ($0.key, $0) }.sorted { $0.0 < $1.0 }
        byRoot = SortedTree(sorted: ordered)
        byUUID = SortedTree(
            sorted: ordered.compactMap { key, asset in asset.uuid.map { (UUIDKey(uuid: $0, key: key), asset) } }
                .sorted { $0.0 < $1.0 }
        )
        byFolding = SortedTree(
            sorted: Self.foldings(ordered.map(\.1.root)).map { ($0, $0.root) }.sorted { $0.0 < $1.0 }
        )
        byID = PagedArray(ordered.reversed().compactMap { key, asset in asset.id.map { ($0.rawValue, asset) } })
        for (_, asset) in ordered {
            if let id = asset.id, byID[id.rawValue] !== asset {
                duplicateIDs[id, default: [byID[id.rawValue]!]].append(asset)
            }
        }
    }

    private static func foldings(_ roots: [AssetRoot]) -> [FoldingKey] {
        var keys: [FoldingKey] = []
        for (index, root) in roots.enumerated() where index == 0 || roots[index - 1] != root {
            let folded = root.folded
            if folded != root { keys.append(FoldingKey(folded: folded, root: root)) }
        }
        return keys
    }

    var count: Int { byRoot.count }

    // MARK: Lookups

    subscript(id: AssetID) -> Asset? { byID[id.rawValue] }

    func assets(withID id: AssetID) -> [Asset] { duplicateIDs[id] ?? self[id].map { [$0] } ?? [] }

    package func assets(withUUID uuid: AssetUUID) -> [Asset] {
        var found: [Asset] = []
        byUUID.forEach(from: byUUID.rank(of: UUIDKey(uuid: uuid, key: AssetKey(root: AssetRoot(onDisk: ""), id: nil))))
        {
            guard $0.uuid == uuid else { return false }
            found.append($1)
            return true
        }
        return found
    }

    package func assets(at root: AssetRoot) -> [Asset] {
        var found: [Asset] = []
        byRoot.forEach(from: byRoot.rank(of: AssetKey(root: root, id: nil))) {
            guard $0.root == root else { return false }
            found.append($1)
            return true
        }
        return found
    }

    package func contains(root: AssetRoot) -> Bool { !assets(at: root).isEmpty }

    /// Every asset below a folder, the folder itself not counted.
    package func assets(below folder: AssetRoot) -> [Asset] {
        var found: [Asset] = []
        let prefix = folder.path + "/"
        byRoot.forEach(from: byRoot.rank(of: AssetKey(root: AssetRoot(onDisk: prefix), id: nil))) {
            guard $0.root.path.utf8.starts(with: prefix.utf8) else { return false }
            found.append($1)
            return true
        }
        return found
    }

    /// Roots other than `root` that are the same to a case-insensitive filesystem.
    func caseCollisions(with root: AssetRoot) -> [AssetRoot] {
        let folded = root.folded
        var found: [AssetRoot] = []
        if folded != root, contains(root: folded) { found.append(folded) }
        byFolding.forEach(
            from: byFolding.rank(of: FoldingKey(folded: folded, root: AssetRoot(onDisk: "")))
        ) {
            guard $0.folded == folded else { return false }
            if $1 != root { found.append($1) }
            return true
        }
        return found
    }

    /// The assets whose root is a folder above `root`.
    package func assets(above root: AssetRoot) -> [Asset] {
        root.ancestors.flatMap { assets(at: $0) }
    }

    func forEach(after key: AssetKey? = nil, _ body: (Asset) -> Bool) {
        guard let key else { return byRoot.forEach { body($1) } }
        byRoot.forEach(from: byRoot.rank(of: key)) { $0 == key ? true : body($1) }
    }

    func segment(_ index: Int) -> [RegistryEntry] { byID.page(index).compactMap(\.registryEntry) }

    // MARK: Changes

    mutating func insert(_ asset: Asset) {
        if let old = byRoot[asset.key] { remove(old) }
        byRoot.insert(asset, for: asset.key)
        if let uuid = asset.uuid { byUUID.insert(asset, for: UUIDKey(uuid: uuid, key: asset.key)) }
        for key in Self.foldings([asset.root]) { byFolding.insert(key.root, for: key) }
        if let id = asset.id {
            if let first = byID[id.rawValue] {
                duplicateIDs[id, default: [first]].append(asset)
            } else {
                byID[id.rawValue] = asset
            }
        }
    }

    mutating func remove(_ asset: Asset) {
        byRoot.remove(asset.key)
        if let uuid = asset.uuid { byUUID.remove(UUIDKey(uuid: uuid, key: asset.key)) }
        if !contains(root: asset.root) { for key in Self.foldings([asset.root]) { byFolding.remove(key) } }
        guard let id = asset.id else { return }
        let rest = assets(withID: id).filter { $0.key != asset.key }
        byID[id.rawValue] = rest.first
        duplicateIDs[id] = rest.count > 1 ? rest : nil
    }
}

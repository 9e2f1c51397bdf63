/// All assets of one generation, found by root, id and uuid. A value: a changed copy shares all but the change.
package struct AssetTable: Sendable {
    private var byRoot = SortedTree<AssetKey, Asset>()
    private var byID = PagedArray<Asset>()
    private var byUUID = SortedTree<UUIDKey, Asset>()
    /// Only roots whose folded spelling differs from their own: most projects have few.
    private var byFolding = SortedTree<FoldingKey, AssetRoot>()
    /// Only ids that a broken registry gave to more than one asset, all of these in the order of their keys.
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
        let ordered = AssetOrder.sorted(assets)
        byRoot = SortedTree(sorted: ordered.map { ($0.key, $0) })
        byUUID = SortedTree(sorted: AssetOrder.sortedByUUID(ordered).map { (UUIDKey(uuid: $0.uuid!, key: $0.key), $0) })
        byFolding = SortedTree(
            sorted: Self.foldings(ordered.map(\.root)).sorted(by: <).map { ($0, $0.root) }
        )
        byID = PagedArray(ordered.reversed().compactMap { asset in asset.id.map { ($0.rawValue, asset) } })
        for asset in ordered {
            if let id = asset.id, let first = byID[id.rawValue], first !== asset {
                duplicateIDs[id, default: [first]].append(asset)
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
        let start = UUIDKey(uuid: uuid, key: AssetKey(root: AssetRoot(onDisk: ""), id: nil))
        var found: [Asset] = []
        byUUID.forEach(from: byUUID.rank(of: start)) {
            guard $0.uuid == uuid else { return false }
            found.append($1)
            return true
        }
        return found
    }

    /// The assets that a uuid means: the registered ones where there are any.
    func identified(by uuid: AssetUUID) -> [Asset] {
        let all = assets(withUUID: uuid)
        let registered = all.filter { $0.registration == .registered }
        return registered.isEmpty ? all : registered
    }

    func first(withUUID uuid: AssetUUID) -> Asset? {
        let start = UUIDKey(uuid: uuid, key: AssetKey(root: AssetRoot(onDisk: ""), id: nil))
        guard let (key, asset) = byUUID.first(from: start), key.uuid == uuid else { return nil }
        return asset
    }

    func first(at root: AssetRoot) -> Asset? {
        guard let (key, asset) = byRoot.first(from: AssetKey(root: root, id: nil)), key.root == root else { return nil }
        return asset
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

    package func contains(root: AssetRoot) -> Bool { first(at: root) != nil }

    /// Every asset below a folder, the folder itself not counted.
    package func assets(below folder: AssetRoot) -> [Asset] {
        var found: [Asset] = []
        let prefix = folder.path + "/"
        byRoot.forEach(from: byRoot.rank(of: AssetKey(root: AssetRoot(onDisk: prefix), id: nil))) {
            guard $0.root.isBelow(folder) else { return false }
            found.append($1)
            return true
        }
        return found
    }

    /// Roots other than `root` that are the same to a case-insensitive filesystem.
    func caseCollisions(with root: AssetRoot) -> [AssetRoot] {
        let folded = root.folded
        var found: [AssetRoot] = []
        // What is its own folding is not in the tree of foldings.
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
        // What stands at the root of a row that is gone took its place: registering an asset gives it another key.
        let isGone = byRoot[key] == nil
        byRoot.forEach(from: byRoot.rank(of: key)) {
            $0 == key || isGone && $0.root == key.root ? true : body($1)
        }
    }

    /// The entries of a registry segment in the order of their ids, with every one that shares an id.
    func segment(_ index: Int) -> [RegistryEntry] {
        byID.page(index).flatMap { first in first.id.map(assets(withID:)) ?? [] }.compactMap(\.registryEntry)
    }

    // MARK: Changes

    mutating func insert(_ asset: Asset) {
        if let old = byRoot[asset.key] { remove(old) }
        byRoot.insert(asset, for: asset.key)
        if let uuid = asset.uuid { byUUID.insert(asset, for: UUIDKey(uuid: uuid, key: asset.key)) }
        for key in Self.foldings([asset.root]) { byFolding.insert(key.root, for: key) }
        if let id = asset.id { setAssets(assets(withID: id) + [asset], withID: id) }
    }

    mutating func remove(_ asset: Asset) {
        byRoot.remove(asset.key)
        if let uuid = asset.uuid { byUUID.remove(UUIDKey(uuid: uuid, key: asset.key)) }
        if !contains(root: asset.root) { for key in Self.foldings([asset.root]) { byFolding.remove(key) } }
        if let id = asset.id { setAssets(assets(withID: id).filter { $0.key != asset.key }, withID: id) }
    }

    private mutating func setAssets(_ assets: [Asset], withID id: AssetID) {
        let assets = assets.count > 1 ? assets.sorted { $0.key < $1.key } : assets
        byID[id.rawValue] = assets.first
        duplicateIDs[id] = assets.count > 1 ? assets : nil
    }
}

/// All assets of one generation, found by root, id and uuid. A value: a changed copy shares all but the change.
package struct AssetTable: Sendable {
    private var byRoot = SortedTree<AssetKey, Asset>()
    private var byID = PagedArray<Asset>()
    /// All assets again, by the hash of their root.
    private var byRootHash = HashIndex<Asset>()
    /// Those with a uuid, by the hash of that.
    private var byUUIDHash = HashIndex<Asset>()
    /// Only roots whose folded spelling differs from their own: most projects have few.
    private var byFolding = SortedTree<FoldingKey, AssetRoot>()
    /// Only ids that a broken registry gave to more than one asset, all of these in the order of their keys.
    private var duplicateIDs: [AssetID: [Asset]] = [:]

    struct FoldingKey: Comparable, Sendable {
        var folded: AssetRoot
        var root: AssetRoot

        init(folded: AssetRoot, root: AssetRoot) {
            self.folded = folded
            self.root = root
        }

        /// Nil for a root that is its own folding.
        init?(_ root: AssetRoot) {
            folded = root.folded
            self.root = root
            if folded == root { return nil }
        }

        static func < (left: FoldingKey, right: FoldingKey) -> Bool {
            let order = compareBytes(left.folded.path, right.folded.path)
            return order != 0 ? order < 0 : left.root < right.root
        }
    }

    init() {}

    /// O(n log n). What needs an order and what needs none are made as a pair.
    init(_ assets: [Asset], _ pairs: some PairRunner = InTurn()) {
        ((byRoot, byID, duplicateIDs), (byRootHash, byUUIDHash, byFolding)) = pairs.run {
            Self.ordered(AssetOrder.sorted(assets))
        } _: {
            (
                HashIndex(assets) { IndexHash.of($0.root) }, HashIndex(assets) { $0.uuid.map(IndexHash.of) },
                Self.foldings(assets)
            )
        }
    }

    private static func ordered(
        _ assets: [Asset]
    ) -> (SortedTree<AssetKey, Asset>, PagedArray<Asset>, [AssetID: [Asset]]) {
        let byID = PagedArray(assets.reversed().compactMap { asset in asset.id.map { ($0.rawValue, asset) } })
        var duplicates: [AssetID: [Asset]] = [:]
        for asset in assets {
            if let id = asset.id, let first = byID[id.rawValue], first !== asset {
                duplicates[id, default: [first]].append(asset)
            }
        }
        return (SortedTree(sorted: assets.map { ($0.key, $0) }), byID, duplicates)
    }

    private static func foldings(_ assets: [Asset]) -> SortedTree<FoldingKey, AssetRoot> {
        var keys: [FoldingKey] = []
        for key in assets.compactMap({ FoldingKey($0.root) }).sorted() {
            // A broken registry names a root twice.
            if let last = keys.last, !(last < key) { continue }
            keys.append(key)
        }
        return SortedTree(sorted: keys.map { ($0, $0.root) })
    }

    var count: Int { byRoot.count }

    // MARK: Lookups

    subscript(id: AssetID) -> Asset? { byID[id.rawValue] }

    func assets(withID id: AssetID) -> [Asset] { duplicateIDs[id] ?? self[id].map { [$0] } ?? [] }

    package func assets(withUUID uuid: AssetUUID) -> [Asset] {
        var found: [Asset] = []
        byUUIDHash.forEach(IndexHash.of(uuid)) { if $0.uuid == uuid { found.append($0) } }
        return found.count > 1 ? found.sorted { $0.key < $1.key } : found
    }

    /// The assets that a uuid means: the registered ones where there are any.
    func identified(by uuid: AssetUUID) -> [Asset] {
        let all = assets(withUUID: uuid)
        let registered = all.filter { $0.registration == .registered }
        return registered.isEmpty ? all : registered
    }

    func first(withUUID uuid: AssetUUID) -> Asset? {
        var first: Asset?
        byUUIDHash.forEach(IndexHash.of(uuid)) { if $0.uuid == uuid { first = Self.earlier($0, first) } }
        return first
    }

    func first(at root: AssetRoot) -> Asset? {
        var first: Asset?
        byRootHash.forEach(IndexHash.of(root)) { if $0.root == root { first = Self.earlier($0, first) } }
        return first
    }

    private static func earlier(_ asset: Asset, _ other: Asset?) -> Asset {
        guard let other else { return asset }
        return asset.key < other.key ? asset : other
    }

    package func assets(at root: AssetRoot) -> [Asset] {
        var found: [Asset] = []
        byRootHash.forEach(IndexHash.of(root)) { if $0.root == root { found.append($0) } }
        return found.count > 1 ? found.sorted { $0.key < $1.key } : found
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

    /// The number of the first row behind a key. What stands at the root of a row that is gone took its place:
    /// registering an asset gives it another key.
    private func row(after key: AssetKey?) -> Int {
        guard let key else { return 0 }
        var row = byRoot.rank(of: key)
        guard let asset = byRoot.value(at: row) else { return row }
        if asset.key == key { return row + 1 }
        while let asset = byRoot.value(at: row), asset.root == key.root { row += 1 }
        return row
    }

    func forEach(after key: AssetKey? = nil, _ body: (Asset) -> Bool) {
        byRoot.forEachValue(from: row(after: key), body)
    }

    func assets(after key: AssetKey?, limit: Int) -> [Asset] { byRoot.values(from: row(after: key), limit: limit) }

    /// The entries of a registry segment in the order of their ids, with every one that shares an id.
    func segment(_ index: Int) -> [RegistryEntry] {
        byID.page(index).flatMap { first in first.id.map(assets(withID:)) ?? [] }.compactMap(\.registryEntry)
    }

    // MARK: Changes

    /// In the place of the asset with the same key, if there is one.
    mutating func insert(_ asset: Asset) {
        if let old = byRoot[asset.key] {
            if old.uuid == asset.uuid { return replace(asset) }
            remove(old)
        }
        byRoot.insert(asset, for: asset.key)
        byRootHash.insert(asset, IndexHash.of(asset.root))
        if let uuid = asset.uuid { byUUIDHash.insert(asset, IndexHash.of(uuid)) }
        if let key = FoldingKey(asset.root) { byFolding.insert(key.root, for: key) }
        if let id = asset.id { setAssets(assets(withID: id) + [asset], withID: id) }
    }

    /// The one with the same key and uuid: every index keeps its order.
    private mutating func replace(_ asset: Asset) {
        let key = asset.key
        byRoot.insert(asset, for: key)
        byRootHash.replace(asset, IndexHash.of(asset.root)) { $0.key == key }
        if let uuid = asset.uuid { byUUIDHash.replace(asset, IndexHash.of(uuid)) { $0.key == key } }
        if let id = asset.id { setAssets(assets(withID: id).map { $0.key == key ? asset : $0 }, withID: id) }
    }

    mutating func remove(_ asset: Asset) {
        let key = asset.key
        byRoot.remove(key)
        byRootHash.remove(IndexHash.of(asset.root)) { $0.key == key }
        if let uuid = asset.uuid { byUUIDHash.remove(IndexHash.of(uuid)) { $0.key == key } }
        if !contains(root: asset.root), let key = FoldingKey(asset.root) { byFolding.remove(key) }
        if let id = asset.id { setAssets(assets(withID: id).filter { $0.key != asset.key }, withID: id) }
    }

    private mutating func setAssets(_ assets: [Asset], withID id: AssetID) {
        let assets = assets.count > 1 ? assets.sorted { $0.key < $1.key } : assets
        byID[id.rawValue] = assets.first
        duplicateIDs[id] = assets.count > 1 ? assets : nil
    }
}

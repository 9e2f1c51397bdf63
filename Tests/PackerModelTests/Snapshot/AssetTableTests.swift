import Testing

@testable import PackerModel

@Suite("AssetTable")
struct AssetTableTests {
    private static let paths = [
        "a", "A", "a/b", "a/b/c", "a-b", "a/B", "b", "ß", "ẞ", "SS", "ss", "é", "e\u{301}", "É", "x/y", "X/y", "x",
        "z/\u{301}q", "z",
    ]

    /// Assets whose roots, ids and uuids repeat as in a broken registry.
    private static func pool(_ generator: inout SeededGenerator) -> [Asset] {
        var pool: [AssetKey: Asset] = [:]
        for _ in 0..<generator.number(1..<60) {
            let path = paths.randomElement(using: &generator)!
            let isRegistered = !generator.oneIn(4)
            let uuid = Sample.uuid(UInt64(generator.number(0..<20)))
            let asset = Asset(
                entry: isRegistered ? Sample.entry(UInt32(generator.number(1..<300)), path, uuid: uuid) : nil,
                copy: isRegistered ? UInt32(generator.number(0..<2)) : 0,
                found: isRegistered && generator.oneIn(2) ? nil : Sample.scanned(path, uuid), bareFolder: nil,
                neighbours: AssetNeighbours(), isRegistryHealthy: true
            )
            pool[asset.key] = asset
        }
        return pool.values.sorted { $0.key < $1.key }
    }

    private static func all(_ table: AssetTable) -> [AssetKey] {
        var keys: [AssetKey] = []
        table.forEach {
            keys.append($0.key)
            return true
        }
        return keys
    }

    /// Compares every lookup with a search through all assets.
    private static func expect(_ table: AssetTable, holds assets: [Asset], seed: UInt64) {
        let sorted = assets.sorted { $0.key < $1.key }
        #expect(all(table) == sorted.map(\.key), "seed \(seed)")
        #expect(table.count == assets.count, "seed \(seed)")
        func keys(_ isWanted: (Asset) -> Bool) -> [AssetKey] { sorted.filter(isWanted).map(\.key) }
        for number in UInt32(1)..<300 {
            let id = Sample.id(number)
            let expected = keys { $0.id == id }
            #expect(table.assets(withID: id).map(\.key) == expected, "seed \(seed), id \(id)")
            #expect(table[id]?.key == expected.first, "seed \(seed), id \(id)")
        }
        for segment in 0..<3 {
            let expected = sorted.compactMap(\.registryEntry)
                .filter { RegistrySegment.index(of: $0.id.rawValue) == segment }.sorted { $0.id < $1.id }
            #expect(table.segment(segment) == expected, "seed \(seed), segment \(segment)")
        }
        for number in UInt64(0)..<20 {
            let uuid = Sample.uuid(number)
            #expect(table.assets(withUUID: uuid).map(\.key) == keys { $0.uuid == uuid }, "seed \(seed), \(uuid)")
            #expect(table.first(withUUID: uuid)?.key == keys { $0.uuid == uuid }.first, "seed \(seed), \(uuid)")
        }
        for path in paths {
            let root = Sample.root(path)
            #expect(table.assets(at: root).map(\.key) == keys { $0.root == root }, "seed \(seed), \(path)")
            #expect(table.first(at: root)?.key == keys { $0.root == root }.first, "seed \(seed), \(path)")
            #expect(table.contains(root: root) == !keys { $0.root == root }.isEmpty, "seed \(seed), \(path)")
            let prefix = Array((path + "/").utf8)
            let below = keys { Array($0.root.path.utf8).starts(with: prefix) }
            #expect(table.assets(below: root).map(\.key) == below, "seed \(seed), \(path)")
            let above = keys { Array(path.utf8).starts(with: Array(($0.root.path + "/").utf8)) }
            #expect(Set(table.assets(above: root).map(\.key)) == Set(above), "seed \(seed), \(path)")
            let collisions = Set(sorted.map(\.root).filter { $0 != root && $0.folded == root.folded })
            #expect(Set(table.caseCollisions(with: root)) == collisions, "seed \(seed), \(path)")
            #expect(table.caseCollisions(with: root).count == collisions.count, "seed \(seed), \(path)")
        }
    }

    @Test("inserted and removed in any order it equals one built from scratch", arguments: UInt64(1)...30)
    func anyOrder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pool = Self.pool(&generator)
        let wanted = pool.filter { _ in generator.oneIn(2) }
        Self.expect(AssetTable(pool.shuffled(using: &generator)), holds: pool, seed: seed)
        var table = generator.oneIn(2) ? AssetTable(pool) : AssetTable()
        for asset in pool.shuffled(using: &generator) { table.insert(asset) }
        Self.expect(table, holds: pool, seed: seed)
        let before = table
        let keys = Set(wanted.map(\.key))
        for asset in pool.shuffled(using: &generator) where !keys.contains(asset.key) { table.remove(asset) }
        Self.expect(table, holds: wanted, seed: seed)
        Self.expect(before, holds: pool, seed: seed)
    }

    @Test("neighbours found in the table are those that the assembly finds", arguments: UInt64(1)...30)
    func neighboursAgree(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let snapshot = Sample.snapshot(RandomWorkspace.scan(&generator))
        snapshot.forEachAsset { asset in
            let again = asset.beside(
                snapshot.table.neighbours(of: asset), isRegistryHealthy: snapshot.registry.isHealthy)
            #expect(again.members == asset.members, "seed \(seed)")
            return true
        }
    }

    @Test("whoever has other neighbours once an asset is gone, or back, is related to it", arguments: UInt64(1)...60)
    func relatedIsComplete(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let whole = Sample.snapshot(RandomWorkspace.scan(&generator)).table
        var assets: [Asset] = []
        whole.forEach {
            assets.append($0)
            return true
        }
        for gone in assets {
            var rest = whole
            rest.remove(gone)
            let relatedWithout = Set(rest.related(to: gone).map(\.key))
            let relatedWith = Set(whole.related(to: gone).map(\.key))
            #expect(relatedWith.contains(gone.key))
            for asset in assets where asset.key != gone.key {
                if rest.neighbours(of: asset) == whole.neighbours(of: asset) { continue }
                #expect(relatedWithout.contains(asset.key), "seed \(seed): \(asset.root) without \(gone.root)")
                #expect(relatedWith.contains(asset.key), "seed \(seed): \(asset.root) with \(gone.root)")
            }
        }
    }
}

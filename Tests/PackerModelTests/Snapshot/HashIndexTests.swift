import Testing

@testable import PackerModel

@Suite("HashIndex")
struct HashIndexTests {
    private final class Item: Sendable {
        let number: Int
        init(_ number: Int) { self.number = number }
    }

    private static func found(_ index: HashIndex<Item>, _ hash: UInt64) -> [Int] {
        var numbers: [Int] = []
        index.forEach(hash) { numbers.append($0.number) }
        return numbers.sorted()
    }

    @Test("it agrees with lists by hash, and versions that were kept stay as they were", arguments: UInt64(1)...6)
    func agreesWithLists(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        // Few hashes, with the same pages and the same tags among them.
        let hashes = (0..<200).map { _ in
            UInt64(generator.number(0..<3)) << 32 | generator.next() << 50 | UInt64(generator.number(0..<40))
        }
        var model: [UInt64: [Int]] = [:]
        var items: [Item] = []
        for number in 0..<generator.number(0..<500) {
            items.append(Item(number))
            if number % 5 != 0 { model[hashes[number % 200], default: []].append(number) }
        }
        var index = HashIndex(items) { $0.number % 5 == 0 ? nil : hashes[$0.number % 200] }
        var kept = [(index, model)]
        for number in 1_000..<4_000 {
            let hash = hashes.randomElement(using: &generator)!
            if generator.oneIn(2) {
                index.insert(Item(number), hash)
                model[hash, default: []].append(number)
            } else if let gone = model[hash]?.randomElement(using: &generator) {
                index.remove(hash) { $0.number == gone }
                model[hash]!.removeAll { $0 == gone }
            } else {
                index.remove(hash) { $0.number == -1 }
            }
            if number % 500 == 0 { kept.append((index, model)) }
        }
        for (index, model) in kept {
            for hash in hashes {
                // A page and a tag that two hashes share show what belongs to both.
                let expected = model.filter {
                    UInt32(truncatingIfNeeded: $0.key) == UInt32(truncatingIfNeeded: hash)
                        && $0.key >> 32 & 1023 == hash >> 32 & 1023
                }
                #expect(Self.found(index, hash) == expected.values.flatMap { $0 }.sorted(), "seed \(seed)")
            }
        }
    }

    @Test("roots that differ in one byte, and uuids that differ in one bit, have other hashes")
    func hashesDiffer() {
        let roots = (0..<200).map { String(repeating: "a", count: $0) } + ["b", "aaaaaaab", "baaaaaaa", "aaaaaaaab"]
        #expect(Set(roots.map { IndexHash.of(Sample.root($0)) }).count == roots.count)
        let bits = (0..<64).map { UInt64(1) << UInt64($0) }
        let uuids = bits.map { AssetUUID(halves: ($0, 0)) } + bits.map { AssetUUID(halves: (0, $0)) }
        #expect(Set(uuids.map(IndexHash.of)).count == 128)
        #expect(Set(uuids.map { UInt32(truncatingIfNeeded: IndexHash.of($0)) }).count > 120)
    }
}

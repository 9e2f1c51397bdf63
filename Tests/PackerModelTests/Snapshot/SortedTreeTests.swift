import Testing

@testable import PackerModel

@Suite("SortedTree")
struct SortedTreeTests {
    private func pairs(_ tree: SortedTree<Int, Int>, from row: Int = 0) -> [[Int]] {
        var found: [[Int]] = []
        tree.forEach(from: row) {
            found.append([$0, $1])
            return true
        }
        return found
    }

    private func expect(_ tree: SortedTree<Int, Int>, equals model: [Int: Int], _ generator: inout SeededGenerator) {
        let sorted = model.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
        #expect(tree.count == model.count)
        #expect(pairs(tree) == sorted)
        let row = generator.number(0..<(model.count + 3))
        #expect(pairs(tree, from: row) == Array(sorted.dropFirst(row)))
        for _ in 0..<20 {
            let key = generator.number(-5..<2_100)
            #expect(tree[key] == model[key])
            #expect(tree.rank(of: key) == sorted.count { $0[0] < key })
        }
    }

    @Test("it agrees with a dictionary through long random insertions and removals", arguments: UInt64(1)...8)
    func agreesWithADictionary(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var model: [Int: Int] = [:]
        var tree = SortedTree<Int, Int>()
        if seed % 2 == 0 {
            model = Dictionary(uniqueKeysWithValues: (0..<1_000).map { ($0 * 2, $0) })
            tree = SortedTree(sorted: model.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        }
        for step in 0..<6_000 {
            // Long phases of growing and of shrinking, down to nothing.
            let isGrowing = step / 1_500 % 2 == 0
            let key = seed % 3 == 0 ? (isGrowing ? step : step - 1_500) % 2_000 : generator.number(0..<2_000)
            if generator.oneIn(4) != isGrowing {
                tree.insert(step, for: key)
                model[key] = step
            } else {
                tree.remove(key)
                model[key] = nil
            }
            if step % 250 == 0 { expect(tree, equals: model, &generator) }
        }
        expect(tree, equals: model, &generator)
        for key in model.keys.sorted() { tree.remove(key) }
        expect(tree, equals: [:], &generator)
    }

    @Test("a version that was kept stays as it was", arguments: UInt64(1)...4)
    func oldVersionsStay(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var tree = SortedTree(sorted: (0..<500).map { ($0, $0) })
        var model = Dictionary(uniqueKeysWithValues: (0..<500).map { ($0, $0) })
        var kept: [(SortedTree<Int, Int>, [Int: Int])] = []
        for step in 0..<2_000 {
            if step % 100 == 0 { kept.append((tree, model)) }
            let key = generator.number(0..<1_000)
            if generator.oneIn(2) {
                tree.insert(-step, for: key)
                model[key] = -step
            } else {
                tree.remove(key)
                model[key] = nil
            }
        }
        for (tree, model) in kept { expect(tree, equals: model, &generator) }
    }

    @Test(
        "a tree built from sorted pairs holds exactly these",
        arguments: [0, 1, 47, 48, 49, 64, 65, 3_072, 3_073, 10_000])
    func builtFromSorted(count: Int) {
        let tree = SortedTree(sorted: (0..<count).map { ($0, -$0) })
        #expect(tree.count == count)
        #expect(pairs(tree) == (0..<count).map { [$0, -$0] })
        #expect((0..<count).allSatisfy { tree[$0] == -$0 && tree.rank(of: $0) == $0 })
    }

    @Test("a walk ends where the body says so")
    func walkEnds() {
        let tree = SortedTree(sorted: (0..<1_000).map { ($0, $0) })
        var seen: [Int] = []
        tree.forEach(from: 100) { key, _ in
            seen.append(key)
            return seen.count < 3
        }
        #expect(seen == [100, 101, 102])
    }
}

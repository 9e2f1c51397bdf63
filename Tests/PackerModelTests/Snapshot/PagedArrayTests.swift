import Testing

@testable import PackerModel

@Suite("PagedArray")
struct PagedArrayTests {
    private static let edges: [UInt32] = [0, 1, 127, 128, 16_383, 16_384, AssetID.largest]

    @Test("it agrees with a dictionary, and versions that were kept stay as they were", arguments: UInt64(1)...6)
    func agreesWithADictionary(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var model: [UInt32: Int] = [:]
        for number in Self.edges where generator.oneIn(2) { model[number] = -1 }
        for _ in 0..<generator.number(0..<400) { model[UInt32(generator.number(0..<40_000))] = 5 }
        var array = PagedArray(model.map { ($0.key, $0.value) })
        var kept: [(PagedArray<Int>, [UInt32: Int])] = []
        for step in 0..<3_000 {
            if step % 300 == 0 { kept.append((array, model)) }
            let number =
                generator.oneIn(10)
                ? Self.edges.randomElement(using: &generator)! : UInt32(generator.number(0..<40_000))
            let value = generator.oneIn(3) ? nil : step
            array[number] = value
            model[number] = value
        }
        kept.append((array, model))
        for (array, model) in kept {
            for number in Array(model.keys) + Self.edges + (0..<2_000).map({ UInt32($0 * 21) }) {
                #expect(array[number] == model[number], "seed \(seed), number \(number)")
            }
            for page in [0, 1, 7, 128, 312] {
                let expected = model.filter { Int($0.key) / 128 == page }.sorted { $0.key < $1.key }.map(\.value)
                #expect(array.page(page) == expected, "seed \(seed), page \(page)")
            }
        }
    }

    @Test("of pairs with one number the later wins")
    func laterWins() {
        #expect(PagedArray([(3, "a"), (3, "b")])[3] == "b")
    }

    @Test("an empty one has nothing anywhere")
    func empty() {
        var array = PagedArray<Int>()
        array[5_000_000] = nil
        #expect(Self.edges.allSatisfy { array[$0] == nil })
        #expect(array.page(0).isEmpty && array.page(1_000_000).isEmpty)
    }
}

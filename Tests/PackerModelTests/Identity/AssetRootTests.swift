import Foundation
import Testing

@testable import PackerModel

@Suite("AssetRoot")
struct AssetRootTests {
    @Test("two spellings of one name are two roots, in comparisons, sets and the order")
    func equalByBytes() {
        let composed = Sample.root("\u{e9}")
        let decomposed = Sample.root("e\u{301}")
        #expect(composed.path == decomposed.path, "to a String they are equal")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
        #expect(Set([composed, Sample.root("\u{e9}")]).count == 1)
    }

    @Test("the order is that of the bytes", arguments: UInt64(1)...20)
    func orderOfBytes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func text(_ generator: inout SeededGenerator) -> String {
            String(
                (0..<generator.number(0..<24)).map { _ in
                    ["a", "b", "/", "-", "é", "😀"].randomElement(using: &generator)!
                })
        }
        for _ in 0..<300 {
            let (left, right) = (text(&generator), text(&generator))
            let (one, other) = (Sample.root(left), Sample.root(right))
            #expect((one < other) == left.utf8.lexicographicallyPrecedes(right.utf8), "seed \(seed): \(left) \(right)")
            #expect((one == other) == left.utf8.elementsEqual(right.utf8), "seed \(seed): \(left) \(right)")
            if one == other { #expect(one.hashValue == other.hashValue) }
        }
    }

    @Test(
        "folding makes one of what a case-insensitive filesystem merges",
        arguments: [
            ["a", "A"], ["é", "e\u{301}", "É", "E\u{301}"], ["ß", "ẞ", "SS", "ss", "sS"], ["σ", "ς", "Σ"],
            ["\u{3b1}\u{345}\u{301}", "\u{3b1}\u{301}\u{345}", "ᾴ"], ["x/y", "X/Y"],
        ])
    func folding(names: [String]) {
        #expect(Set(names.map { Sample.root($0).folded }).count == 1)
    }

    @Test("different names fold differently", arguments: [["a", "b"], ["a/b", "a-b"], ["e", "é"], ["i", "ı"]])
    func foldingKeepsApart(names: [String]) {
        // The dotless i has the capital of the i: systems that fold by capitals merge them.
        let expected = names == ["i", "ı"] ? 1 : names.count
        #expect(Set(names.map { Sample.root($0).folded }).count == expected)
    }

    @Test("folding what is folded changes nothing, for every character")
    func foldingIsIdempotent() {
        var failures: [String] = []
        for value in UInt32(0)...0x2ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let root = Sample.root(String(Character(scalar)))
            let folded = root.folded
            if folded.folded != folded { failures.append(String(value, radix: 16)) }
            let decomposed = Sample.root(root.path.decomposedStringWithCanonicalMapping)
            if decomposed.folded != folded { failures.append("decomposed " + String(value, radix: 16)) }
        }
        #expect(failures.isEmpty)
    }

    @Test("folders above a root, the last component, and what is below, by bytes")
    func parts() {
        #expect(Sample.root("a/b/c").ancestors == [Sample.root("a"), Sample.root("a/b")])
        #expect(Sample.root("a").ancestors.isEmpty)
        #expect(Sample.root("a\u{600}/\u{301}b").ancestors == [Sample.root("a\u{600}")])
        #expect(Array(Sample.root("a/\u{301}b").lastComponent.utf8) == Array("\u{301}b".utf8))
        #expect(Sample.root("ab").lastComponent == "ab")
        #expect(Sample.root("a/b").isBelow(Sample.root("a")))
        #expect(Sample.root("a\u{600}/b").isBelow(Sample.root("a\u{600}")))
        #expect(!Sample.root("a").isBelow(Sample.root("a")))
        #expect(!Sample.root("ab/c").isBelow(Sample.root("a")))
        #expect(!Sample.root("e\u{301}/x").isBelow(Sample.root("\u{e9}")))
    }

    @Test("it goes through JSON as its path")
    func codable() throws {
        let root = Sample.root("e\u{301}/x")
        let data = try JSONEncoder().encode([root])
        #expect(try JSONDecoder().decode([AssetRoot].self, from: data) == [root])
    }
}

import Foundation
import PackerTestSupport

/// Lines for `apply`, and what a plain model says comes of each.
struct MutationScript {
    struct Expected {
        var line: Int
        /// Nil for what is no mutation.
        var name: String?
        var outcome: WorkspaceModel.Outcome
        var changes: [Change]
    }

    private(set) var lines: [[UInt8]] = []
    private(set) var expected: [Expected] = []
    private(set) var model: WorkspaceModel
    private(set) var committed: [String: Int] = [:]
    private(set) var refused: [String: Int] = [:]

    /// Declarations that nobody registered, of which some are copies of each other.
    static let strays = (0..<24).map { "stray/s\($0)" } + (0..<12).flatMap { ["copy\($0)/a", "copy\($0)/b"] }

    static func identity(_ index: Int) -> Int { index < 24 ? index : 100 + index / 2 }

    /// - Parameter foreign: roots whose declarations somebody else writes before the first line.
    init(seed: UInt64, count: Int, foreign: [String] = []) {
        model = WorkspaceModel(
            unregistered: Dictionary(
                uniqueKeysWithValues: Self.strays.enumerated().map { index, root in
                    (root, WorkspaceModel.Entry(identity: Self.identity(index), name: "Stray", input: "there.png"))
                }))
        for root in foreign { model.noteForeign(root) }
        var dice = Dice(seed: seed)
        while lines.count < count {
            if dice.oneIn(40) {
                lines.append(Self.blank.randomElement(using: &dice)!)
            } else if dice.oneIn(40) {
                lines.append(Self.invalid.randomElement(using: &dice)!)
                note(nil, .refused(["mutation.invalid"]), [])
            } else {
                let changes = (0..<(dice.oneIn(5) ? dice.number(2...4) : 1)).map { _ in change(&dice) }
                lines.append(Change.line(changes))
                note(changes.count == 1 ? changes[0].verb : "transaction", model.carryOut(changes), changes)
            }
        }
    }

    private mutating func note(_ name: String?, _ outcome: WorkspaceModel.Outcome, _ changes: [Change]) {
        expected.append(Expected(line: lines.count, name: name, outcome: outcome, changes: changes))
        switch outcome {
        case .committed: committed[name ?? "", default: 0] += 1
        case .refused(let codes): for code in codes { refused[code, default: 0] += 1 }
        }
    }

    static let blank = ["", " ", "\t \r"].map { Array($0.utf8) }

    static let invalid: [[UInt8]] =
        [
            "{", "{\"do\":\"include\"}", "{\"do\":\"explode\",\"asset\":1}",
            "{\"do\":\"include\",\"asset\":1,\"to\":\"x\"}",
            "[{\"do\":\"emptyTrash\"},{\"do\":\"include\",\"asset\":-1}]", "[]", "[[]]", "7", "\"text\"",
            "{\"do\":\"emptyTrash\"} {\"do\":\"emptyTrash\"}", "{\"do\":\"emptyTrash\",}",
            "{\"do\":\"emptyTrash\",\"do\":\"emptyTrash\"}", "{\"do\":\"update\",\"asset\":1,\"set\":{\"uuid\":\"x\"}}",
        ].map { Array($0.utf8) } + [Array("{\"do\":\"".utf8) + [0xff] + Array("\"}".utf8), [0]]

    // MARK: Chance

    private func root(_ dice: inout Dice) -> String {
        if dice.oneIn(60) { return ["con", ".hid"].randomElement(using: &dice)! }
        let first = dice.oneIn(12) ? "P\(dice.number(0...29))" : "p\(dice.number(0...29))"
        switch dice.number(0...3) {
        case 0: return first
        case 1: return first + "/q\(dice.number(0...9))"
        default: return first + "/q\(dice.number(0...5))/r\(dice.number(0...5))"
        }
    }

    private func change(_ dice: inout Dice) -> Change {
        if dice.oneIn(4) {
            return .create(
                root: root(&dice), name: dice.oneIn(50) ? "" : "N\(dice.number(0...9))",
                input: dice.oneIn(30) ? "gone.png" : nil, isIncluded: dice.oneIn(2))
        }
        if dice.oneIn(9) {
            let item = model.trash.randomElement(using: &dice)
            let id = item.flatMap { $0.assets.values.compactMap(\.id).sorted().first }
            let named: Change.Reference =
                dice.oneIn(2) ? .root(item?.root ?? root(&dice)) : .id(id ?? dice.number(1...model.nextID))
            return .restore(named, to: dice.oneIn(2) ? nil : root(&dice))
        }
        if dice.oneIn(80) { return .emptyTrash }
        if dice.oneIn(60) {
            return .reidentify(.root(model.roots.first(where: model.isCopied) ?? model.roots.first ?? "none"))
        }
        guard let chosen = model.roots.randomElement(using: &dice), !model.isCopied(chosen) else { return .emptyTrash }
        let id = model.assets[chosen]!.id
        var reference: Change.Reference = dice.oneIn(2) ? id.map { .id($0) } ?? .root(chosen) : .root(chosen)
        if dice.oneIn(25) { reference = dice.oneIn(2) ? .root(root(&dice)) : .id(dice.number(1...(model.nextID + 3))) }
        let folder = chosen.split(separator: "/").dropLast().joined(separator: "/")
        // A folder of copies is no place to move anything from.
        let several: Change.Reference = folder.isEmpty || folder.hasPrefix("copy") ? reference : .root(folder)
        if id == nil && dice.oneIn(2) { return .register(reference, isIncluded: dice.oneIn(2)) }
        switch dice.number(0...16) {
        case 0...4: return .relocate(dice.oneIn(5) ? several : reference, to: root(&dice))
        case 5, 6: return .include(reference, true)
        case 7, 8: return .include(reference, false)
        case 9...12: return .update(reference, edit(&dice))
        case 13: return .unregister(reference)
        case 14: return .register(reference, isIncluded: dice.oneIn(2))
        default: return .delete(dice.oneIn(3) ? several : reference)
        }
    }

    private func edit(_ dice: inout Dice) -> Change.Edit {
        switch dice.number(0...40) {
        case 0: .brokenMetadata
        case 1: .name("")
        case 2: .input("gone.png")
        case 3...12: .name("N\(dice.number(0...9))")
        case 13...26: .codec(dice.oneIn(2) ? "LZ4" : "NONE")
        default: .preloads(dice.oneIn(2))
        }
    }
}

/// SplitMix64: the same numbers for the same seed, on every machine.
struct Dice: RandomNumberGenerator {
    private var generator: SplitMix

    init(seed: UInt64) { generator = SplitMix(state: seed) }

    mutating func next() -> UInt64 { generator.next() }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True once in `count` times.
    mutating func oneIn(_ count: Int) -> Bool { number(1...count) == 1 }
}

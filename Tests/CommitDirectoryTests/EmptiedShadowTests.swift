import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("A shadow folder that somebody empties under a commit")
struct EmptiedShadowTests {
    private typealias Tree = [BytePath: String?]

    /// Replacements first, last and in between: what they displaced is gone with the slots.
    struct Shape: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var steps: @Sendable (Bench) -> [CommitStep]

        static let all = [
            Shape(
                testDescription: "new things, then a replacement",
                steps: { [.makeFolder("d"), .create("d/x", "x"), .create("new", "n"), .replace("base", "b", in: $0)] }),
            Shape(
                testDescription: "replacements first",
                steps: { [.replace("base", "b", in: $0), .replace("other", "o", in: $0), .create("new", "n")] }),
            Shape(
                testDescription: "a move among replacements",
                steps: {
                    [
                        .moveFolder(from: "folder", to: "to", inode: Workload.inode("folder", $0)),
                        .replace("base", "b", in: $0), .create("to/new", "n"), .replace("other", "o", in: $0),
                    ]
                }),
        ]
    }

    private static func after(_ shape: Shape) throws -> Tree {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let (directory, _) = try bench.open()
        _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: shape.steps(bench)))
        return bench.everything()
    }

    @Test(
        "a group stands, is taken back, or is completed by the next opening, and is never torn",
        arguments: Shape.all, ["slots", "folder"])
    func whole(shape: Shape, how: String) throws {
        let start = try ModelDisk.prepared()
        let before = Bench(disk: start, tree: start.top).everything()
        let after = try Self.after(shape)
        var (call, last) = (0, Int.max)
        var outcomes: [String: Int] = [:]
        while call < last {
            call += 1
            let model = ModelDisk(start.state)
            let bench = Bench(disk: model, tree: model.top)
            try bench.open(seed: 1).directory.close()
            let steps = shape.steps(bench)
            let calls = Guarded(Calls())
            let disk = Self.disk(model, bench, how, before: call, calls)
            let what = "\(how) before call \(call)"
            var outcome = "committed"
            do {
                let (directory, _) = try bench.open(through: disk, seed: 2)
                calls.withLock { $0.isOn = true }
                defer { calls.withLock { $0.isOn = false } }
                do throws(CommitFailure) {
                    _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: steps))
                    #expect(bench.everything() == after, "\(what), \(outcome)")
                } catch {
                    switch error {
                    case .unknown: outcome = "unknown"
                    case .broken: outcome = "broken"
                    default:
                        outcome = "refused"
                        #expect(bench.everything() == before, "\(what), \(error)")
                    }
                }
                #expect((directory.brokenReason != nil) == (outcome == "unknown" || outcome == "broken"), "\(what)")
            }
            last = calls.withLock { $0.count }
            outcomes[outcome, default: 0] += 1
            let (again, _) = try bench.open()
            let seen = bench.everything()
            #expect(seen == before || seen == after, "\(what), \(outcome), opened again: \(seen)")
            #expect(outcome != "unknown" || seen == after, "\(what), \(outcome), opened again: \(seen)")
            try again.commit(2, .create("later", "later"))
            try again.close()
        }
        print("\(shape.testDescription), \(how): \(outcomes)")
        #expect(outcomes["broken"] == nil)
    }

    @Test(
        "checkpoints and the close go on, whatever call of theirs it is emptied before", arguments: ["slots", "folder"])
    func checkpoints(how: String) throws {
        let start = try ModelDisk.prepared()
        var (call, last) = (0, Int.max)
        while call < last {
            call += 1
            let model = ModelDisk(start.state)
            let bench = Bench(disk: model, tree: model.top)
            let calls = Guarded(Calls())
            let disk = Self.disk(model, bench, how, before: call, calls)
            let (directory, _) = try bench.open(through: disk, seed: 2)
            func counted(_ body: () throws -> [KeptFile]) throws {
                calls.withLock { $0.isOn = true }
                defer { calls.withLock { $0.isOn = false } }
                #expect(try body().isEmpty, "\(how) before call \(call)")
            }
            // The third writes over what the first displaced.
            for number in 1...3 {
                try directory.commit(UInt64(number), .replace("base", "text \(number)", in: bench))
                try counted { try directory.checkpoint() }
            }
            try counted { try directory.close() }
            last = calls.withLock { $0.count }
            let (again, recovery) = try bench.open()
            #expect(recovery.isEmpty && bench.read("base") == "text 3", "\(how) before call \(call)")
            try again.close()
        }
        #expect(last > 20)
    }

    /// Those that a test wants to hit.
    private struct Calls {
        var count = 0
        var isOn = false
    }

    /// The folder is emptied before the given one of the calls that are counted.
    private static func disk(
        _ model: ModelDisk, _ bench: Bench, _ how: String, before call: Int, _ calls: Guarded<Calls>
    ) -> HookedDisk {
        HookedDisk(model) { _ in
            let isNow = calls.withLock { calls in
                calls.count += calls.isOn ? 1 : 0
                return calls.isOn && calls.count == call
            }
            if isNow { empty(bench, how) }
            return .proceed
        }
    }

    private static func empty(_ bench: Bench, _ how: String) {
        let shadow = Bench.control.appending("shadow")
        if how == "folder" {
            try? bench.removeAll(shadow)
        } else {
            for slot in bench.slots { try? bench.removeAny(shadow.appending(slot)) }
        }
    }

    @Test("a conflict beside it costs what the slots held, and is told as what it is", arguments: ["slots", "folder"])
    func conflict(how: String) throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let before = bench.everything()
        let disk = HookedDisk(model) { call in
            guard call.point == CommitPoint.swapRename.fault, call.path == "other" else { return .proceed }
            try? bench.replace("other", "theirs")
            Self.empty(bench, how)
            return .proceed
        }
        do {
            let (directory, _) = try bench.open(through: disk)
            #expect {
                try directory.commit(
                    1, .create("new", "new"), .replace("base", "ours", in: bench), .replace("other", "ours", in: bench))
            } throws: { error in
                if case CommitFailure.unknown = error { true } else { false }
            }
            #expect(directory.brokenReason != nil)
        }
        let (directory, recovery) = try bench.open()
        #expect(recovery.rolledBack == [Bench.key(1)])
        // The old bytes of the first file went with its slot; all of ours are kept.
        #expect(
            bench.everything() == before.merging(["other": "theirs", "base": "ours"] as [BytePath: String?]) { $1 })
        #expect(bench.conflicts == ["new", "ours", "ours"])
        try directory.close()
    }
}

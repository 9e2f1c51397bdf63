import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("Steps that build on each other")
struct OrderedMovesTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var steps: @Sendable (Bench) -> [CommitStep]
        var after: [BytePath: String?]
        /// From where to where folders went.
        var moved: [BytePath: BytePath]
        /// Rounds of flushes between the swaps.
        var barriers: Int
    }

    private static func move(_ from: BytePath, _ to: BytePath, _ bench: Bench) -> CommitStep {
        .moveFolder(from: from, to: to, inode: Workload.inode(from, bench))
    }

    private static func replace(_ place: BytePath, _ origin: BytePath, _ bench: Bench) -> CommitStep {
        .replaceFile(place, contents: Array("new".utf8), base: bench.identity(origin), origin: origin)
    }

    private static let before: [BytePath: String?] = [
        "base": "base", "other": "other", "folder": nil, "folder/inside": "inside", "a": nil, "a/f": "a", "b": nil,
        "b/f": "b",
    ]

    private static func after(without gone: [BytePath], with new: [BytePath: String?]) -> [BytePath: String?] {
        before.filter { !gone.contains($0.key) }.merging(new) { $1 }
    }

    static let shapes = [
        Shape(
            testDescription: "a plain move",
            steps: { [move("a", "x", $0), .replace("base", "new", in: $0)] },
            after: after(without: ["a", "a/f"], with: ["x": nil, "x/f": "a", "base": "new"]),
            moved: ["a": "x"], barriers: 0
        ),
        Shape(
            testDescription: "a move into a new folder",
            steps: { [.makeFolder("t"), .makeFolder("t/1"), move("a", "t/1/1", $0), .create("t/1/1.json", "new")] },
            after: after(
                without: ["a", "a/f"],
                with: ["t": nil, "t/1": nil, "t/1/1": nil, "t/1/1/f": "a", "t/1/1.json": "new"]),
            moved: ["a": "t/1/1"], barriers: 1
        ),
        Shape(
            testDescription: "two folders trade places",
            steps: {
                [
                    move("a", "x", $0), move("b", "a", $0),
                    .moveFolder(from: "x", to: "b", inode: Workload.inode("a", $0)), replace("a/f", "b/f", $0),
                ]
            },
            after: after(without: [], with: ["a/f": "new", "b/f": "a"]),
            moved: ["a": "b", "b": "a"], barriers: 2
        ),
        Shape(
            testDescription: "a folder is thrown away and made anew",
            steps: {
                [
                    .makeFolder("t"), move("a", "t/1", $0), .makeFolder("a"), .create("t/1.json", "new"),
                    .create("a/g", "new"), .replace("base", "new", in: $0),
                ]
            },
            after: after(
                without: ["a/f"],
                with: ["t": nil, "t/1": nil, "t/1/f": "a", "t/1.json": "new", "a/g": "new", "base": "new"]),
            moved: ["a": "t/1"], barriers: 2
        ),
        Shape(
            testDescription: "a folder is made and moved",
            steps: { _ in [.makeFolder("n"), .moveFolder(from: "n", to: "m", inode: nil), .create("m/f", "new")] },
            after: after(without: [], with: ["m": nil, "m/f": "new"]), moved: [:], barriers: 2
        ),
        Shape(
            testDescription: "a folder is moved and a file in it replaced",
            steps: { [move("a", "x", $0), replace("x/f", "a/f", $0), .replace("base", "new", in: $0)] },
            after: after(without: ["a", "a/f"], with: ["x": nil, "x/f": "new", "base": "new"]),
            moved: ["a": "x"], barriers: 1
        ),
        Shape(
            testDescription: "a folder is moved into a new one, which is moved",
            steps: {
                [
                    .makeFolder("n"), move("a", "n/b", $0), .moveFolder(from: "n", to: "m", inode: nil),
                    replace("m/b/f", "a/f", $0),
                ]
            },
            after: after(without: ["a", "a/f"], with: ["m": nil, "m/b": nil, "m/b/f": "new"]),
            moved: ["a": "m/b"], barriers: 3
        ),
        Shape(
            testDescription: "folders that have nothing to do with each other, and a chain",
            steps: {
                [
                    move("a", "x", $0), move("b", "y", $0),
                    .moveFolder(from: "x", to: "z", inode: Workload.inode("a", $0)),
                    move("folder", "w", $0), replace("y/f", "b/f", $0), replace("z/f", "a/f", $0),
                ]
            },
            after: [
                "base": "base", "other": "other", "w": nil, "w/inside": "inside", "y": nil, "y/f": "new", "z": nil,
                "z/f": "new",
            ],
            moved: ["a": "z", "b": "y", "folder": "w"], barriers: 2
        ),
    ]

    private static func start(_ variant: ModelDisk.Variant) throws -> ModelDisk {
        let model = ModelDisk()
        try Workload.trade.prepare(Bench(disk: model, tree: model.top))
        return ModelDisk(model.state.settled(), variant)
    }

    /// The whole tree, and which of the folders that were there before stands where.
    private struct Picture: Equatable {
        var tree: [BytePath: String?]
        var folders: [UInt64: BytePath]

        init(_ bench: Bench, folders numbers: Set<UInt64>) {
            tree = bench.everything()
            folders = [:]
            for (path, text) in tree where text == nil {
                if let inode = bench.status(path)?.inode, numbers.contains(inode) { folders[inode] = path }
            }
        }
    }

    /// Counts the flushes between swaps; those that are asked for together are one.
    private final class Rounds: Sendable {
        private let state = Guarded((count: 0, isFlush: false))

        @Sendable func hook(_ call: DiskCall) -> HookAction {
            state.withLock { state in
                let isFlush = call.name == .flush && call.point == CommitPoint.swapFlush.fault
                if isFlush && !state.isFlush { state.count += 1 }
                state.isFlush = isFlush
            }
            return .proceed
        }

        var count: Int { state.withLock { $0.count } }
    }

    @Test(
        "stand whole after a commit, the folders that were moved are the same ones, and every barrier is needed",
        arguments: shapes)
    func committed(_ shape: Shape) throws {
        let tree = try RealTree()
        try Workload.trade.prepare(tree.bench)
        let rounds = Rounds()
        let disk = HookedDisk(tree.bench.disk, rounds.hook)
        let inodes = shape.moved.mapValues { _ in UInt64(0) }.merging(
            shape.moved.keys.map { ($0, Workload.inode($0, tree.bench)) }
        ) { $1 }
        let (directory, _) = try tree.bench.open(through: disk)
        _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: shape.steps(tree.bench)))
        #expect(tree.bench.everything() == shape.after)
        for (from, to) in shape.moved { #expect(tree.bench.status(to)?.inode == inodes[from]) }
        #expect(rounds.count == shape.barriers)
        try directory.close()
        #expect(tree.bench.everything() == shape.after)
        #expect(tree.bench.slots.isEmpty && tree.bench.conflicts.isEmpty)
    }

    @Test(
        "are all there or none after a power cut at any call, with every moved folder the same one",
        arguments: shapes, ModelDisk.Variant.allCases)
    func cut(_ shape: Shape, _ variant: ModelDisk.Variant) throws {
        let model = try Self.start(variant)
        let bench = Bench(disk: model, tree: model.top)
        let numbers = Set(["a", "b", "folder"].map { Workload.inode($0, bench) })
        let old = Picture(bench, folders: numbers)
        let moments = Guarded([ModelState]())
        let (directory, _) = try bench.open(
            through: HookedDisk(model) { call in
                // Between two of these nothing changes.
                if [.write, .makeFolder, .remove, .removeFolder, .rename, .flush].contains(call.name) {
                    let state = model.state
                    moments.withLock { $0.append(state) }
                }
                return .proceed
            })
        _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: shape.steps(bench)))
        moments.withLock { $0.append(model.state) }
        let new = Picture(bench, folders: numbers)
        #expect(new.tree == shape.after)
        var random = SplitMix(state: 1)
        var seen = (old: 0, new: 0)
        for moment in moments.withLock({ $0 }) {
            for kept in [0, .max] + (0..<6).map({ _ in UInt64.random(in: .min ... .max, using: &random) }) {
                let prefix = kept % 64
                let survivor = ModelDisk(
                    moment.afterCut(
                        keeping: { variant == .weak ? kept >> UInt64($0 % 64) & 1 == 1 : $0 < prefix },
                        data: { old, new in kept & 1 == 0 ? old : new }),
                    variant)
                let bench = Bench(disk: survivor, tree: survivor.top)
                _ = try bench.open(boot: "next")
                let picture = Picture(bench, folders: numbers)
                #expect(picture == old || picture == new)
                seen.old += picture == old ? 1 : 0
                seen.new += picture == new ? 1 : 0
            }
        }
        #expect(seen.old > 0 && seen.new > 0)
    }

    @Test("would be taken for foreign after a crash, if each step were judged by what is seen at its own names")
    func bySight() throws {
        let (a, b): (UInt64, UInt64) = (1, 2)
        let steps = [
            RecordStep(kind: .moveFolder, place: "x", other: "a", inode: a),
            RecordStep(kind: .moveFolder, place: "a", other: "b", inode: b),
            RecordStep(kind: .moveFolder, place: "b", other: "x", inode: a),
        ]
        let commit = UnretiredCommit(
            sequence: 1,
            record: CommitRecord(session: MountSession(bootID: "boot", mount: 1), operations: [], steps: steps),
            isAborted: false)
        // Nothing is done yet: at the places of the last two steps stand the folders that will have left.
        let sights = [
            RecoveryPlan.Sight(place: .absent, other: .folder(a)),
            RecoveryPlan.Sight(place: .folder(a), other: .folder(b)),
            RecoveryPlan.Sight(place: .folder(b), other: .absent),
        ]
        #expect(
            RecoveryPlan([commit], sights: [sights], session: MountSession(bootID: "next", mount: 1)).commits[0].fate
                == .giveWay)
        let (standings, isDone) = steps.standings(StepOrder(steps), sights)
        #expect(standings == [.bySight, .waiting, .waiting])
        #expect(isDone == [false, false, false])
        // Looked at where their folders wait.
        let waiting = [
            sights[0], RecoveryPlan.Sight(place: .absent, other: .folder(b), standing: .waiting),
            RecoveryPlan.Sight(place: .absent, other: .folder(a), standing: .waiting),
        ]
        let plan = RecoveryPlan([commit], sights: [waiting], session: MountSession(bootID: "next", mount: 1)).commits[0]
        #expect(plan.fate == .complete)
        #expect(plan.states == [.pending, .pending, .pending])
    }

    @Test("a hundred moves with a file changed in each have one barrier")
    func oneRound() throws {
        let model = ModelDisk()
        let bench = Bench(disk: model, tree: model.top)
        let names = (1...100).map { BytePath("from\($0)") }
        for name in names {
            try bench.makeFolder(name)
            try bench.create(name.appending("f"), "old")
        }
        let rounds = Rounds()
        let (directory, _) = try bench.open(through: HookedDisk(model, rounds.hook))
        let moved = names.map { BytePath(bytes: Array("to-".utf8) + $0.bytes) }
        let steps =
            zip(names, moved).map { Self.move($0, $1, bench) }
            + zip(names, moved).map { Self.replace($1.appending("f"), $0.appending("f"), bench) }
        _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: steps))
        #expect(moved.allSatisfy { bench.read($0.appending("f")) == "new" })
        #expect(rounds.count == 1)
    }

    @Test("a folder that the group makes and moves is refused where no step makes it")
    func nothingMade() throws {
        let tree = try RealTree()
        let (directory, _) = try tree.bench.open()
        #expect(throws: CommitFailure.self) {
            try directory.commit(1, .makeFolder("a"), .moveFolder(from: "b", to: "c", inode: nil))
        }
        #expect(tree.bench.everything().isEmpty)
        #expect(directory.brokenReason == nil && tree.bench.slots.isEmpty)
    }
}

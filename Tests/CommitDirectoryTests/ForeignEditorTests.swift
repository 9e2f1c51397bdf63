import Glibc
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("A foreign editor at every call")
struct ForeignEditorTests {
    enum Edit: String, Sendable, CaseIterable {
        case overwrite, replace, remove, create
        /// Through a descriptor that was open all the time.
        case lateWrite

        /// - Parameter open: the file as it stood there before anything else happened.
        /// - Returns: whether there are bytes of theirs now.
        func act(_ path: BytePath, _ bench: Bench, _ open: Handle?) -> Bool {
            do {
                switch self {
                case .lateWrite:
                    guard let open else { return false }
                    try bench.disk.truncate(open, to: 0, at: Bench.point)
                    try bench.disk.writeAll(Array(ForeignEditorTests.theirs.utf8), to: open, at: Bench.point)
                case .overwrite: try bench.overwrite(path, ForeignEditorTests.theirs)
                case .replace: try bench.replace(path, ForeignEditorTests.theirs)
                case .create: try bench.create(path, ForeignEditorTests.theirs)
                case .remove:
                    try bench.remove(path)
                    return false
                }
                return true
            } catch {
                // Nothing stands there now, or something does: this editor has nothing to do.
                return false
            }
        }
    }

    static let theirs = "theirs"

    /// A group, and where somebody writes while it is committed.
    struct Shape: Sendable, CustomTestStringConvertible {
        var name: String
        var steps: @Sendable (Bench) -> [CommitStep]
        var paths: [BytePath]
        /// Where what is written to a path may be found: in a moved folder, where the folder stands.
        var places: [BytePath: [BytePath]]

        var testDescription: String { name }

        func places(of path: BytePath) -> [BytePath] { places[path] ?? [path] }

        static let plain = Shape(
            name: "a move beside other changes",
            steps: { bench in
                [
                    .makeFolder("d"), .create("d/x", "x"), .create("new", "new"), .replace("base", "base 2", in: bench),
                    .moveFolder(from: "folder", to: "to", inode: Workload.inode("folder", bench)),
                    .replace("other", "other 2", in: bench),
                ]
            },
            paths: ["base", "other", "new", "d/x", "to/inside", "folder/inside"],
            places: ["to/inside": ["to/inside", "folder/inside"], "folder/inside": ["to/inside", "folder/inside"]]
        )

        static let trade = Shape(
            name: "two folders that trade places",
            steps: { bench in
                [
                    .moveFolder(from: "a", to: "x", inode: Workload.inode("a", bench)),
                    .moveFolder(from: "b", to: "a", inode: Workload.inode("b", bench)),
                    .moveFolder(from: "x", to: "b", inode: Workload.inode("a", bench)),
                    .replaceFile("a/f", contents: [1], base: bench.identity("b/f"), origin: "b/f"),
                    .replace("base", "base 2", in: bench),
                ]
            },
            paths: ["base", "a/f", "b/f", "x/f"],
            places: ["a/f": ["a/f", "b/f", "x/f"], "b/f": ["a/f", "b/f", "x/f"], "x/f": ["a/f", "b/f", "x/f"]]
        )

        static let remade = Shape(
            name: "a folder that is thrown away and made anew",
            steps: { bench in
                [
                    .makeFolder("trash"), .makeFolder("trash/1"),
                    .moveFolder(from: "folder", to: "trash/1/1", inode: Workload.inode("folder", bench)),
                    .makeFolder("folder"), .create("trash/1/1.json", "note"), .create("folder/new", "new"),
                    .replace("base", "base 2", in: bench),
                ]
            },
            paths: ["base", "folder/inside", "folder/new", "trash/1/1/inside", "trash/1/1.json"],
            places: [
                "folder/inside": ["folder/inside", "trash/1/1/inside"],
                "trash/1/1/inside": ["folder/inside", "trash/1/1/inside"],
                "folder/new": ["folder/new", "trash/1/1/new"],
            ]
        )

        static let made = Shape(
            name: "a folder that is made and moved at once",
            steps: { bench in
                [
                    .makeFolder("n"), .moveFolder(from: "n", to: "m", inode: nil), .create("m/f", "f"),
                    .replace("base", "base 2", in: bench),
                ]
            },
            paths: ["base", "n/f", "m/f"],
            places: ["n/f": ["n/f", "m/f"], "m/f": ["n/f", "m/f"]]
        )

        static let all = [plain, trade, remade, made]
        static let everyPath = all.flatMap { shape in shape.paths.map { (shape, $0) } }
    }

    private typealias Tree = [BytePath: [UInt8]?]

    private static func start() throws -> ModelState {
        let model = ModelDisk()
        let bench = Bench(disk: model, tree: model.top)
        try Workload.trade.prepare(bench)
        let (directory, _) = try bench.open(seed: 0)
        try directory.close()
        return model.state.settled()
    }

    private static func group(_ shape: Shape, _ bench: Bench) -> CommitGroup {
        CommitGroup(operations: [Bench.key(1)], steps: shape.steps(bench))
    }

    private static func tree(_ state: ModelState) -> Tree {
        state.tree().filter { !Bench.control.contains($0.key) }
    }

    /// Calls the editor before one call, and remembers the disk right after it.
    private final class Editor: Sendable {
        private struct State {
            var calls = 0
            var hasBytes = false
            var after: ModelState?
        }

        private let call: Int
        private let act: @Sendable () -> Bool
        private let model: ModelDisk
        private let state = Guarded(State())

        init(_ model: ModelDisk, before call: Int, _ act: @escaping @Sendable () -> Bool) {
            self.call = call
            self.act = act
            self.model = model
        }

        func hook(_: DiskCall) -> HookAction {
            let isNow = state.withLock { state in
                state.calls += 1
                return state.calls == call
            }
            if isNow {
                let hasBytes = act()
                let after = model.state
                state.withLock {
                    $0.hasBytes = hasBytes
                    $0.after = after
                }
            }
            return .proceed
        }

        var calls: Int { state.withLock { $0.calls } }
        var hasBytes: Bool { state.withLock { $0.hasBytes } }
        var after: ModelState? { state.withLock { $0.after } }
    }

    /// The paths that the editor had no hand in are all as before or all as after.
    private static func isWhole(_ seen: Tree, _ places: [BytePath], before: Tree, after: Tree) -> Bool {
        func rest(_ tree: Tree) -> Tree {
            // A folder of ours stays where something of theirs is in it; a move goes with its folder.
            tree.filter { entry in !places.contains { entry.key.contains($0) } }
        }
        return rest(seen) == rest(before) || rest(seen) == rest(after)
    }

    private static func findsTheirs(_ bench: Bench) -> Bool {
        bench.conflicts.contains(theirs) || bench.everything().values.contains(theirs)
    }

    @Test(
        "loses nothing of what it wrote while a group was committed, and the rest of the group is whole",
        arguments: Edit.allCases,
        Shape.everyPath
    )
    func duringCommit(_ edit: Edit, _ where: (shape: Shape, path: BytePath)) throws {
        let (shape, path) = `where`
        let places = shape.places(of: path)
        let start = try Self.start()
        let before = Self.tree(start)
        let after = try Self.commitQuietly(shape, start)
        var call = 0
        var last = Int.max
        while call < last {
            call += 1
            let model = ModelDisk(start)
            let bench = Bench(disk: model, tree: model.top)
            let open =
                edit == .lateWrite ? try? bench.disk.open(path, in: bench.tree, .readWrite, at: Bench.point) : nil
            let editor = Editor(model, before: call) { edit.act(path, bench, open) }
            // Planned before anything: what is edited from here on, the group must not displace.
            let group = Self.group(shape, bench)
            let (working, _) = try Self.opened(bench, editor)
            let result: String
            do throws(CommitFailure) {
                _ = try working.commit(group)
                result = "committed"
            } catch {
                result = "\(error)"
            }
            last = editor.calls
            let what = "\(edit) of \(path) before call \(call): \(result)"
            if result == "committed" {
                do { try working.close() } catch { Issue.record("\(what): no close: \(error)") }
            }
            #expect(working.brokenReason == nil || working.brokenReason == "it is closed", "\(what)")
            #expect(!editor.hasBytes || Self.findsTheirs(bench), "\(what): their bytes are lost")
            let seen = Self.tree(model.state)
            #expect(Self.isWhole(seen, places, before: before, after: after), "\(what): \(seen.keys.sorted())")
            withExtendedLifetime(open) {}
            if let moment = editor.after { try Self.recovers(moment, editor.hasBytes, places, before, after, what) }
        }
        #expect(last > 40)
    }

    @Test(
        "loses nothing of what it wrote while an interrupted group was recovered, and the rest of it is whole",
        arguments: Edit.allCases,
        Shape.everyPath
    )
    func duringRecovery(_ edit: Edit, _ where: (shape: Shape, path: BytePath)) throws {
        let (shape, path) = `where`
        let places = shape.places(of: path)
        let start = try Self.start()
        let before = Self.tree(start)
        let after = try Self.commitQuietly(shape, start)
        for (index, crashed) in try Self.crashes(shape, start).enumerated() {
            var call = 0
            var last = Int.max
            while call < last {
                // A stride that is no divisor of anything reaches every call after some crash.
                call += 7 + index % 5
                let model = ModelDisk(crashed)
                let bench = Bench(disk: model, tree: model.top)
                let open =
                    edit == .lateWrite ? try? bench.disk.open(path, in: bench.tree, .readWrite, at: Bench.point) : nil
                let editor = Editor(model, before: call) { edit.act(path, bench, open) }
                let what = "\(edit) of \(path) before call \(call) of recovery from crash \(index)"
                do {
                    let (directory, _) = try bench.open(through: HookedDisk(model, editor.hook), seed: 5)
                    try directory.close()
                } catch OpenFailure.recovery {
                    // It was disturbed, and the next opening sees what stands there now.
                    let (directory, _) = try bench.open(seed: 6)
                    try directory.close()
                }
                last = editor.calls
                #expect(!editor.hasBytes || Self.findsTheirs(bench), "\(what): their bytes are lost")
                let seen = Self.tree(model.state)
                #expect(Self.isWhole(seen, places, before: before, after: after), "\(what): \(seen.keys.sorted())")
            }
        }
    }

    @Test(
        "a build that does not look at what it displaced is caught: it loses what somebody wrote",
        arguments: [Edit.overwrite, .replace])
    func blind(_ edit: Edit) throws {
        let (shape, path): (Shape, BytePath) = (.plain, "base")
        let start = try Self.start()
        /// - Returns: whether somebody's bytes are gone after the next opening, wherever in a commit they wrote.
        func loses(_ isBlind: Bool) throws -> Bool {
            var call = 0
            var last = Int.max
            while call < last {
                call += 1
                let model = ModelDisk(start)
                let bench = Bench(disk: model, tree: model.top)
                let editor = Editor(model, before: call) { edit.act(path, bench, nil) }
                let group = Self.group(shape, bench)
                let disk = HookedDisk(model) { call in
                    let looks = [CommitPoint.verifyLook.fault, CommitPoint.checkpointLook.fault]
                    let isSlot = call.path.bytes.starts(with: "0000000".utf8)
                    if isBlind && call.name == .status && isSlot && looks.contains(call.point) { return .swallow }
                    return editor.hook(call)
                }
                let (working, _) = try bench.open(through: disk, seed: 1)
                _ = try? working.commit(group)
                last = editor.calls
                _ = try? working.close()
                _ = try bench.open(seed: 2).directory.close()
                if editor.hasBytes && !Self.findsTheirs(bench) { return true }
            }
            return false
        }
        #expect(try loses(true))
        #expect(try !loses(false))
    }

    private static func opened(
        _ bench: Bench,
        _ editor: Editor
    ) throws -> (directory: CommitDirectory, recovery: RecoveryReport) {
        try bench.open(through: HookedDisk(bench.disk, editor.hook), seed: 1)
    }

    private static func commitQuietly(_ shape: Shape, _ start: ModelState) throws -> Tree {
        let model = ModelDisk(start)
        let bench = Bench(disk: model, tree: model.top)
        let (directory, _) = try bench.open()
        _ = try directory.commit(group(shape, bench))
        return tree(model.state)
    }

    /// The disk before each call of a commit that changes it.
    private static func crashes(_ shape: Shape, _ start: ModelState) throws -> [ModelState] {
        let model = ModelDisk(start)
        let bench = Bench(disk: model, tree: model.top)
        let states = Guarded([ModelState]())
        let disk = HookedDisk(model) { call in
            if call.name == .rename { states.withLock { $0.append(model.state.afterKill()) } }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk, seed: 0)
        _ = try directory.commit(group(shape, bench))
        return states.withLock { $0 } + [model.state.afterKill()]
    }

    /// Killed right after the edit.
    private static func recovers(
        _ state: ModelState,
        _ hasBytes: Bool,
        _ places: [BytePath],
        _ before: Tree,
        _ after: Tree,
        _ what: String
    ) throws {
        for boot in ["boot", "next"] {
            let model = ModelDisk(state.afterKill())
            let bench = Bench(disk: model, tree: model.top)
            do {
                let (directory, _) = try bench.open(boot: boot, seed: 9)
                try directory.close()
            } catch {
                Issue.record("\(what), killed: no opening: \(error)")
            }
            #expect(!hasBytes || findsTheirs(bench), "\(what), killed, \(boot): their bytes are lost")
            let seen = tree(model.state)
            #expect(
                isWhole(seen, places, before: before, after: after),
                "\(what), killed, \(boot): \(seen.keys.sorted())"
            )
        }
    }
}

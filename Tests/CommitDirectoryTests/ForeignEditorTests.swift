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
    static let paths: [BytePath] = ["base", "other", "new", "d/x", "to/inside", "folder/inside"]

    private typealias Tree = [BytePath: [UInt8]?]

    private static func start() throws -> ModelState {
        let model = ModelDisk()
        let bench = Bench(disk: model, tree: model.top)
        try Workload.prepare(bench)
        let (directory, _) = try bench.open(seed: 0)
        try directory.close()
        return model.state.settled()
    }

    private static func group(_ bench: Bench) -> CommitGroup {
        CommitGroup(
            operations: [Bench.key(1)],
            steps: [
                .makeFolder("d"), .create("d/x", "x"), .create("new", "new"), .replace("base", "base 2", in: bench),
                .moveFolder(from: "folder", to: "to", inode: bench.status("folder")?.inode ?? 0),
                .replace("other", "other 2", in: bench),
            ]
        )
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
    private static func isWhole(_ seen: Tree, _ edited: BytePath, before: Tree, after: Tree) -> Bool {
        func rest(_ tree: Tree) -> Tree {
            // A folder of ours stays where something of theirs is in it; a move goes with its folder.
            tree.filter { entry in !places(edited).contains { entry.key.contains($0) } }
        }
        return rest(seen) == rest(before) || rest(seen) == rest(after)
    }

    /// What is written into a moved folder is found where the folder stands.
    private static func places(_ path: BytePath) -> [BytePath] {
        path.name == "inside" ? ["to/inside", "folder/inside"] : [path]
    }

    private static func findsTheirs(_ bench: Bench, _ path: BytePath) -> Bool {
        if bench.conflicts.contains(theirs) { return true }
        return places(path).contains { bench.read($0) == theirs }
    }

    @Test(
        "loses nothing of what it wrote while a group was committed, and the rest of the group is whole",
        arguments: Edit.allCases,
        paths
    )
    func duringCommit(_ edit: Edit, _ path: BytePath) throws {
        let start = try Self.start()
        let before = Self.tree(start)
        let after = try Self.commitQuietly(start)
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
            let group = Self.group(bench)
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
            #expect(!editor.hasBytes || Self.findsTheirs(bench, path), "\(what): their bytes are lost")
            let seen = Self.tree(model.state)
            #expect(Self.isWhole(seen, path, before: before, after: after), "\(what): \(seen.keys.sorted())")
            withExtendedLifetime(open) {}
            if let moment = editor.after { try Self.recovers(moment, editor.hasBytes, path, before, after, what) }
        }
        #expect(last > 40)
    }

    @Test(
        "loses nothing of what it wrote while an interrupted group was recovered, and the rest of it is whole",
        arguments: Edit.allCases,
        paths
    )
    func duringRecovery(_ edit: Edit, _ path: BytePath) throws {
        let start = try Self.start()
        let before = Self.tree(start)
        let after = try Self.commitQuietly(start)
        for (index, crashed) in try Self.crashes(start).enumerated() {
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
                #expect(!editor.hasBytes || Self.findsTheirs(bench, path), "\(what): their bytes are lost")
                let seen = Self.tree(model.state)
                #expect(Self.isWhole(seen, path, before: before, after: after), "\(what): \(seen.keys.sorted())")
            }
        }
    }

    private static func opened(
        _ bench: Bench,
        _ editor: Editor
    ) throws -> (directory: CommitDirectory, recovery: RecoveryReport) {
        try bench.open(through: HookedDisk(bench.disk, editor.hook), seed: 1)
    }

    private static func commitQuietly(_ start: ModelState) throws -> Tree {
        let model = ModelDisk(start)
        let bench = Bench(disk: model, tree: model.top)
        let (directory, _) = try bench.open()
        _ = try directory.commit(group(bench))
        return tree(model.state)
    }

    /// The disk before each call of a commit that changes it.
    private static func crashes(_ start: ModelState) throws -> [ModelState] {
        let model = ModelDisk(start)
        let bench = Bench(disk: model, tree: model.top)
        let states = Guarded([ModelState]())
        let disk = HookedDisk(model) { call in
            if call.name == .rename { states.withLock { $0.append(model.state.afterKill()) } }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk, seed: 0)
        _ = try directory.commit(group(bench))
        return states.withLock { $0 } + [model.state.afterKill()]
    }

    /// Killed right after the edit.
    private static func recovers(
        _ state: ModelState,
        _ hasBytes: Bool,
        _ path: BytePath,
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
            #expect(!hasBytes || findsTheirs(bench, path), "\(what), killed, \(boot): their bytes are lost")
            let seen = tree(model.state)
            #expect(
                isWhole(seen, path, before: before, after: after),
                "\(what), killed, \(boot): \(seen.keys.sorted())"
            )
        }
    }
}

import Glibc
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("One call fails")
struct FaultTests {
    enum Fault: Sendable, CaseIterable {
        case ioError, full, denied, descriptors, shortWrite

        var action: HookAction {
            switch self {
            case .ioError: .fail(EIO)
            case .full: .fail(ENOSPC)
            case .denied: .fail(EACCES)
            case .descriptors: .fail(EMFILE)
            case .shortWrite: .short(7)
            }
        }
    }

    private typealias Tree = [BytePath: [UInt8]?]

    /// Counts the calls at each point and lets the n-th at one of them fail.
    private final class Injector: Sendable {
        private struct State {
            var counts: [FaultPoint: Int] = [:]
            var failed: DiskCall?
        }

        private let target: (point: FaultPoint, occurrence: Int, action: HookAction)?
        private let state = Guarded(State())

        init(_ target: (point: FaultPoint, occurrence: Int, action: HookAction)? = nil) { self.target = target }

        func hook(_ call: DiskCall) -> HookAction {
            state.withLock { state in
                state.counts[call.point, default: 0] += 1
                guard let target, target.point == call.point, state.counts[call.point] == target.occurrence
                else { return .proceed }
                state.failed = call
                return target.action
            }
        }

        var counts: [FaultPoint: Int] { state.withLock { $0.counts } }
        var failed: DiskCall? { state.withLock { $0.failed } }
    }

    private static func tree(_ state: ModelState) -> Tree {
        state.tree().filter { !Bench.control.contains($0.key) }
    }

    private static func model(_ workload: Workload? = nil) throws -> ModelDisk {
        let model = ModelDisk()
        let bench = Bench(disk: model, tree: model.top)
        if let workload { try workload.prepare(bench) } else { try Workload.prepare(bench) }
        return ModelDisk(model.state.settled())
    }

    /// The trees after each action, and how often each point is reached.
    private static func dryRun(_ workload: Workload) throws -> (trees: [Tree], counts: [FaultPoint: Int]) {
        let (model, injector) = (try model(workload), Injector())
        let bench = Bench(disk: model, tree: model.top)
        var trees = [tree(model.state)]
        let (directory, _) = try bench.open(through: HookedDisk(model, injector.hook), seed: 0)
        try workload.run(bench, directory) { _, _ in trees.append(tree(model.state)) }
        return (trees, injector.counts)
    }

    @Test(
        "a call that fails leaves every group whole or absent, on the spot and after a crash, and what can go on does",
        arguments: Workload.all,
        Fault.allCases
    )
    func everyPoint(_ workload: Workload, _ fault: Fault) throws {
        let (trees, counts) = try Self.dryRun(workload)
        for (point, count) in counts.sorted(by: { $0.key.name < $1.key.name }) {
            // The first few, some in the middle, the last: the same lines of code run each time.
            for occurrence in Set((1...min(count, 4)) + [count / 2, count - 1, count]).sorted() where occurrence > 0 {
                try run(
                    workload,
                    trees,
                    Injector((point, occurrence, fault.action)),
                    "\(fault) at \(point) \(occurrence)"
                )
            }
        }
    }

    private func run(_ workload: Workload, _ trees: [Tree], _ injector: Injector, _ what: String) throws {
        let model = try Self.model(workload)
        let bench = Bench(disk: model, tree: model.top)
        let directory: CommitDirectory
        do throws(OpenFailure) {
            directory = try bench.open(through: HookedDisk(model, injector.hook), seed: 0).directory
        } catch {
            #expect(Self.tree(model.state) == trees[0], "\(what): a failed open changed the tree")
            try reopen(model.state.afterKill(), [trees[0]], what)
            return
        }
        struct Stop: Error {}
        do {
            try workload.run(bench, directory) { index, failure in
                guard let failed = injector.failed else { return }
                try judge(failed, failure, directory, model, trees[index], trees[index + 1], what)
                throw Stop()
            }
        } catch is Stop {}
    }

    private func judge(
        _ failed: DiskCall,
        _ failure: CommitFailure?,
        _ directory: CommitDirectory,
        _ model: ModelDisk,
        _ before: Tree,
        _ after: Tree,
        _ what: String
    ) throws {
        let seen = Self.tree(model.state)
        var valid = [before, after]
        switch failure {
        case nil: valid = [after]
        case .refused, .conflict, .aborted: valid = [before]
        case .unknown, .broken: break
        }
        let isBroken = directory.brokenReason != nil
        if !isBroken || valid.count == 1 {
            #expect(valid.contains(seen), "\(what): neither before nor after, \(String(describing: failure))")
        }
        if failed.name == .flush, case .fail(EIO) = Self.action(failure, failed) {
            #expect(isBroken, "\(what): a flush failed and writing goes on")
        }
        // A crash of either kind right now.
        for image in [
            model.state.afterKill(), model.state.afterCut(keeping: { _ in true }, data: { _, new in new }),
            model.state.afterCut(keeping: { _ in false }, data: { old, _ in old }),
        ] {
            try reopen(image, valid, what)
        }
        guard !isBroken else { return }
        do {
            try directory.commit(77, .create("later", "later"))
            try directory.close()
        } catch {
            Issue.record("\(what): nothing can be committed afterwards: \(error)")
        }
        try reopen(model.state.afterKill(), [seen.merging(["later": Array("later".utf8)]) { $1 }], what)
    }

    /// EIO is told from the other codes by what the caller was told.
    private static func action(_ failure: CommitFailure?, _ failed: DiskCall) -> HookAction {
        switch failure {
        case .refused(let error), .aborted(let error), .unknown(let error): .fail(error.code)
        default: .proceed
        }
    }

    private func reopen(_ state: ModelState, _ valid: [Tree], _ what: String) throws {
        let model = ModelDisk(state)
        let bench = Bench(disk: model, tree: model.top)
        do {
            let (directory, _) = try bench.open(boot: "next", seed: 99)
            #expect(valid.contains(Self.tree(model.state)), "\(what): neither before nor after, once reopened")
            #expect(bench.slots.isEmpty, "\(what)")
            try directory.close()
        } catch {
            Issue.record("\(what): it does not open again: \(error)")
        }
    }

    @Test(
        "a full disk or a denial before the commit point is a refusal, and writing goes on",
        arguments: [ENOSPC, EACCES, EDQUOT, EROFS, EMFILE],
        [
            CommitPoint.stageFile, .stageFolder, .stageWrite, .stageAttributes, .stageLook, .journalAppend,
            .journalCheck, .spareOpen,
        ]
    )
    func refusal(_ code: CInt, _ point: CommitPoint) throws {
        let model = try Self.model()
        let bench = Bench(disk: model, tree: model.top)
        let isArmed = Guarded(false)
        let disk = HookedDisk(model) { call in
            isArmed.withLock { $0 } && call.point == point.fault ? .fail(code) : .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        let before = Self.tree(model.state)
        isArmed.withLock { $0 = true }
        do throws(CommitFailure) {
            try directory.commit(1, .makeFolder("d"), .create("d/x", "x"), .replace("base", "new", in: bench))
            Issue.record("committed")
        } catch {
            guard case .refused(let failure) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(failure.code == code)
        }
        #expect(Self.tree(model.state) == before)
        isArmed.withLock { $0 = false }
        try directory.commit(1, .makeFolder("d"), .create("d/x", "x"), .replace("base", "new", in: bench))
        try directory.close()
        #expect(bench.read("d/x") == "x")
        #expect(bench.slots.isEmpty)
    }

    @Test("what is met beneath a deep path with hardly any descriptors left is kept, and writing goes on")
    func fewDescriptors() throws {
        let deep = (0..<20).reduce(BytePath("deep")) { path, _ in path.appending("deep") }
        let file = deep.appending("f")
        var spare = 0
        var isEnough = false
        while !isEnough {
            let model = try Self.model()
            let bench = Bench(disk: model, tree: model.top)
            for depth in 1...deep.components.count {
                try bench.makeFolder(BytePath(Array(repeating: "deep", count: depth).joined(separator: "/")))
            }
            try bench.create(file, "base")
            let limit = Guarded(Int.max)
            let isUndone = Guarded(false)
            let disk = HookedDisk(model) { call in
                if call.name == .open, model.openCount >= limit.withLock({ $0 }) { return .fail(EMFILE) }
                if call.point == CommitPoint.swapRename.fault { try? bench.replace(file, "first") }
                if call.point == CommitPoint.undoRename.fault, call.name == .rename {
                    let isFirst = isUndone.withLock { isUndone in
                        defer { isUndone = true }
                        return !isUndone
                    }
                    if isFirst { try? bench.replace(file, "second") }
                }
                return .proceed
            }
            let (directory, _) = try bench.open(through: disk)
            limit.withLock { [spare] in $0 = model.openCount + spare }
            do throws(CommitFailure) {
                try directory.commit(1, .replace(file, "ours", in: bench))
                Issue.record("committed")
            } catch {
                #expect(directory.brokenReason == nil, "\(spare) to spare: \(error)")
                limit.withLock { $0 = .max }
                var told: [KeptFile] = []
                if case .conflict(_, let kept) = error { (isEnough, told) = (true, kept) }
                told += try directory.checkpoint()
                let isSwapped = bench.read(file) != "base"
                #expect(bench.read(file) == (isSwapped ? "second" : "base"))
                #expect(told.map { bench.read(Bench.control.appending($0.keptAt)) } == (isSwapped ? ["first"] : []))
            }
            try directory.commit(2, .create("later", "later"))
            try directory.close()
            spare += 1
        }
        #expect(spare > 3)
    }

    @Test(
        "a flush that fails ends all writing until the directory is opened again",
        arguments: [CommitPoint.journalFlush, .stageFlush, .checkpointFlush]
    )
    func failedFlush(_ point: CommitPoint) throws {
        let model = try Self.model()
        let bench = Bench(disk: model, tree: model.top)
        let disk = HookedDisk(model) { $0.point == point.fault ? .fail(EIO) : .proceed }
        do {
            let (directory, _) = try bench.open(through: disk)
            #expect(throws: CommitFailure.self) {
                try directory.commit(1, .create("f", "f"))
                try directory.checkpoint()
            }
            #expect(directory.brokenReason != nil)
            #expect(throws: CommitFailure.self) { try directory.commit(2, .create("g", "g")) }
            #expect(throws: CommitFailure.self) { try directory.checkpoint() }
        }
        let (directory, recovery) = try bench.open()
        // A staged file that could not be flushed took the group back while its caller waited.
        let reported = point == .stageFlush ? [] : [Bench.key(1)]
        #expect(recovery.completed + recovery.rolledBack == reported)
        #expect((bench.read("f") == "f") == (recovery.completed == [Bench.key(1)]))
        try directory.commit(3, .create("g", "g"))
        try directory.close()
    }

    @Test("every point where the disk is touched is reached by a test that lets it fail")
    func reached() throws {
        let reached = Guarded(Set<FaultPoint>())
        let note: @Sendable (DiskCall) -> HookAction = { call in
            reached.withLock { _ = $0.insert(call.point) }
            return .proceed
        }
        for workload in Workload.all {
            let model = try Self.model(workload)
            let bench = Bench(disk: model, tree: model.top)
            let states = Guarded([ModelState]())
            // A writer on every displaced file: all of them are kept.
            let disk = HookedDisk(model) { call in
                states.withLock { if call.name == .rename || call.name == .remove { $0.append(model.state) } }
                _ = note(call)
                return call.name == .lease ? .swallow : .proceed
            }
            let (directory, _) = try bench.open(through: disk)
            try workload.run(bench, directory) { _, _ in }
            for state in states.withLock({ $0 }) {
                let model = ModelDisk(state.afterKill())
                _ = try Bench(disk: model, tree: model.top).open(through: HookedDisk(model, note), boot: "next")
            }
        }
        let quiet = try Self.model(.recycled)
        let undisturbed = Bench(disk: quiet, tree: quiet.top)
        let (opened, _) = try undisturbed.open(through: HookedDisk(quiet, note))
        try Workload.recycled.run(undisturbed, opened) { _, _ in }
        let model = try Self.model()
        let bench = Bench(disk: model, tree: model.top)
        let (directory, _) = try bench.open(
            through: HookedDisk(model) { call in
                _ = note(call)
                return call.point == CommitPoint.stageAttributes.fault ? .fail(ENOSPC) : .proceed
            }
        )
        #expect(throws: CommitFailure.self) { try directory.commit(1, .replace("base", "x", in: bench)) }
        let missing = CommitPoint.allCases.filter { point in
            // Reading a journal that another process writes is no part of a commit.
            !point.rawValue.hasPrefix("commit.follow.") && !reached.withLock { $0.contains(point.fault) }
        }
        #expect(missing.isEmpty)
    }
}

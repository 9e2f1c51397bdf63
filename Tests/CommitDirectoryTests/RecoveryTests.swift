import Glibc
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("Recovery")
struct RecoveryTests {
    private static func steps(_ bench: Bench) -> [CommitStep] {
        [.makeFolder("d"), .create("d/x", "x"), .create("new", "new"), .replace("base", "base 2", in: bench)]
    }

    private static let before: [BytePath: String?] = [
        "base": "base", "other": "other", "folder": nil, "folder/inside": "inside",
    ]
    private static let after = before.merging(
        ["base": "base 2", "new": "new", "d": nil, "d/x": "x"] as [BytePath: String?]
    ) { $1 }

    @Test("completes a group whose shadow folder was emptied, from the record", arguments: 1...4, ["boot", "next"])
    func emptiedShadow(swap: Int, boot: String) throws {
        let model = try ModelDisk.killed(before: swap, Self.steps)
        let bench = Bench(disk: model, tree: model.top)
        try bench.removeAll(Bench.control.appending("shadow"))
        let (_, recovery) = try bench.open(boot: boot)
        #expect(recovery.completed == [Bench.key(1)])
        #expect(bench.everything() == Self.after)
    }

    @Test("looks at every place and slot of every record before it changes anything", arguments: ["boot", "next"])
    func classifiesFirst(boot: String) throws {
        let model = try ModelDisk.prepared()
        let crashed = Guarded(ModelState?.none)
        let bench = Bench(disk: model, tree: model.top)
        let disk = HookedDisk(model) { call in
            // In the middle of the second group: a step of it is done and one is not.
            if call.point == CommitPoint.swapRename.fault, call.path == "late" {
                let state = model.state.afterKill()
                crashed.withLock { $0 = state }
            }
            return .proceed
        }
        do {
            let (directory, _) = try bench.open(through: disk)
            try directory.commit(1, .create("f", "f"), .replace("base", "b1", in: bench))
            try directory.commit(2, .replace("base", "b2", in: bench), .makeFolder("d"), .create("late", "late"))
        }
        let again = ModelDisk(try #require(crashed.withLock { $0 }))
        let later = Bench(disk: again, tree: again.top)
        let slots = later.slots
        let seen = Guarded((looked: Set<BytePath>(), missing: Set<BytePath>?.none))
        let wanted = Set(["f", "base", "d", "late"] + slots)
        let changing: Set<DiskCall.Name> = [.rename, .makeFolder, .removeFolder, .remove, .write, .truncate]
        let watched = HookedDisk(again) { call in
            seen.withLock { seen in
                if call.point == CommitPoint.recoveryLook.fault, call.name == .status { seen.looked.insert(call.path) }
                let isOwn = call.point.name.hasPrefix("commit.open.") || call.point.name.hasPrefix("commit.journal.")
                if changing.contains(call.name), !isOwn, seen.missing == nil {
                    seen.missing = wanted.subtracting(seen.looked)
                }
            }
            return .proceed
        }
        #expect(slots.count >= 3)
        let (_, recovery) = try later.open(through: watched, boot: boot)
        #expect(recovery.completed == [Bench.key(1), Bench.key(2)])
        #expect(later.read("late") == "late" && later.read("base") == "b2")
        #expect(seen.withLock { $0.missing } == [])
    }

    @Test(
        "takes a cut for a kill only in the same boot and on the same mount, and where it knows both",
        arguments: [
            ("boot", 1, "boot", 1, true), ("boot", 1, "next", 1, false), ("boot", 1, "boot", 2, false),
            ("boot", nil, "boot", nil, false), ("boot", 1, "boot", nil, false), ("", 1, "", 1, false),
        ] as [(String, UInt64?, String, UInt64?, Bool)])
    func sessions(before: String, mount: UInt64?, now: String, mountNow: UInt64?, isSame: Bool) {
        let session = MountSession(bootID: now, mount: mountNow)
        #expect(session.isSame(as: MountSession(bootID: before, mount: mount)) == isSame)
        // What tells them apart in practice: a new file that somebody wrote to after the crash.
        let step = RecordStep(kind: .createFile, place: "f", other: "slot", inode: 1)
        let record = CommitRecord(
            session: MountSession(bootID: before, mount: mount), operations: [], steps: [step])
        let theirs = Observed.file(FileIdentity(inode: 2, digest: ContentDigest(of: [1])))
        let plan = RecoveryPlan(
            [UnretiredCommit(sequence: 1, record: record, isAborted: false)],
            sights: [[RecoveryPlan.Sight(place: theirs, other: .absent)]], session: session)
        #expect(plan.commits[0].fate == (isSame ? .complete : .giveWay))
    }

    @Test("keeps every slot of a shadow folder whose journal was removed, and tells where, for every later opening")
    func removedJournal() throws {
        let model = try ModelDisk.killed(before: 2, Self.steps)
        let bench = Bench(disk: model, tree: model.top)
        let slots = bench.slots
        #expect(!slots.isEmpty)
        try bench.remove(Bench.control.appending("journal"))
        for opening in 1...3 {
            let (directory, recovery) = try bench.open(boot: "boot \(opening)")
            #expect(recovery.kept.map(\.place).sorted() == (opening == 1 ? slots.sorted() : []))
            try directory.close()
            #expect(bench.names(in: Bench.control.appending("conflicts/unclaimed")) == slots.sorted())
        }
    }

    @Test("takes a group back whose large contents went with the shadow folder", arguments: 1...2)
    func lostContents(swap: Int) throws {
        let large = String(repeating: "large", count: 20_000)
        let model = try ModelDisk.killed(before: swap) { [.create("new", "new"), .replace("base", large, in: $0)] }
        let bench = Bench(disk: model, tree: model.top)
        try bench.removeAll(Bench.control.appending("shadow"))
        let (directory, recovery) = try bench.open()
        #expect(recovery.rolledBack == [Bench.key(1)])
        #expect(bench.everything() == Self.before)
        try directory.close()
    }

    @Test("works on a full disk", arguments: 1...4, [false, true])
    func fullDisk(swap: Int, isJournalFull: Bool) throws {
        let model = try ModelDisk.killed(before: swap, Self.steps)
        let bench = Bench(disk: model, tree: model.top)
        // The journal's blocks are there already, and every commit leaves some of them.
        let disk = HookedDisk(model) { call in
            switch call.name {
            case .write where call.path != "journal", .makeFolder: .fail(ENOSPC)
            case .write where call.point == CommitPoint.journalAppend.fault && isJournalFull: .fail(ENOSPC)
            default: .proceed
            }
        }
        let (_, recovery) = try bench.open(through: disk, boot: "next")
        #expect(recovery.completed == [Bench.key(1)])
        #expect(bench.everything() == Self.after)
    }

    @Test("keeps what gave way to a foreign file, whole, and says so again if it was interrupted itself")
    func gaveWay() throws {
        let model = try ModelDisk.killed(before: 4, Self.steps)
        let bench = Bench(disk: model, tree: model.top)
        try bench.replace("base", "theirs")
        let states = Guarded([ModelState]())
        let disk = HookedDisk(model) { _ in
            let state = model.state.afterKill()
            states.withLock { $0.append(state) }
            return .proceed
        }
        let (_, recovery) = try bench.open(through: disk)
        func judge(_ bench: Bench, _ report: RecoveryReport) {
            #expect(bench.everything() == Self.before.merging(["base": "theirs"]) { $1 })
            #expect(bench.conflicts == ["base 2", "new", "x"])
            #expect(report.rolledBack == [Bench.key(1)])
            #expect(Set(report.kept.map(\.place)) == ["base", "new", "d/x"])
        }
        judge(bench, recovery)
        for state in states.withLock({ $0 }) {
            let model = ModelDisk(state)
            let bench = Bench(disk: model, tree: model.top)
            let (_, recovery) = try bench.open()
            if !recovery.isEmpty { judge(bench, recovery) }
        }
    }

    @Test("a folder that cannot go back to where it was moved from is kept, and writing goes on")
    func originTaken() throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let disk = HookedDisk(model) { call in
            if call.point == CommitPoint.swapRename.fault, call.path == "base" { try? bench.makeFolder("folder") }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        let stale = FileIdentity(inode: 1, digest: ContentDigest(of: []))
        do {
            try directory.commit(
                1,
                .moveFolder(from: "folder", to: "to", inode: try #require(bench.status("folder")).inode),
                .replaceFile("base", contents: [], base: stale)
            )
            Issue.record("committed")
        } catch CommitFailure.conflict(_, let kept) {
            #expect(kept.map(\.place) == ["folder"])
        }
        #expect(bench.conflicts == ["inside"])
        #expect(directory.brokenReason == nil)
        try directory.commit(2, .create("later", "later"))
        try directory.close()
    }

    @Test(
        "a parent that was removed with everything in it does not stop an abort or an open",
        arguments: [false, true]
    )
    func parentRemoved(isKilled: Bool) throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let states = Guarded([ModelState]())
        let disk = HookedDisk(model) { call in
            if call.point == CommitPoint.swapRename.fault, call.path == "base" {
                try? bench.removeAll("folder")
                let state = model.state.afterKill()
                states.withLock { $0.append(state) }
            }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        let stale = FileIdentity(inode: 1, digest: ContentDigest(of: []))
        #expect(throws: CommitFailure.self) {
            try directory.commit(
                1,
                .replace("folder/inside", "changed", in: bench),
                .replaceFile("base", contents: [], base: stale)
            )
        }
        #expect(directory.brokenReason == nil)
        #expect(bench.everything() == ["base": "base", "other": "other"])
        #expect(bench.conflicts == ["inside"])
        guard isKilled else { return }
        for state in states.withLock({ $0 }) {
            let model = ModelDisk(state)
            let bench = Bench(disk: model, tree: model.top)
            let (directory, _) = try bench.open()
            #expect(bench.everything() == ["base": "base", "other": "other"])
            #expect(bench.conflicts.contains("inside"))
            try directory.close()
        }
    }

    @Test("a replacement that was swapped in and then written to again by someone stays theirs")
    func editedAfterwards() throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .replace("base", "ours", in: bench), .create("new", "new"))
        }
        try bench.replace("base", "theirs")
        try bench.remove("new")
        let (_, recovery) = try bench.open()
        #expect(recovery.completed == [Bench.key(1)])
        #expect(recovery.kept.isEmpty)
        #expect(bench.everything() == Self.before.merging(["base": "theirs"]) { $1 })
    }

    enum Edit: CaseIterable {
        case overwritten, replaced, removed, newOneReplaced

        func make(_ bench: Bench) throws {
            switch self {
            case .overwritten: try bench.overwrite("base", "theirs")
            case .replaced: try bench.replace("base", "theirs")
            case .removed: try bench.remove("base")
            case .newOneReplaced:
                // Where it is not there yet, somebody makes it.
                if bench.status("new") == nil {
                    try bench.create("new", "theirs")
                } else {
                    try bench.replace("new", "theirs")
                }
            }
        }

        var place: BytePath { self == .newOneReplaced ? "new" : "base" }

        var after: [BytePath: String?] {
            var after = RecoveryTests.after
            switch self {
            case .overwritten, .replaced: after["base"] = "theirs"
            case .removed: after.removeValue(forKey: "base")
            case .newOneReplaced: after["new"] = "theirs"
            }
            return after
        }
    }

    @Test(
        "what stands is never taken back for an edit, wherever the recovery that met it was killed",
        arguments: Edit.allCases, ["before it", "after it", "after it, and then a power cut"])
    func editedBetweenRecoveries(edit: Edit, moment: String) throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        do {
            let (directory, _) = try bench.open()
            _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: Self.steps(bench)))
        }
        if moment == "before it" { try edit.make(bench) }
        let states = Guarded([(state: ModelState, isCompleted: Bool)]())
        let slots = bench.slots
        let disk = HookedDisk(model) { call in
            let state = model.state.afterKill()
            states.withLock { $0.append((state, !slots.isEmpty && bench.slots.isEmpty)) }
            return .proceed
        }
        #expect(try bench.open(through: disk).recovery.completed == [Bench.key(1)])
        let (all, boot) = (states.withLock { $0 }, moment.hasSuffix("power cut") ? "next" : "boot")
        // Before its slots are cleared, a power cut leaves it open who put there what stands.
        let judged = boot == "next" ? all.filter(\.isCompleted) : all
        #expect(judged.count > 2)
        for (state, _) in judged {
            let model = ModelDisk(state)
            let bench = Bench(disk: model, tree: model.top)
            if moment != "before it" { try edit.make(bench) }
            let (_, recovery) = try bench.open(boot: boot)
            #expect(bench.everything() == edit.after)
            #expect(recovery.isEmpty || recovery.completed == [Bench.key(1)])
        }
    }

    @Test(
        "a group is whole or absent around one edit, between any kill of a commit and any kill of its recovery",
        arguments: Edit.allCases, [false, true])
    func editedBetweenKills(edit: Edit, isBetweenRecoveries: Bool) throws {
        let kills = try Self.kills(of: try ModelDisk.prepared()) { bench, disk in
            let (directory, _) = try bench.open(through: disk, seed: 1)
            _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: Self.steps(bench)))
        }
        var recovered = (completed: 0, rolledBack: 0)
        for (index, kill) in kills.enumerated() where kill.point.hasPrefix("commit.swap.") || kill.point == "end" {
            let model = ModelDisk(kill.state)
            if !isBetweenRecoveries { try edit.make(Bench(disk: model, tree: model.top)) }
            for moment in try Self.kills(of: model, { _ = try $0.open(through: $1, seed: 2) }) {
                let model = ModelDisk(moment.state)
                let bench = Bench(disk: model, tree: model.top)
                if isBetweenRecoveries { try edit.make(bench) }
                let (_, recovery) = try bench.open(seed: 3)
                recovered.completed += recovery.completed.count
                recovered.rolledBack += recovery.rolledBack.count
                var (seen, absent, whole) = (bench.everything(), Self.before, edit.after)
                #expect(seen[edit.place] == whole[edit.place], "\(kill.point), \(moment.point)")
                seen.removeValue(forKey: edit.place)
                absent.removeValue(forKey: edit.place)
                whole.removeValue(forKey: edit.place)
                let wasAcknowledged = kill.point == "end"
                #expect(
                    seen == whole || seen == absent && !wasAcknowledged, "\(index) \(kill.point), \(moment.point)")
            }
        }
        #expect(recovered.completed > 50 && recovered.rolledBack > 20, "\(recovered)")
    }

    /// The disk as each call of the work finds it, if the process is killed there, and as the end leaves it.
    private static func kills(
        of model: ModelDisk, _ work: (Bench, HookedDisk) throws -> Void
    ) throws -> [(point: String, state: ModelState)] {
        let kills = Guarded([(point: String, state: ModelState)]())
        let disk = HookedDisk(model) { call in
            let state = model.state.afterKill()
            kills.withLock { $0.append((call.point.name, state)) }
            return .proceed
        }
        try work(Bench(disk: model, tree: model.top), disk)
        return kills.withLock { $0 } + [("end", model.state.afterKill())]
    }

    @Test("an edit after a checkpoint does not take a group back that a power cut follows")
    func editedAfterCheckpoint() throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let (directory, _) = try bench.open()
        try directory.commit(1, .replace("base", "ours", in: bench), .create("new", "new"))
        try directory.checkpoint()
        try bench.replace("base", "theirs")
        let file = try bench.disk.open("base", in: bench.tree, .read, at: Bench.point)
        try bench.disk.flush(file, at: Bench.point)
        let survivor = ModelDisk(model.state.afterCut(keeping: { _ in true }, data: { old, _ in old }))
        let later = Bench(disk: survivor, tree: survivor.top)
        let (_, recovery) = try later.open(boot: "next")
        #expect(recovery.isEmpty)
        #expect(later.everything() == Self.before.merging(["base": "theirs", "new": "new"]) { $1 })
        #expect(later.conflicts.isEmpty)
    }

    @Test("no two records are ever unflushed together: torn apart, they would stop every open", arguments: Workload.all)
    func oneUnflushedRecord(workload: Workload) throws {
        let model = try ModelDisk.prepared(workload)
        let bench = Bench(disk: model, tree: model.top)
        let state = Guarded((isUnflushed: false, both: 0, records: 0))
        let disk = HookedDisk(model) { call in
            state.withLock { state in
                if call.point == CommitPoint.journalAppend.fault, call.name == .write {
                    state.both += state.isUnflushed ? 1 : 0
                    state.records += 1
                    state.isUnflushed = true
                }
                if call.name == .flush, call.path == "journal" { state.isUnflushed = false }
            }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        try workload.run(bench, directory) { _, _ in }
        #expect(state.withLock { $0.both } == 0)
        #expect(state.withLock { $0.records } > 2)
    }

    @Test("acts on nothing that only the cache holds, after a flush that failed and would not fail again")
    func failedFlush() throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let failing = [CommitPoint.journalFlush.fault, CommitPoint.stageFlush.fault]
        let disk = HookedDisk(model) { failing.contains($0.point) ? .fail(EIO) : .proceed }
        do {
            let (directory, _) = try bench.open(through: disk)
            #expect(throws: CommitFailure.self) {
                try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: Self.steps(bench)))
            }
        }
        var state = model.state.afterKill()
        state.forgetUnflushed()
        let again = ModelDisk(state)
        let moments = Guarded([ModelState]())
        let watched = HookedDisk(again) { _ in
            let state = again.state
            moments.withLock { $0.append(state) }
            return .proceed
        }
        let reopened = Bench(disk: again, tree: again.top)
        #expect(try reopened.open(through: watched).recovery.completed == [Bench.key(1)])
        #expect(reopened.everything() == Self.after)
        for moment in moments.withLock({ $0 }) + [again.state] {
            let survivor = ModelDisk(moment.afterCut(keeping: { _ in true }, data: { old, _ in old }))
            let bench = Bench(disk: survivor, tree: survivor.top)
            _ = try bench.open(boot: "next")
            #expect(bench.everything() == Self.before || bench.everything() == Self.after)
        }
    }
}

import Glibc
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("Hard interleavings")
struct InterleavingTests {
    private static let before: [BytePath: String?] = [
        "base": "base", "other": "other", "folder": nil, "folder/inside": "inside",
    ]

    private static func steps(_ bench: Bench) -> [CommitStep] {
        [.makeFolder("d"), .create("d/x", "x"), .create("new", "new"), .replace("base", "base 2", in: bench)]
    }

    private static func bench(_ state: ModelState) -> Bench {
        let model = ModelDisk(state)
        return Bench(disk: model, tree: model.top)
    }

    @Test(
        "two commits on one file before a checkpoint, then a crash: both stand, or the first, or none, as they were told",
        arguments: [Exploration.Crash.kill, .cut(.ordered), .cut(.weak)])
    func twoCommits(crash: Exploration.Crash) throws {
        let workload = Workload(
            name: "two commits on one file",
            actions: [
                .commit { [.replace("base", "b1", in: $0), .create("f", "1")] },
                .commit { [.replace("base", "b2", in: $0), .replace("f", "2", in: $0)] },
            ]
        )
        var exploration = Exploration(workload, crash, seed: 3)
        exploration.limits.recoveries = 600
        try exploration.run()
        #expect(exploration.violations == [])
        #expect(exploration.recoveries > 100)
    }

    @Test(
        "a crash between a swap and its verification, with a foreign file in the slot: theirs is back in its place",
        arguments: ["boot", "next"], [false, true])
    func foreignInSlot(boot: String, isWrittenInPlace: Bool) throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let found = Guarded((isSwapped: false, state: ModelState?.none))
        let disk = HookedDisk(model) { call in
            let state = model.state
            found.withLock { if $0.isSwapped { $0.state = $0.state ?? state } }
            if call.point == CommitPoint.swapRename.fault, call.path == "base" {
                if isWrittenInPlace {
                    try? bench.overwrite("base", "theirs")
                } else {
                    try? bench.replace("base", "theirs")
                }
                found.withLock { $0.isSwapped = true }
            }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        #expect(throws: CommitFailure.self) {
            try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: Self.steps(bench)))
        }
        let crashed = Self.bench(try #require(found.withLock { $0.state }).afterKill())
        #expect(crashed.read("base") == "base 2")
        #expect(crashed.slots.contains { crashed.read(Bench.control.appending("shadow").appending($0)) == "theirs" })
        let (_, recovery) = try crashed.open(boot: boot)
        #expect(recovery.rolledBack == [Bench.key(1)] && recovery.completed.isEmpty)
        #expect(crashed.everything() == Self.before.merging(["base": "theirs"]) { $1 })
        #expect(crashed.conflicts == ["base 2", "new", "x"])
        #expect(crashed.slots.isEmpty)
    }

    @Test(
        "a mode that somebody changes in the instant of the swap, with and without a crash before its verification: it survives",
        arguments: ["before", "after", "never"])
    func changedMode(moment: String) throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let seen = Guarded((calls: 0, state: ModelState?.none))
        let disk = HookedDisk(model) { call in
            let calls = seen.withLock { seen in
                if seen.calls > 0 || call.point == CommitPoint.swapRename.fault && call.path == "base" {
                    seen.calls += 1
                }
                return seen.calls
            }
            if calls == ["before": 1, "after": 2][moment],
                let file = try? model.open("base", in: model.top, .read, at: Bench.point)
            {
                model.setPermissions(0o604, of: file)
            }
            // The first call behind the swap.
            if calls == 2 { seen.withLock { [state = model.state] in $0.state = state } }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        let receipt = try? directory.commit(CommitGroup(operations: [Bench.key(1)], steps: Self.steps(bench)))
        // Without the crash.
        #expect((receipt == nil) == (moment == "before"))
        #expect(bench.read("base") == (moment == "before" ? "base" : "base 2"))
        #expect(bench.status("base")?.permissions == (moment == "never" ? 0o644 : 0o604))
        let crashed = Self.bench(try #require(seen.withLock { $0.state }).afterKill())
        #expect(crashed.read("base") == "base 2")
        let (again, recovery) = try crashed.open()
        #expect(crashed.status("base")?.permissions == (moment == "never" ? 0o644 : 0o604))
        // Whoever changes the old file's meets the group, as in a commit that goes on; the new one's is nobody's concern.
        #expect(recovery.rolledBack == (moment == "before" ? [Bench.key(1)] : []))
        #expect(recovery.completed == (moment == "before" ? [] : [Bench.key(1)]))
        #expect(crashed.read("base") == (moment == "before" ? "base" : "base 2"))
        #expect(crashed.conflicts == (moment == "before" ? ["base 2", "new", "x"] : []))
        try again.close()
    }

    @Test(
        "a foreign checkout that puts the base's bytes back in a new inode, and a crash: it is foreign all the same",
        arguments: ["boot", "next"], [false, true])
    func checkout(boot: String, isCommitted: Bool) throws {
        let model = try isCommitted ? ModelDisk.prepared() : ModelDisk.killed(before: 4, Self.steps)
        let bench = Bench(disk: model, tree: model.top)
        let base = try #require(bench.status("base")).inode
        if isCommitted {
            let (directory, _) = try bench.open()
            _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: Self.steps(bench)))
        }
        try bench.replace("base", "base")
        let theirs = try #require(bench.status("base")).inode
        #expect(theirs != base)
        let (directory, recovery) = try bench.open(boot: boot)
        #expect(bench.status("base")?.inode == theirs)
        #expect(recovery.completed == (isCommitted ? [Bench.key(1)] : []))
        #expect(recovery.rolledBack == (isCommitted ? [] : [Bench.key(1)]))
        let new: [BytePath: String?] = ["new": "new", "d": nil, "d/x": "x"]
        #expect(bench.everything() == (isCommitted ? Self.before.merging(new) { $1 } : Self.before))
        #expect(bench.conflicts == (isCommitted ? [] : ["base 2", "new", "x"]))
        try directory.close()
    }

    @Test(
        "one foreign step among several takes the whole group back, whichever it is and however far the group had come",
        arguments: 1...4, ["d", "d/x", "new", "base"] as [BytePath])
    func oneForeignStep(swap: Int, place: BytePath) throws {
        let index = try #require((["d", "d/x", "new", "base"] as [BytePath]).firstIndex(of: place))
        // Written to after its swap, it is a later edit and no foreign step.
        guard index >= swap - 1 else { return }
        for boot in ["boot", "next"] {
            let model = try ModelDisk.killed(before: swap, Self.steps)
            let bench = Bench(disk: model, tree: model.top)
            if place == "base" {
                try bench.replace(place, "theirs")
            } else {
                if place == "d/x", bench.status("d") == nil { try bench.makeFolder("d") }
                try bench.create(place, "theirs")
            }
            let (_, recovery) = try bench.open(boot: boot)
            #expect(recovery.rolledBack == [Bench.key(1)] && recovery.completed.isEmpty)
            var seen = bench.everything()
            #expect(seen.removeValue(forKey: place) == .some("theirs"))
            if place == "d/x" { #expect(seen.removeValue(forKey: "d") == .some(nil)) }
            #expect(seen == Self.before.filter { $0.key != place })
            #expect(bench.conflicts == ["base 2", "new", "x"])
            #expect(Set(recovery.kept.map(\.place)) == ["base", "new", "d/x"])
        }
    }

    @Test(
        "a second foreign write during the undo: both of theirs are there, also after a crash at any later call",
        arguments: [false, true])
    func secondWrite(isWrittenInPlace: Bool) throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let seen = Guarded((isSecond: false, states: [ModelState]()))
        let disk = HookedDisk(model) { call in
            let state = model.state
            seen.withLock { if $0.isSecond { $0.states.append(state) } }
            if call.point == CommitPoint.swapRename.fault, call.path == "base" { try? bench.replace("base", "first") }
            let isFirstUndo = seen.withLock { !$0.isSecond }
            if call.point == CommitPoint.undoRename.fault, call.name == .rename, call.path == "base", isFirstUndo {
                if isWrittenInPlace {
                    try? bench.overwrite("base", "second")
                } else {
                    try? bench.replace("base", "second")
                }
                seen.withLock { $0.isSecond = true }
            }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        let steps: [CommitStep] = [.create("new", "new"), .replace("base", "ours", in: bench)]
        do throws(CommitFailure) {
            _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: steps))
            Issue.record("committed")
        } catch {
            guard case .conflict(let places, let kept) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(places == ["base"] && kept.map(\.place) == ["base"])
        }
        #expect(directory.brokenReason == nil)
        #expect(bench.everything() == Self.before.merging(["base": "second"]) { $1 })
        #expect(bench.conflicts == ["first"])
        let states = seen.withLock { $0.states }
        #expect(states.count > 5)
        for state in states {
            for boot in ["boot", "next"] {
                let later = Self.bench(state.afterKill())
                _ = try later.open(boot: boot)
                let theirs = later.everything().values.compactMap { $0 } + later.conflicts
                #expect(theirs.contains("first") && theirs.contains("second"), "\(theirs)")
                #expect(later.status("new") == nil)
            }
        }
    }

    @Test("a clock that is set back between commits and before recovery is noticed by nobody", arguments: 1...3)
    func clock(swap: Int) throws {
        let model = try ModelDisk.prepared()
        let bench = Bench(disk: model, tree: model.top)
        let states = Guarded([ModelState]())
        let disk = HookedDisk(model) { call in
            if call.point == CommitPoint.swapRename.fault {
                let state = model.state.afterKill()
                states.withLock { $0.append(state) }
            }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        try directory.commit(1, .replace("base", "b1", in: bench))
        let stale = bench.identity("other")
        model.setClock(5)
        try bench.replace("other", "theirs")
        try directory.commit(2, .replace("base", "b2", in: bench), .create("new", "new"))
        #expect(throws: CommitFailure.self) {
            try directory.commit(3, .replaceFile("other", contents: [1], base: stale))
        }
        let crashed = ModelDisk(states.withLock { $0[swap - 1] })
        crashed.setClock(0)
        let later = Bench(disk: crashed, tree: crashed.top)
        let (again, recovery) = try later.open(boot: "next")
        #expect(recovery.completed == (swap == 1 ? [Bench.key(1)] : [Bench.key(1), Bench.key(2)]))
        #expect(later.read("base") == (swap == 1 ? "b1" : "b2"))
        #expect(later.read("new") == (swap == 1 ? nil : "new"))
        #expect(later.read("other") == (swap == 1 ? "other" : "theirs"))
        try again.commit(9, .replace("base", "later", in: later))
        try again.close()
        #expect(later.conflicts.isEmpty)
    }

    enum Cleaning: String, CaseIterable, Sendable {
        case slots, shadow, journal, everything

        func act(_ bench: Bench) {
            let shadow = Bench.control.appending("shadow")
            switch self {
            case .slots: for slot in bench.slots { try? bench.removeAny(shadow.appending(slot)) }
            case .shadow: try? bench.removeAll(shadow)
            case .journal: try? bench.remove(Bench.control.appending("journal"))
            case .everything:
                for name in bench.names(in: Bench.control) { try? bench.removeAny(Bench.control.appending(name)) }
            }
        }
    }

    @Test(
        "what is cleaned away under a commit, before any of its calls, costs no file of the project, killed or not",
        arguments: Cleaning.allCases)
    func cleaned(_ cleaning: Cleaning) throws {
        let start = try ModelDisk.prepared().state
        let whole = Self.before.merging(["base": "base 2", "new": "new", "d": nil, "d/x": "x"] as [BytePath: String?]) {
            $1
        }
        let contents: [BytePath: [String]] = [
            "base": ["base", "base 2"], "other": ["other"], "folder/inside": ["inside"],
        ]
        func judge(_ bench: Bench, _ what: String) {
            let seen = bench.everything()
            for (path, wanted) in contents {
                #expect(seen[path].flatMap { $0 }.map(wanted.contains) == true, "\(what): \(path) \(seen)")
            }
            for (path, wanted) in ["d/x": "x", "new": "new"] as [BytePath: String] {
                if let found = seen[path] { #expect(found == wanted, "\(what): \(path)") }
            }
        }
        var (call, last) = (0, Int.max)
        while call < last {
            call += 1
            let model = ModelDisk(start)
            let bench = Bench(disk: model, tree: model.top)
            let noted = Guarded((calls: 0, after: ModelState?.none))
            let now = call
            let (quiet, _) = try bench.open(seed: 1)
            try quiet.close()
            let isOn = Guarded(false)
            let disk = HookedDisk(model) { _ in
                let isNow = noted.withLock { noted in
                    if isOn.withLock({ $0 }) { noted.calls += 1 }
                    return noted.calls == now && noted.after == nil
                }
                if isNow {
                    cleaning.act(bench)
                    let state = model.state
                    noted.withLock { $0.after = state }
                }
                return .proceed
            }
            var what = "\(cleaning) before call \(call)"
            do {
                let (directory, _) = try bench.open(through: disk, seed: 2)
                isOn.withLock { $0 = true }
                do throws(CommitFailure) {
                    _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: Self.steps(bench)))
                    what += ", committed"
                    #expect(bench.everything() == whole, "\(what)")
                    _ = try directory.close()
                } catch { what += ", \(error)" }
                isOn.withLock { $0 = false }
            }
            judge(bench, what)
            last = noted.withLock { $0.calls }
            guard let after = noted.withLock({ $0.after }) else { continue }
            for boot in ["boot", "next"] {
                let later = Self.bench(after.afterKill())
                let (directory, _) = try later.open(boot: boot)
                judge(later, "\(what), killed, \(boot)")
                // With its journal the group is whole all the same.
                let hasRecord = cleaning == .slots || cleaning == .shadow
                let (seen, isWhole) = (later.everything(), [Self.before, whole].contains(later.everything()))
                #expect(isWhole || !hasRecord, "\(what), killed, \(boot): \(seen)")
                try directory.close()
            }
            // Whatever happened, the next opening works.
            let (again, _) = try bench.open()
            try again.commit(2, .create("later", "later"))
            try again.close()
        }
        #expect(last > 30)
    }
}

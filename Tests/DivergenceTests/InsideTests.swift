import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Run by 'Surroundings', each in a process of its own.
@Suite(.serialized, .enabled(if: OwnProcess.isInside, "these run in a process of their own, started by 'Surroundings'"))
struct Inside {
    private func limit(_ name: String, _ value: Int) throws {
        let file = try #require(fopen("/proc/sys/user/max_inotify_\(name)", "w"))
        fputs("\(value)", file)
        fclose(file)
    }

    private func wait(_ bench: Bench, for coverage: String) -> Bool {
        bench.sink.wait { event in
            if case .coverageChanged(let now) = event.kind { now.name == coverage } else { false }
        } != nil
    }

    @Test func soak() async throws { try await Soak.run() }

    @Test func watchLimit() async throws {
        let bench = try await Bench.open(try Fixtures.game())
        #expect(await bench.check("past the limit", coverage: ["degraded"]) == 0)
        try bench.shell("echo >> $D; rm $I; mkdir -p n/e/w; cp $D n/e/w")
        // Nothing but the next poll can tell of what happened in an unwatched folder; one that was under way meanwhile
        // may have seen a part of it.
        for path in ["n/e/w/asset.json", "data/items/items.csv", "tiles/dungeon/asset.json"] {
            #expect(bench.sink.wait { $0.divergence?.path == path } != nil)
        }
        #expect(await bench.check("polled", coverage: ["degraded"]) == 3)
        try limit("watches", 100_000)
        #expect(wait(bench, for: "complete"))
        #expect(await bench.check("raised") == 3)
        try bench.shell("rm -r n data; echo >> $W")
        #expect(await bench.check("watched") == 5)
        await bench.close()
    }

    @Test func fewWatches() async throws {
        let folder = try Fixtures.game()
        try Bench.shell("for i in $(seq 5000); do mkdir -p many/$((i / 100))/$i; done", in: folder)
        let bench = try await Bench.open(folder)
        #expect(await bench.check("past the limit", coverage: ["degraded"]) == 0)
        let before = try OwnCounts.activity()
        let started = MonotonicClock.now()
        // Two polls long: the span is what is measured.
        try await Task.sleep(for: .seconds(11))
        let span = Int(MonotonicClock.now() - started)
        let after = try OwnCounts.activity()
        let spent = after.values.reduce(0) { $0 + $1.runTime } - before.values.reduce(0) { $0 + $1.runTime }
        print("measured: \(spent / 1_000_000) ms of CPU time for polling 5,000 folders in \(span / 1_000_000) ms")
        #expect(spent < span / 3)
        try bench.shell("cp $D many/17/1700")
        #expect(bench.sink.wait { $0.divergence != nil } != nil)
        #expect(await bench.check("polled", coverage: ["degraded"]) == 1)
        await bench.close()
    }

    @Test func noInstance() async throws {
        let bench = try await Bench.open(try Fixtures.game())
        #expect(await bench.check("no instance", coverage: ["degraded"]) == 0)
        try bench.shell("rm -r data; mkdir -p n/e/w; cp $D n/e/w")
        for path in ["n/e/w/asset.json"] + ["asset.json", "items.csv", "descriptions.json"].map({ "data/items/" + $0 })
        {
            #expect(bench.sink.wait { $0.divergence?.path == path } != nil)
        }
        #expect(await bench.check("polled", coverage: ["degraded"]) == 4)
        try limit("instances", 100)
        #expect(wait(bench, for: "complete"))
        #expect(await bench.check("raised") == 4)
        await bench.close()
    }

    @Test func noLibrary() async throws {
        let bench = try await Bench.open(try Fixtures.game())
        #expect(await bench.check("no library", coverage: ["degraded"]) == 0)
        try bench.shell("rm -r data; mkdir -p n/e/w; cp $D n/e/w")
        for path in ["n/e/w/asset.json"] + ["asset.json", "items.csv", "descriptions.json"].map({ "data/items/" + $0 })
        {
            #expect(bench.sink.wait { $0.divergence?.path == path } != nil)
        }
        #expect(await bench.check("polled", coverage: ["degraded"]) == 4)
        try bench.shell("umount \(try #require(ProcessInfo.processInfo.environment["LIBRARY"]))")
        #expect(wait(bench, for: "complete"))
        #expect(await bench.check("library") == 4)
        await bench.close()
    }

    @Test func mountOver() async throws {
        let bench = try await Bench.open(try Fixtures.game())
        try bench.shell("mount -t tmpfs none data; mkdir data/items; cp $D data/items")
        #expect(await bench.check("mounted", coverage: ["degraded"]) == 3)
        try bench.shell("echo >> data/items/asset.json; umount data")
        #expect(await bench.check("unmounted") == 0)
        await bench.close()
    }

    @Test func unmountedRoot() async throws {
        let folder = try TemporaryFolder()
        try Fixtures.run("/bin/mount", ["-t", "tmpfs", "none", folder.path])
        try Fixtures.run("/bin/cp", ["-a", Fixtures.package + "/fixtures/game/assets", folder.path + "/assets"])
        let bench = try await Bench.open(folder)
        #expect(await bench.check("mounted") == 0)
        try Fixtures.run("/bin/umount", ["-l", folder.path])
        await bench.project.settled()
        #expect(bench.project.coverage.name == "lost")
        await bench.project.close()
    }

    @Test func rounds() async throws {
        let rounds = ProcessInfo.processInfo.environment["PACKER_ROUNDS"].flatMap(Int.init) ?? 40
        let folders = [try Fixtures.game(), try Fixtures.game(), try Fixtures.empty()]
        func round(_ number: Int) async throws {
            var open: [PackerProject] = []
            for folder in folders { open.append(try await PackerProject.open(folder)) }
            if number % 8 == 0 { for project in open { await project.settled() } }
            // In any order.
            for index in 0..<3 { await open.remove(at: (number + index) % open.count).close() }
        }
        for number in 0..<20 { try await round(number) }
        let before = (try OwnCounts.descriptors(), try OwnCounts.threads(), try OwnCounts.resident())
        for number in 0..<rounds { try await round(number) }
        let after = (try OwnCounts.descriptors(), try OwnCounts.threads(), try OwnCounts.resident())
        print("measured: \(rounds) rounds of 3 projects: descriptors, threads, bytes \(before) -> \(after)")
        #expect(try OwnCounts.watches() == 0)
        // Threads of the last projects may be about to end, and hold what they hold until then.
        #expect(after.0 <= before.0 + 10)
        #expect(after.1 <= before.1 + 10)
        // The allocator's own ups and downs come to several megabytes, however many rounds there are.
        #expect(after.2 < before.2 + 12_000_000 + rounds * 3 * 500)
    }

    /// The span is what is measured: a wake-up that does not come leaves nothing to wait for.
    @Test func idle() async throws {
        let count = ProcessInfo.processInfo.environment["PACKER_IDLE_ASSETS"] ?? "10000"
        let folder = try Fixtures.make("generate_workspace.py", ["--assets", count])
        let sink = EventRecorder()
        let empty = try OwnCounts.resident()
        let project = try await PackerProject.open(folder, sink: sink)
        await project.settled()
        #expect(
            sink.wait { if case .coverageChanged(.complete(inputsVerified: true)) = $0.kind { true } else { false } }
                != nil)
        let watches = try OwnCounts.watches()
        // What is on its way to sleep gets there.
        try await Task.sleep(for: .seconds(1))
        let span = ProcessInfo.processInfo.environment["PACKER_IDLE_SECONDS"].flatMap(Int.init) ?? 3
        let before = try OwnCounts.activity()
        try await Task.sleep(for: .seconds(span))
        let after = try OwnCounts.activity()
        func sum(_ counts: [String: OwnCounts.Activity], _ field: KeyPath<OwnCounts.Activity, Int>) -> Int {
            counts.values.reduce(0) { $0 + $1[keyPath: field] }
        }
        print(
            "measured: \(count) assets: \(watches) watches, \((try OwnCounts.resident() - empty) / 1_000_000) MB, "
                + "\(sum(after, \.switches) - sum(before, \.switches)) context switches and "
                + "\(sum(after, \.runTime) - sum(before, \.runTime)) ns of CPU time of \(after.count) threads in \(span) s"
        )
        #expect(before.keys.contains { $0.hasPrefix("packer-monitor") })
        #expect(before.keys.contains { $0.hasPrefix("packer-ledger") })
        #expect(before == after)
        await project.close()
    }

    @Test func memory() async throws {
        let count = 20_000
        let folder = try Fixtures.empty()
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        await project.settled()
        let before = (try OwnCounts.resident(), try OwnCounts.watches())
        for index in 0..<count {
            try FileManager.default.createDirectory(
                atPath: folder.path + "/assets/group-\(index / 200)/a-folder-of-an-asset-\(index)",
                withIntermediateDirectories: true)
        }
        await project.settled()
        let watches = try OwnCounts.watches() - before.1
        let each = (try OwnCounts.resident() - before.0) / watches
        print("measured: \(each) bytes of memory for each of \(watches) watched folders")
        #expect(watches >= count)
        #expect(each < 1_200)
        await project.close()
    }

    @Test func storm() async throws {
        let folder = try Fixtures.make("generate_workspace.py", ["--assets", "3334"])
        try Bench.shell(
            """
            cd ..; git init -q -b one; git config user.email a@b; git config user.name n; git config gc.auto 0
            git config core.fsync none; git add -A; git commit -qm one; git checkout -qb two
            find assets -type f ! -path '*/.prometeu/*' -exec sed -i 's/^/ /' {} +; git commit -qam two; git checkout -q one
            """, in: folder)
        let bench = try await Bench.open(folder, settleTime: .milliseconds(50))
        let before = try OwnCounts.resident()
        try bench.shell("cd ..; git checkout -q two")
        let flagged = await bench.check("switched", coverage: ["complete"])
        #expect(flagged >= 10_000)
        let peak = try OwnCounts.resident()
        try bench.shell("cd ..; git checkout -q one; git checkout -q two; git checkout -q one")
        #expect(await bench.check("switched back") == 0)
        await bench.close()
        let events = bench.sink.events.count { $0.divergence != nil }
        print(
            "measured: storm: \(flagged) files flagged, \(events) events, \((peak - before) / 1_000_000) MB more at the peak"
        )
        // Three switches, and a path that git takes away before it writes it may be seen in between.
        #expect(events <= 8 * flagged)
        #expect(peak - before < 150_000_000)
    }
}

import Glibc
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Fails calls at one of the ledger's points for as long as it is told to.
private final class LedgerFault: FaultInjector {
    private let code = Guarded<CInt?>(nil)
    private let point: String

    init(_ point: String) { self.point = point }

    func set(_ code: CInt?) { self.code.withLock { $0 = code } }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard point.name == self.point, let code = code.withLock({ $0 }) else { return .proceed }
        return .fail(code)
    }
}

@Suite("The life of flags", .serialized)
struct LifeTests {
    @Test(
        "a process out of descriptors or memory flags nothing that it could not look at, says so, and recovers",
        arguments: [EMFILE, ENOMEM, EIO])
    func cannotLook(_ code: CInt) async throws {
        let fault = LedgerFault("packer.ledger.look")
        let bench = try await Bench.open(try Fixtures.game(), disk: LinuxDisk(faults: fault))
        fault.set(code)
        try bench.shell("touch $D; echo >> $I")
        await bench.project.settled()
        #expect(bench.project.divergences.divergences.isEmpty)
        #expect(bench.sink.wait { if case .coverageChanged(.verifying) = $0.kind { true } else { false } } != nil)
        fault.set(nil)
        #expect(bench.sink.wait { $0.divergence != nil } != nil)
        #expect(bench.sink.events.last { if case .coverageChanged = $0.kind { true } else { false } } != nil)
        try bench.shell("touch $D")
        while bench.project.coverage.name != "complete" {
            let seen = bench.sink.events.count
            _ = bench.sink.wait { $0.sequence > UInt64(seen) }
        }
        #expect(await bench.check("recovered") == 1)
        await bench.close()
    }

    @Test("inputs that may not be read are compared by their records, and settling ends")
    func unreadableInputs() async throws {
        let fault = LedgerFault("packer.ledger.read")
        fault.set(EACCES)
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: EventRecorder(),
            disk: LinuxDisk(faults: fault))
        await project.settled()
        #expect(!project.divergences.divergences.contains { !$0.isUnverified })
        await project.close()
    }

    @Test("a further write to a flagged file is no event; a change of its kind is one")
    func furtherWrite() async throws {
        let bench = try await Bench.open(try Fixtures.game(), settleTime: .seconds(60))
        for script in ["echo >> $D", "echo >> $D", "echo >> $D", "rm $D", "mkdir $D", "rmdir $D; cp $W $D"] {
            try bench.shell(script)
            #expect(await bench.check(script) == 1)
        }
        await bench.close()
        let kinds = bench.sink.events.compactMap(\.divergence).map(\.kind.name)
        #expect(kinds == ["modified", "missing", "typeChanged", "modified"])
    }

    @Test("a report is sorted by path, and stands on the sequence that it names")
    func report() async throws {
        let bench = try await Bench.open(try Fixtures.game())
        try bench.shell("echo >> $D; rm $W; mkdir -p z a; cp $D z; cp $D a")
        #expect(await bench.check() == 4)
        let report = bench.project.divergences
        #expect(report.divergences.map { BytePath($0.path) } == report.divergences.map { BytePath($0.path) }.sorted())
        await bench.close()
        let last = bench.sink.events.last { $0.sequence <= report.sequence && $0.divergence != nil }
        #expect(last != nil && !bench.sink.events.contains { $0.sequence > report.sequence && $0.divergence != nil })
    }

    @Test("a changed path is looked at when it has been quiet, and one that never is after the limit all the same")
    func settleTime() async throws {
        let folder = try Fixtures.game()
        let sink = EventRecorder()
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .seconds(600), settleLimit: .milliseconds(200)), sink: sink)
        await project.settled()
        let started = MonotonicClock.now()
        try folder.write("x", to: "assets/tiles/castle/asset.json")
        #expect(sink.wait { $0.divergence != nil } != nil)
        #expect(MonotonicClock.now() - started >= 190_000_000)
        await project.close()
    }

    @Test(
        "projects in one process, closed in any order, do not hear of each other",
        arguments: [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
    func severalProjects(_ order: [Int]) async throws {
        var benches: [Int: Bench] = [:]
        for number in 0..<3 { benches[number] = try await Bench.open(try Fixtures.game()) }
        for number in order {
            for (other, bench) in benches { try bench.shell("echo \(other) >> $D; rm -rf data; mkdir -p n\(number)") }
            for bench in benches.values { #expect(await bench.check() == 4) }
            await benches.removeValue(forKey: number)?.close()
        }
    }

    @Test("a process that forks goes on watching, and opens the project again while the child lives")
    func fork() async throws {
        let folder = try Fixtures.game()
        let bench = try await Bench.open(folder)
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        // Swift hides fork(2), as a child with one thread can do little; this one only waits.
        let symbol = try #require(dlsym(nil, "fork"))
        let fork = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)
        let child = fork()
        if child == 0 {
            var byte: UInt8 = 0
            close(ends[1])
            _ = read(ends[0], &byte, 1)
            _exit(0)
        }
        try bench.shell("echo >> $D")
        #expect(await bench.check("beside the child") == 1)
        await bench.close()
        let again = try await Bench.open(folder)
        try again.shell("rm -r data; mkdir -p n/e; cp $W n/e/asset.json")
        #expect(await again.check("opened again") == 4)
        await again.close()
        close(ends[1])
        close(ends[0])
        #expect(waitpid(child, nil, 0) == child)
    }
}

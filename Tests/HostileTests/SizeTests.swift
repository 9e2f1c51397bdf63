import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("Very much of everything")
struct SizeTests {
    /// A million where the variable says so.
    private static let entries =
        ProcessInfo.processInfo.environment["HOSTILE_ENTRIES"].flatMap(Int.init) ?? 100_000

    /// What the address sanitizer holds back of the memory that was freed, in MiB.
    private static let quarantine = Fixtures.isSanitized ? 256 : 0

    /// What the process takes beyond what it has, in MiB.
    private func memory(_ body: () async throws -> Void) async rethrows -> Int {
        Memory.forgetPeak()
        let before = Memory.peak ?? 0
        try await body()
        return (Memory.peak ?? 0) - before
    }

    @Test("a folder of a hundred thousand files and one of links is read past, in bounded memory")
    func entries() async throws {
        let hostile = try await HostileProject()
        let (files, links) = (hostile.path("group/files"), hostile.path("group/links"))
        mkdir(files, 0o755)
        mkdir(links, 0o755)
        for number in 0..<Self.entries { close(creat(files + "/\(number)", 0o644)) }
        for number in 0..<1_000 { symlink("/", links + "/\(number)") }
        let used = try await memory {
            let project = try await hostile.open()
            #expect(project.snapshot.allDiagnostics.count == 1_000)
            #expect(project.snapshot.allDiagnostics.allSatisfy { $0.code == .entrySymlink })
            await project.settled()
            _ = try await project.submit(.update(.root(hostile.victim), [.name("Ours")])).result
            await project.settled()
            #expect(project.divergences.divergences == [])
            await project.close()
        }
        print("\(Self.entries) files in one folder: \(used) MiB")
        #expect(used < 64 + Self.entries / 1_000 + Self.quarantine)
        hostile.expectNothingOutside(nil, "closed")
    }

    @Test("an input of one TiB, all hole, delays neither commands nor closing, and takes no memory")
    func sparseInput() async throws {
        let hostile = try await HostileProject()
        #expect(truncate(hostile.path("group/victim/in.bin"), 1 << 40) == 0)
        let used = try await memory {
            let started = MonotonicClock.now()
            let project = try await hostile.open()
            let asset = try #require(project.snapshot.asset(at: hostile.victim))
            #expect(asset.validity == .valid && asset.inputs.first?.size == 1 << 40)
            for round in 0..<3 {
                _ = try await project.submit(.update(.root(hostile.victim), [.name("Round \(round)")])).result
            }
            _ = try await project.submit(.relocate(.root(hostile.victim), to: AssetRoot(validating: "away"))).result
            _ = try await project.submit(.delete(.root(AssetRoot(validating: "away")))).result
            await project.close()
            // Reading it to its end takes minutes.
            #expect(MonotonicClock.now() - started < 20_000_000_000)
        }
        print("an input of one TiB: \(used) MiB")
        #expect(used < 64 + Self.quarantine)
    }

    @Test("a declaration of 1 MiB with inputs that are not there is told of, input by input, within seconds")
    func manyInputs() async throws {
        let hostile = try await HostileProject()
        let paths = (0..<60_000).map { "missing/\($0)" }
        try hostile.declareInputs(paths)
        let started = MonotonicClock.now()
        let used = try await memory {
            let project = try await hostile.open()
            let asset = try #require(project.snapshot.asset(at: hostile.victim))
            #expect(asset.validity == .invalid)
            #expect(asset.diagnostics.allSatisfy { $0.code == .inputMissing })
            await project.close()
        }
        print("60,000 inputs that are not there: \(used) MiB")
        #expect(used < 256 + Self.quarantine)
        #expect(MonotonicClock.now() - started < 20_000_000_000)
    }

    /// Tells when the last reference goes.
    private final class Sink: PackerEventSink {
        let isGone: Guarded<Bool>

        init(_ isGone: Guarded<Bool>) { self.isGone = isGone }
        deinit { isGone.signal { $0 = true } }

        func publish(_ event: PackerEvent) {}
    }

    @Test(
        "a project that was opened and closed leaves nothing in memory",
        arguments: [PackerOptions.Access.readWrite, .readOnly]
    )
    func released(_ access: PackerOptions.Access) async throws {
        let hostile = try await HostileProject()
        let isGone = Guarded(false)
        await (try PackerProject.open(hostile.folder, access, sink: Sink(isGone))).close()
        #expect(isGone.wait(until: MonotonicClock.now() + 20_000_000_000) { $0 ? true : nil } == true)
    }

    @Test("folders of any depth are deleted, restored, and gone for good when the trash is emptied")
    func deepTrash() async throws {
        let hostile = try await HostileProject()
        try Entries.makeDeep(beneath: hostile.path("group/victim"), 1_200)
        let shadow = hostile.path(".prometeu/shadow")
        var project = try await hostile.open()
        _ = try await project.submit(.delete(.root(hostile.victim))).result
        _ = try await project.submit(.restore(.root(hostile.victim), to: nil)).result
        _ = try await project.submit(.delete(.root(hostile.victim))).result
        _ = try await project.submit(.emptyTrash).result
        await project.close()
        // What was not done in this session is done in the next ones.
        for _ in 0..<200 where try !FileManager.default.contentsOfDirectory(atPath: shadow).isEmpty {
            project = try await hostile.open()
            _ = try await project.submit(.emptyTrash).result
            await project.close()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: shadow) == [])
    }
}

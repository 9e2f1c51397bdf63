import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite(
    "A real disk that fails",
    .enabled(if: MountedDisk.obstacle == nil, "\(MountedDisk.obstacle ?? "")")
)
struct RealDiskTests {
    private static let own = [
        "assets/.prometeu/journal", "assets/.prometeu/shadow", "assets/.prometeu/owner", "filler", "lost+found",
    ]

    private static func project(on disk: some LimitedDisk) throws -> TemporaryFolder {
        let folder = TemporaryFolder(at: disk.path)
        try Fixtures.run(
            "/usr/bin/env", ["cp", "-r", Fixtures.package + "/fixtures/game/assets", disk.path + "/assets"])
        return folder
    }

    /// One of every kind, each for another asset.
    private static func mutations(_ snapshot: Snapshot) throws -> [[Mutation]] {
        let ids = snapshot.list(limit: 100).assets.compactMap(\.id)
        func root(_ path: String) throws -> AssetRoot { try AssetRoot(validating: path) }
        return try [
            [.create(NewAsset(root: root("new/one/deep"), type: .map))], [.exclude(.id(ids[0]))],
            [.update(.id(ids[1]), [.name(String(repeating: "long ", count: 2000))])],
            [.relocate(.id(ids[2]), to: root("moved/far/away"))], [.delete(.id(ids[3]))], [.unregister(.id(ids[4]))],
            [
                .delete(.id(ids[5])), .create(NewAsset(root: root("x/y"), type: .data)),
                .relocate(.id(ids[6]), to: root("x/z")), .update(.id(ids[6]), [.name("Moved")]),
            ],
        ]
    }

    @Test(
        "a full disk refuses a command clearly and leaves all as it was, and with room again the same command works",
        arguments: [0, 1, 2, 3, 4, 5, 6, 8, 10, 14])
    func full(blocksLeft: Int) async throws {
        let refused = try await Self.commands(on: try MountedDisk(megabytes: 16), leaving: blocksLeft << 10)
        #expect(blocksLeft > 0 || refused > 2, "only \(refused) met a full disk")
        print("a disk with \(blocksLeft) blocks left: \(refused) of 7 commands refused")
    }

    @Test(
        "a quota that is used up refuses a command clearly and leaves all as it was, and once it is raised it works",
        .enabled(if: QuotaDisk.obstacle == nil, "\(QuotaDisk.obstacle ?? "")"),
        arguments: [0, 32, 64, 72, 80, 88, 96, 104, 112, 128])
    func quota(kilobytesLeft: Int) async throws {
        let refused = try await Self.commands(on: try QuotaDisk(), leaving: kilobytesLeft << 10, undoNeedsRoom: true)
        #expect(kilobytesLeft > 0 || refused > 2, "only \(refused) met the quota")
        print("a quota with \(kilobytesLeft) KiB left: \(refused) of 7 commands refused")
    }

    /// Each command with so much room left, and those that were refused once again with enough.
    /// - Parameter undoNeedsRoom: true for a filesystem that copies what it changes: taking a group back, or flushing its
    ///   record, may meet the limit, too. Writing ends then, and the next opening makes it whole.
    /// - Returns: how many were refused.
    private static func commands(
        on disk: some LimitedDisk, leaving bytes: Int, undoNeedsRoom: Bool = false
    ) async throws -> Int {
        let folder = try project(on: disk)
        var project = try await PackerProject.open(folder)
        await project.settled()
        var refused: [[Mutation]] = []
        for transaction in try mutations(project.snapshot) {
            // With some room a command fails at a later step, or fits.
            try disk.fill(leaving: bytes)
            let before = try folder.contents(except: own)
            let generation = project.snapshot.generation
            do throws(PackerError) {
                _ = try await project.submit(transaction).result
            } catch  where undoNeedsRoom && [.readOnly, .outcomeUnknown].contains(error.code) {
                try disk.empty()
                await project.close()
                project = try await PackerProject.open(folder)
                await project.settled()
                #expect(project.snapshot.access == .writable && project.divergences.divergences == [])
                let isAsBefore = try folder.contents(except: own) == before
                #expect(isAsBefore || error.code == .outcomeUnknown, "\(transaction[0].name): \(error)")
                if isAsBefore { refused.append(transaction) }
            } catch {
                #expect(error.code == .diskFull, "\(transaction[0].name): \(error)")
                #expect(!error.paths.isEmpty && error.remedy.contains("ree space"))
                #expect(try folder.contents(except: own) == before, "\(transaction[0].name)")
                #expect(project.snapshot.generation == generation && project.snapshot.access == .writable)
                refused.append(transaction)
            }
        }
        try disk.empty()
        if undoNeedsRoom && project.snapshot.access != .writable {
            await project.close()
            project = try await PackerProject.open(folder)
        }
        for transaction in refused { _ = try await project.submit(transaction).result }
        await project.settled()
        #expect(project.divergences.divergences == [])
        let live = project.snapshot
        await project.close()
        let fresh = try await PackerProject.open(folder)
        #expect(live.difference(from: fresh.snapshot) == "")
        await fresh.close()
        return refused.count
    }

    @Test("an interrupted commit is finished on a full disk", arguments: ["commit.swap.rename", "commit.verify.look"])
    func recoveryOnFullDisk(point: String) async throws {
        let disk = try MountedDisk(megabytes: 16)
        let folder = TemporaryFolder(at: disk.path)
        try folder.write(
            "{\"schema_version\":1,\"next_asset_id\":1,\"assets\":[\n]}\n", to: "assets/.prometeu/index.json")
        let outcome = try Programs.run("crash-child", [folder.path, "8", point, "12"])
        #expect(outcome.isSignal)
        try disk.fill(leaving: 0)
        let project = try await PackerProject.open(folder)
        #expect(project.snapshot.access == .writable && project.snapshot.diagnostics == [])
        let acknowledged = outcome.lines.filter { $0.hasPrefix("ok") }.count
        let signature = CrashScript.signature(project.snapshot)
        await project.close()
        let again = try Fixtures.empty()
        let other = try await PackerProject.open(again)
        for number in 0..<acknowledged { _ = try await other.submit(CrashScript.operation(number)).result }
        let before = CrashScript.signature(other.snapshot)
        _ = try await other.submit(CrashScript.operation(acknowledged)).result
        #expect(signature == before || signature == CrashScript.signature(other.snapshot))
        await other.close()
    }

    @Test("a disk that becomes read-only refuses a command clearly, and takes it when it is writable again")
    func readOnlyMount() async throws {
        let disk = try MountedDisk(megabytes: 16)
        let folder = try Self.project(on: disk)
        let project = try await PackerProject.open(folder)
        await project.settled()
        _ = try await project.submit(.exclude(.id(try #require(AssetID(rawValue: 1))))).result
        // The checkpoint must be over, or the mount is busy.
        await project.close()
        let again = try await PackerProject.open(folder)
        await again.settled()
        let before = try folder.contents(except: Self.own)
        let held = try folder.contents()
        guard (try? disk.remount("ro")) != nil else {
            // The kernel refuses while a file is open for writing: the journal is.
            #expect(try folder.contents() == held)
            await again.close()
            return
        }
        for transaction in try Self.mutations(again.snapshot) {
            do throws(PackerError) {
                _ = try await again.submit(transaction).result
                Issue.record("\(transaction[0].name) is taken")
            } catch { #expect(error.code == .accessDenied && error.remedy.contains("read-only")) }
        }
        #expect(try folder.contents(except: Self.own) == before)
        try disk.remount("rw")
        for transaction in try Self.mutations(again.snapshot) { _ = try await again.submit(transaction).result }
        await again.close()
    }

    @Test("a workspace that vanishes fails commands clearly, and nothing is written anywhere else")
    func vanished() async throws {
        let disk = try MountedDisk(megabytes: 16)
        let folder = try Self.project(on: disk)
        let project = try await PackerProject.open(folder)
        await project.settled()
        try FileManager.default.removeItem(atPath: folder.path + "/assets")
        try FileManager.default.createDirectory(atPath: folder.path + "/assets", withIntermediateDirectories: false)
        for transaction in try Self.mutations(project.snapshot) {
            do throws(PackerError) {
                _ = try await project.submit(transaction).result
                Issue.record("\(transaction[0].name) is taken")
            } catch {
                #expect(!error.remedy.isEmpty, "\(error)")
                #expect([.readOnly, .diverged, .pathInvalid].contains(error.code), "\(transaction[0].name): \(error)")
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/assets") == [])
        await project.close()
    }
}

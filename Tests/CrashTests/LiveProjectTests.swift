import Foundation
import Packer
import PackerTestSupport
import Testing

@Suite("A live project that somebody cleans up")
struct LiveProjectTests {
    private static func clean(_ folder: TemporaryFolder, _ how: String) throws {
        if how == "git" {
            // It fails where a file goes while it looks, as one does when a checkpoint comes: then it is run again.
            let tries = (0..<100).lazy.map { _ in
                (try? Fixtures.run("/usr/bin/env", ["git", "clean", "-fdXq"], in: folder.path)) != nil
            }
            try #require(tries.contains(true))
            #expect(!folder.exists("assets/.prometeu/journal") && !folder.exists("assets/.prometeu/shadow"))
        } else {
            try folder.remove("assets/.prometeu/shadow")
        }
    }

    /// The game in a repository, with everything committed.
    private static func tracked() throws -> TemporaryFolder {
        let folder = try Fixtures.game()
        let commit = ["-c", "user.name=test", "-c", "user.email=test", "commit", "-qm", "game"]
        for arguments in [["init", "-q"], ["add", "-A"], commit] {
            try Fixtures.run("/usr/bin/env", ["git"] + arguments, in: folder.path)
        }
        return folder
    }

    @Test(
        "takes every kind of command after `git clean -fdX` or `rm -rf .prometeu/shadow`, keeps its lock, and loses nothing",
        arguments: ["git", "rm"])
    func cleaned(how: String) async throws {
        let folder = try Self.tracked()
        let project = try await PackerProject.open(folder)
        for number in 0..<20 {
            do throws(PackerError) {
                _ = try await project.submit(CrashScript.operation(number)).result
            } catch {
                // git removes the trash, too, which is no file of ours to make anew: refused clearly, refreshed, repeated.
                #expect(error.code == .diverged && error.paths == [".prometeu/trash"] && how == "git")
                _ = try await project.refresh().result
                _ = try await project.submit(CrashScript.operation(number)).result
            }
            if number % 3 == 0 { try Self.clean(folder, how) }
        }
        #expect(project.snapshot.access == .writable)
        do throws(PackerError) {
            await (try PackerProject.open(folder)).close()
            Issue.record("two writers")
        } catch {
            #expect(error.code == .workspaceInUse)
        }
        await project.settled()
        #expect(project.divergences.divergences == [])
        let live = project.snapshot
        await project.close()
        let fresh = try await PackerProject.open(folder)
        #expect(live.difference(from: fresh.snapshot) == "")
        #expect(fresh.conflicts == [])
        await fresh.close()
    }

    @Test(
        "a writer that is killed while somebody has cleaned up leaves a project that opens and works",
        arguments: ["commit.swap.rename", "commit.verify.look", "commit.checkpoint.flush"], [3, 9, 21])
    func killedThenCleaned(point: String, occurrence: Int) async throws {
        for how in ["git", "rm"] {
            let folder = try Fixtures.game()
            try Fixtures.run("/usr/bin/env", ["git", "init", "-q"], in: folder.path)
            let outcome = try Programs.run("crash-child", [folder.path, "20", point, "\(occurrence)"])
            #expect(outcome.isSignal)
            let slots = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/assets/.prometeu/shadow")
            try Self.clean(folder, how)
            let project = try await PackerProject.open(folder)
            #expect(project.snapshot.access == .writable, "\(how): \(project.snapshot.diagnostics), \(slots)")
            _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "later"), type: .data))).result
            await project.close()
        }
    }

    @Test(
        "a `git checkout` after a kill keeps its place, and what gave way to it is kept and listed",
        arguments: ["commit.stage.flush", "commit.swap.rename", "commit.verify.look"], [1, 2, 3])
    func checkedOut(point: String, occurrence: Int) async throws {
        let folder = try Self.tracked()
        let registry = "assets/.prometeu/index.json"
        let text = try folder.text(registry)
        let outcome = try Programs.run("crash-child", [folder.path, "20", point, "\(occurrence)"])
        #expect(outcome.isSignal)
        // Without the removal git leaves a file alone that looks unchanged, and without the handle the filesystem may
        // give the new one the old one's number: then it is the base again, to the byte.
        let old = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.path + "/" + registry))
        defer { try? old.close() }
        try folder.remove(registry)
        try Fixtures.run("/usr/bin/env", ["git", "checkout", "-q", "--", "."], in: folder.path)
        let project = try await PackerProject.open(folder)
        #expect(project.snapshot.access == .writable)
        #expect(try folder.text(registry) == text)
        let kept = try project.conflicts.map { try folder.text("assets/" + $0.keptAt) }
        // What was acknowledged stands, or lies whole beside their registry.
        let isAcknowledged = outcome.lines.contains("ok 0")
        let stands = folder.exists("assets/made/0/asset.json")
        #expect(stands || !isAcknowledged || kept.contains { $0.contains("made/0") })
        #expect(point == "commit.stage.flush" || stands || kept.contains { $0.contains("made/0") })
        _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "later"), type: .data))).result
        await project.close()
    }

    @Test(
        "a clock that is two days behind the files costs no command and no edit",
        .enabled(if: Fixtures.has("faketime"), "faketime is not installed"),
        .disabled(if: Fixtures.isSanitized, "a sanitizer asks for the time before libfaketime can answer"))
    func clockSetBack() async throws {
        let folder = try Fixtures.empty()
        let child = try Programs.path("crash-child")
        let output = try Fixtures.run(
            "/usr/bin/env", ["NO_FAKE_STAT=1", "faketime", "-f", "-2d", child, folder.path, "40"])
        #expect(output.split(separator: "\n").last == "closed", "\(output)")
        let signature = try await Self.signature(folder)
        let usual = try Fixtures.empty()
        #expect(try Programs.run("crash-child", [usual.path, "40"]).lines.last == "closed")
        #expect(try await Self.signature(usual) == signature)
    }

    @Test("files from the future are read, changed and watched like any others")
    func future() async throws {
        let folder = try Fixtures.game()
        let later = Date(timeIntervalSinceNow: 2 * 86400)
        for (name, _) in try folder.contents() where !name.hasSuffix("/") {
            try FileManager.default.setAttributes([.modificationDate: later], ofItemAtPath: folder.path + "/" + name)
        }
        let project = try await PackerProject.open(folder)
        await project.settled()
        #expect(project.divergences.divergences == [])
        let asset = try #require(project.snapshot.list(limit: 100).assets.first { $0.id != nil })
        let path = "assets/" + asset.declarationPath
        // Same size, and the time put back: only the change time and the bytes tell.
        let text = try folder.text(path)
        try folder.write(String(text.reversed()), to: path)
        try FileManager.default.setAttributes([.modificationDate: later], ofItemAtPath: folder.path + "/" + path)
        do throws(PackerError) {
            _ = try await project.submit(.update(.id(asset.id!), [.name("Ours")])).result
            Issue.record("an edit was overwritten")
        } catch {
            #expect(error.code == .diverged)
        }
        #expect(try folder.text(path) == String(text.reversed()))
        try folder.write(text, to: path)
        _ = try await project.refresh().result
        _ = try await project.submit(.update(.id(asset.id!), [.name("Ours")])).result
        await project.settled()
        #expect(project.divergences.divergences == [])
        await project.close()
    }

    private static func signature(_ folder: TemporaryFolder) async throws -> [String] {
        let project = try await PackerProject.open(folder)
        await project.settled()
        #expect(project.divergences.divergences == [])
        let signature = CrashScript.signature(project.snapshot)
        await project.close()
        return signature
    }
}

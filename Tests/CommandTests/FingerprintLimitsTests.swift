import Foundation
import Packer
import PackerTestSupport
import Testing

@testable import prometeu_packer

/// What keeps `snapshot` and `divergence` from telling anything.
@Suite("snapshot and divergence where nothing can be told")
struct FingerprintLimitsTests {
    @Test(
        "a project that goes on changing while it is read is refused, and one that stops is read", arguments: [2, 100])
    func unsteady(writes: Int) async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder, .readOnly)
        let path = "sprites/hero/asset.json"
        var reads = 0
        do {
            let (value, coverage) = try await ContentSurvey(project: project).read { _, _ in
                reads += 1
                // A larger one each time: no two looks agree.
                if reads <= writes { try folder.write(String(repeating: " ", count: reads), to: "assets/" + path) }
                return reads
            }
            #expect(writes == 2 && value == 3 && coverage == .complete(inputsVerified: true))
        } catch let error as ProjectUnsteady {
            #expect(writes == 100 && reads == 5)
            let failure = Failure(error)
            #expect(failure.code == "project.unsteady" && error.paths.allSatisfy { $0 == path })
        }
        await project.close()
    }

    /// As root in a namespace of its own: without watches, and without power over the files of others.
    private func inNamespace(_ command: Command, watches: Int?, _ arguments: String) async throws -> CommandRun {
        let limit = watches.map { "echo \($0) >/proc/sys/user/max_inotify_watches; " } ?? ""
        return try await command.shell("unshare -Ur bash -c '\(limit)exec \"$0\" \(arguments)' \"$0\" \"$1\"")
    }

    @Test(
        "where not everything could be watched nothing is told, but for what differs",
        .enabled(if: WatchTests.canLimit, "needs user namespaces for a limit of inotify watches"))
    func incomplete() async throws {
        let command = Command(folder: try Fixtures.game())
        let outside = try TemporaryFolder()
        let file = outside.path + "/before.jsonl"
        #expect(try await command("snapshot", "--output", file).status == 0)
        let other = outside.path + "/other.jsonl"
        for arguments in [#"snapshot "$1" --json --output \#(other)"#, #"divergence "$1" --json --since \#(file)"#] {
            let run = try await inNamespace(command, watches: 3, arguments)
            let error = try #require(try run.objects().last)
            #expect(run.status == 1 && error["error.code"] == "coverage.incomplete", "\(run.output)\(run.error)")
            #expect(try DocumentedKeys.disagreements(error) == [])
        }
        #expect(!FileManager.default.fileExists(atPath: other))
        try command.folder.write("{}", to: "assets/sprites/hero/asset.json")
        let run = try await inNamespace(command, watches: 3, #"divergence "$1" --json --since \#(file)"#)
        #expect(run.status == 3, "\(run.output)\(run.error)")
    }

    @Test(
        "a path that may not be read is refused by its name",
        .enabled(if: WatchTests.canLimit && Fixtures.isRoot, "needs root, and user namespaces to lose its power in"))
    func unreadable() async throws {
        let command = Command(folder: try Fixtures.game())
        let outside = try TemporaryFolder()
        let file = outside.path + "/before.jsonl"
        #expect(try await command("snapshot", "--output", file).status == 0)
        let path = "sprites/hero/walk.json"
        _ = try await command.shell("chown 54321 \"$1/assets/\(path)\" && chmod 000 \"$1/assets/\(path)\"")
        for arguments in [#"snapshot "$1" --json"#, #"divergence "$1" --json --since \#(file)"#] {
            let run = try await inNamespace(command, watches: nil, arguments)
            let error = try #require(try run.objects().last)
            #expect(run.status == 1 && error["error.code"] == "disk.accessDenied", "\(run.output)\(run.error)")
            #expect(run.output.contains(path))
        }
    }
}

import Foundation
import PackerTestSupport
import Testing

@Suite("watch beside a writer")
struct WatchBesideWriterTests {
    private let commits = 900
    private let edited = "sprites/hero/asset.json"

    private func start(_ commits: Int, in command: Command) throws -> (Process, Pipe) {
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: try Programs.path("crash-child"))
        writer.arguments = [command.project, String(commits)]
        let said = Pipe()
        writer.standardOutput = said
        try writer.run()
        return (writer, said)
    }

    @Test("stopped while the writer comes round its journal several times, it says so, and flags the edit of that time")
    func stopped() async throws {
        let command = Command(folder: try Fixtures.game())
        let watch = try LiveRun(watching: command, "--json", "--for", "120")
        _ = try #require(try await watch.next { $0["coverage.inputs_verified"] == "true" })
        watch.signal(SIGSTOP)
        let (_, said) = try start(400, in: command)
        try command.folder.write("{}", to: "assets/" + edited)
        let lines = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(lines.contains("closed"))
        watch.signal(SIGCONT)
        var (isSaid, isFlagged) = (false, false)
        _ = try #require(
            try await watch.next {
                if $0["coverage.reason"]?.contains("cannot be told from other edits") == true { isSaid = true }
                if $0["path"] == edited && $0["change"] == "detected" { isFlagged = true }
                return isSaid && isFlagged
            })
        watch.signal(SIGINT)
        #expect(await watch.status() == 0)
    }

    @Test("beside a writer that commits all the time no edit is missed, and no commit is flagged")
    func counts() async throws {
        let command = Command(folder: try Fixtures.game())
        let watch = try LiveRun(watching: command, "--json", "--for", "300", "--until-settled")
        _ = try #require(try await watch.next { $0["coverage.inputs_verified"] == "true" })
        let (writer, said) = try start(commits, in: command)
        let before = try command.folder.read("assets/" + edited)
        var (edits, flagged, cleared, snapshots, strangers) = (0, 0, 0, 0, [String]())
        func count(_ object: JSONObject) {
            if object.kind == "snapshot" { snapshots += 1 }
            guard object.kind == "divergence" else { return }
            if object["path"] != edited { return strangers.append(object.description) }
            if object["change"] == "detected" { flagged += 1 }
            if object["change"] == "cleared" { cleared += 1 }
        }
        // The editor's next edit waits for the flag of the last one: each must be told by itself.
        while snapshots < commits {
            edits += 1
            try command.folder.write("{\"edit\": \(edits)}", to: "assets/" + edited)
            for change in ["detected", "cleared"] {
                _ = try #require(
                    try await watch.next {
                        count($0)
                        return $0["path"] == edited && $0["change"] == change
                    })
                if change == "detected" { try command.folder.write(before, to: "assets/" + edited) }
            }
            if !writer.isRunning { break }
        }
        let lines = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n")
        let acknowledged = lines.filter { $0.hasPrefix("ok ") }.count
        watch.signal(SIGINT)
        let last = try #require(
            try await watch.next {
                count($0)
                return $0["settled"] == "true"
            })
        print(
            "\(acknowledged) commits, \(snapshots) snapshots followed, \(edits) foreign edits: \(flagged) flagged,"
                + " \(cleared) cleared, \(strangers.count) false flags")
        #expect(acknowledged == commits)
        #expect(edits > 4 && flagged == edits && cleared == edits)
        #expect(strangers == [])
        #expect(last["divergences"] == "0")
        #expect(await watch.status() == 0)
    }
}

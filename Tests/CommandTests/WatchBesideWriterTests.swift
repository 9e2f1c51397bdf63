import Foundation
import PackerTestSupport
import Testing

@Suite("watch beside a writer")
struct WatchBesideWriterTests {
    private let commits = 60
    private let edited = "sprites/hero/asset.json"

    @Test("beside a writer that commits all the time no edit is missed, and no commit is flagged")
    func counts() async throws {
        let command = Command(folder: try Fixtures.game())
        let watch = try LiveRun(watching: command, "--json", "--for", "120", "--until-settled")
        _ = try #require(try await watch.next { $0["coverage.inputs_verified"] == "true" })
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: try Programs.path("crash-child"))
        writer.arguments = [command.project, String(commits)]
        let said = Pipe()
        writer.standardOutput = said
        try writer.run()
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
        #expect(edits > 0 && flagged == edits && cleared == edits)
        #expect(strangers == [])
        #expect(last["divergences"] == "0")
        #expect(await watch.status() == 0)
    }
}

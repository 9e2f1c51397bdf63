import Foundation
import PackerTestSupport
import Testing

@Suite("watch")
struct WatchTests {
    private let hero = "assets/sprites/hero/asset.json"

    @Test(
        "a foreign edit is flagged, stands in the state at the end, and ends it with 3", arguments: [SIGINT, SIGTERM])
    func divergence(signal: Int32) async throws {
        let command = Command(folder: try Fixtures.game())
        let watch = try LiveRun(watching: command, "--json", "--for", "60", "--until-settled")
        let first = try #require(try await watch.next { $0.kind == "state" })
        #expect(first["settled"] == "false")
        try command.folder.write("{}", to: hero)
        let flagged = try #require(try await watch.next { $0.kind == "divergence" })
        #expect(flagged["change"] == "detected")
        #expect(flagged["divergence"] == "modified")
        #expect(flagged["path"] == "sprites/hero/asset.json")
        #expect(flagged["root"] == "sprites/hero")
        watch.signal(signal)
        let last = try #require(try await watch.next { $0.kind == "state" })
        #expect(last["settled"] == "true")
        #expect(last["divergences"] == "1")
        let standing = try #require(try await watch.next { _ in true })
        #expect(standing["change"] == "standing")
        #expect(await watch.status() == 3)
        for object in [first, flagged, last, standing] { #expect(try DocumentedKeys.disagreements(object) == []) }
    }

    @Test("an edit that is taken back is cleared, and nothing is flagged at the end")
    func cleared() async throws {
        let command = Command(folder: try Fixtures.game())
        let before = try command.folder.read(hero)
        let watch = try LiveRun(watching: command, "--json", "--for", "60", "--until-settled")
        _ = try #require(try await watch.next { $0.kind == "state" })
        try command.folder.write("{}", to: hero)
        _ = try #require(try await watch.next { $0["change"] == "detected" })
        try command.folder.write(before, to: hero)
        _ = try #require(try await watch.next { $0["change"] == "cleared" })
        watch.signal(SIGINT)
        #expect(try await watch.next { $0.kind == "state" }?["divergences"] == "0")
        #expect(await watch.status() == 0)
    }

    @Test("the commits of a writer beside it are new snapshots, and flag nothing")
    func writerBeside() async throws {
        let command = Command(folder: try Fixtures.game())
        let watch = try LiveRun(watching: command, "--json", "--for", "60", "--until-settled")
        let state = try #require(try await watch.next { _ in true })
        var sequence = state["sequence"].flatMap(Int.init) ?? .max
        _ = try #require(
            try await watch.next { object in
                #expect(object["event.sequence"] == "\(sequence + 1)", "an event that the state has, or a gap")
                sequence += 1
                return object["coverage.state"] == "complete"
            }
        )
        #expect(try await command("create", "maps/new", "--type", "map").status == 0)
        let published = try #require(try await watch.next { ["snapshot", "divergence"].contains($0.kind) })
        #expect(published["assets"] == "16")
        #expect(try DocumentedKeys.disagreements(published) == [])
        watch.signal(SIGINT)
        let last = try #require(try await watch.next { ["state", "divergence"].contains($0.kind) })
        #expect(last["assets"] == "16")
        #expect(last["divergences"] == "0")
        #expect(await watch.status() == 0)
    }

    @Test("without --until-settled a signal ends it with 0, flagged or not")
    func signalled() async throws {
        let command = Command(folder: try Fixtures.game())
        let watch = try LiveRun(watching: command, "--json", "--for", "60")
        _ = try #require(try await watch.next { $0.kind == "state" })
        try command.folder.write("{}", to: hero)
        _ = try #require(try await watch.next { $0.kind == "divergence" })
        watch.signal(SIGTERM)
        #expect(await watch.status() == 0)
    }

    @Test("--for ends by itself, and text shows the state first")
    func bounded() async throws {
        let run = try await Command(folder: try Fixtures.game())("watch", "--for", "0")
        #expect(run.status == 0)
        #expect(run.lines.first?.hasPrefix("project ") == true)
        #expect(run.lines.contains("snapshot  generation 1, 15 assets, 0 errors, 0 warnings"))
    }

    @Test("a settled project has complete coverage and ends with 0")
    func settled() async throws {
        let run = try await Command(folder: try Fixtures.game())("watch", "--until-settled", "--json")
        let state = try run.object()
        #expect(state["coverage.state"] == "complete")
        #expect(state["settled"] == "true")
        #expect(run.status == 0)
    }

    /// Whether a user namespace with limits of its own can be made.
    static let canLimit =
        (try? Fixtures.run(
            "/usr/bin/env", ["unshare", "-Ur", "sh", "-c", "echo 9 >/proc/sys/user/max_inotify_watches"]))
        != nil

    @Test(
        "a settled project that could not be watched ends with 1 and says why",
        .enabled(if: canLimit, "needs user namespaces for a limit of inotify watches"),
        arguments: [("max_inotify_watches", "3"), ("max_inotify_instances", "0")]
    )
    func degraded(limit: String, value: String) async throws {
        let command = Command(folder: try Fixtures.game())
        let watch = #""$0" watch "$1" --until-settled --json"#
        let run = try await command.shell(
            "unshare -Ur bash -c 'echo \(value) >/proc/sys/user/\(limit); exec \(watch)' \"$0\" \"$1\""
        )
        let (state, error) = (try #require(try run.objects().first), try #require(try run.objects().last))
        #expect(state["coverage.state"] == "degraded")
        #expect(error["error.code"] == "coverage.incomplete")
        #expect(error["error.cause"]?.contains("inotify") == true)
        #expect(run.status == 1)
        for object in [state, error] { #expect(try DocumentedKeys.disagreements(object) == []) }
    }
}

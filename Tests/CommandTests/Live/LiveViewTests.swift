import Foundation
import PackerTestSupport
import Testing

@Suite("watch on a terminal", .enabled(if: Fixtures.has("setsid"), "needs setsid(1) for a terminal of its own"))
struct LiveViewTests {
    private let hero = "assets/sprites/hero/asset.json"
    private static let quiet = "The disk is what the snapshot says."
    private static let enters = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"
    private static let leaves = "\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    private func open(
        _ command: Command, _ arguments: String..., columns: Int = 80, rows: Int = 24
    ) throws -> PseudoTerminal {
        try PseudoTerminal(command, ["watch", command.project] + arguments, columns: columns, rows: rows)
    }

    @Test("a foreign edit appears with its lines, ages, is compared again, and goes when it is taken back")
    func edit() async throws {
        let command = Command(folder: try Fixtures.game())
        let before = try command.folder.text(hero)
        let terminal = try open(command)
        let first = try #require(await terminal.frame { $0.contains(Self.quiet) })
        #expect(first.first == "project   \(command.project)".prefix(79) + (command.project.count > 70 ? "…" : ""))
        #expect(first.contains("assets    15: 15 valid, 0 invalid, 0 missing; 15 registered, 0 not"))
        #expect(first.contains("flagged   0"))
        try command.folder.write(before.replacing("\"Hero\"", with: "\"Heroine\u{1b}[2J\""), to: hero)
        let flagged = try #require(await terminal.frame { $0.contains { $0.contains("+  \"name\"") } })
        #expect(flagged.contains("flagged   1"))
        #expect(flagged.contains { $0.hasPrefix("modified") && $0.hasSuffix("sprites/hero/asset.json") })
        #expect(flagged.contains("    -  \"name\": \"Hero\","))
        #expect(flagged.contains("    +  \"name\": \"Heroine\\u{1b}[2J\","))
        #expect(await terminal.frame { $0.contains { $0.contains("1 s ago") } } != nil)
        // A further write to a flagged file is no event.
        try command.folder.write(before.replacing("\"Hero\"", with: "\"Villain\""), to: hero)
        #expect(await terminal.frame { $0.contains("    +  \"name\": \"Villain\",") } != nil)
        try command.folder.write(before, to: hero)
        #expect(await terminal.frame { $0.contains("flagged   0") && $0.contains(Self.quiet) } != nil)
        terminal.type("q")
        #expect(await terminal.status() == 0)
    }

    @Test("the commits of a writer beside it change the snapshot that is shown, and flag nothing")
    func writerBeside() async throws {
        let command = Command(folder: try Fixtures.game())
        let terminal = try open(command)
        _ = try #require(await terminal.frame { $0.contains(Self.quiet) })
        #expect(try await command("create", "maps/new", "--type", "map").status == 0)
        let frame = try #require(await terminal.frame { $0.contains { $0.hasSuffix(", changed: maps/new") } })
        #expect(frame.contains { $0.hasPrefix("assets    16: ") })
        #expect(frame.contains("flagged   0"))
        let made = try command.folder.text("assets/maps/new/asset.json")
        try command.folder.write(made.replacing("\"map\"", with: "\"sound\""), to: "assets/maps/new/asset.json")
        #expect(await terminal.frame { $0.contains { $0.hasPrefix("    +") && $0.contains("sound") } } != nil)
    }

    @Test("a change of the window's size draws anew, and the keys scroll")
    func resize() async throws {
        let command = Command(folder: try Fixtures.game())
        let terminal = try open(command)
        _ = try #require(await terminal.frame { $0.contains(Self.quiet) })
        try command.folder.move("assets/maps", to: "assets/levels")
        _ = try #require(await terminal.frame { $0.contains("flagged   12") })
        terminal.resize(columns: 40, rows: 8)
        let small = try #require(await terminal.frame { $0.count == 8 })
        #expect(small.first == "12 flagged, coverage complete, 15 assets")
        #expect(small.allSatisfy { $0.count <= 40 })
        terminal.resize(columns: 100, rows: 30)
        _ = try #require(await terminal.frame { $0.count == 30 && $0.last?.hasSuffix("lines below") == true })
        terminal.type("\u{1b}[F")
        let end = try #require(await terminal.frame { $0.last?.hasSuffix("lines above") == true })
        #expect(end.contains("  disk      nothing"))
        terminal.type("g")
        #expect(await terminal.frame { $0.last?.hasSuffix("lines below") == true } != nil)
    }

    enum Way: String, CaseIterable {
        case key, interruptKey, interrupt, terminate, hangUp, time
    }

    @Test("every way out gives the terminal back as it was", arguments: Way.allCases)
    func restored(way: Way) async throws {
        let command = Command(folder: try Fixtures.game())
        let terminal = try open(command, "--for", way == .time ? "0.5" : "600")
        let before = terminal.settingsAtFirst
        _ = try #require(await terminal.frame { $0.contains { $0.hasPrefix("project ") } })
        if way != .time { #expect(terminal.settings != before) }
        switch way {
        case .key: terminal.type("q")
        case .interruptKey: terminal.type("\u{3}")
        case .interrupt: terminal.signal(SIGINT)
        case .terminate: terminal.signal(SIGTERM)
        case .hangUp: terminal.signal(SIGHUP)
        case .time: break
        }
        #expect(await terminal.status() == 0)
        #expect(terminal.settings == before)
        let output = terminal.output
        #expect(output.hasSuffix(Self.leaves))
        #expect(output.components(separatedBy: Self.leaves).count == 2)
        #expect(output.components(separatedBy: Self.enters).count == 2)
    }

    @Test("what --until-settled has to say comes after the terminal was given back")
    func settled() async throws {
        let command = Command(folder: try Fixtures.game())
        let terminal = try open(command, "--for", "600", "--until-settled")
        _ = try #require(await terminal.frame { $0.contains(Self.quiet) })
        try command.folder.write("{}", to: hero)
        _ = try #require(await terminal.frame { $0.contains("flagged   1") })
        terminal.type("q")
        #expect(await terminal.status() == 3)
        let after = try #require(terminal.output.components(separatedBy: Self.leaves).last)
        #expect(after.contains("flagged   1\r\n"))
        #expect(!after.contains("\u{1b}"))
    }

    @Test("a terminal that is gone ends it, also where its signal is ignored", arguments: [false, true])
    func gone(isIgnored: Bool) async throws {
        let command = Command(folder: try Fixtures.game())
        let terminal = try PseudoTerminal(
            command, ["watch", command.project, "--for", "600"], ignoresHangUp: isIgnored)
        _ = try #require(await terminal.frame { $0.contains(Self.quiet) })
        let process = terminal.command
        terminal.hangUp()
        #expect(await terminal.status() == 0)
        // Whoever waited for it has ended; so has it.
        #expect(kill(process, 0) == -1)
    }

    @Test("with nothing flagged it draws nothing, and waits without a timeout")
    func idle() async throws {
        let command = Command(folder: try Fixtures.game())
        let terminal = try open(command)
        _ = try #require(await terminal.frame { $0.contains(Self.quiet) })
        let tasks = "/proc/\(terminal.command)/task"
        let view = try #require(
            try FileManager.default.contentsOfDirectory(atPath: tasks).first {
                try String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8) == "live-view\n"
            })
        let drawn = terminal.output
        // The number of poll(2) on x86-64, or of ppoll(2), and its third argument: -1 or no time at all.
        let waits = "7 0x\\w+ 0x2 0xffffffff|7 0x\\w+ 0x2 0xffffffffffffffff|73 0x\\w+ 0x2 0x0 "
        let deadline = ContinuousClock.now + .seconds(60)
        var call = ""
        while ContinuousClock.now < deadline {
            call = try String(contentsOfFile: "\(tasks)/\(view)/syscall", encoding: .utf8)
            if call.range(of: "^(\(waits))", options: .regularExpression) != nil { break }
            await Task.yield()
        }
        #expect(call.range(of: "^(\(waits))", options: .regularExpression) != nil, "\(call)")
        #expect(terminal.output == drawn)
    }

    @Test(
        "without a terminal that can show it, and with --plain, there are lines",
        arguments: [(["--plain"], "xterm"), ([], "dumb"), ([], ""), (["--json"], "xterm")]
    )
    func lines(arguments: [String], term: String) async throws {
        let command = Command(folder: try Fixtures.game())
        let terminal = try PseudoTerminal(
            command, ["watch", command.project, "--for", "0"] + arguments, environment: ["TERM": term])
        #expect(await terminal.status() == 0)
        #expect(!terminal.output.contains("\u{1b}[?1049h"))
        #expect(terminal.output.contains("generation"))
    }
}

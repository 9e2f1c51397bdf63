import Packer
import PackerModel
import Testing

@testable import prometeu_packer

@Suite("The live view's screen")
struct ScreenTests {
    private static func file(_ size: UInt64, _ digest: UInt64?, executable: Bool = false) -> Fingerprint {
        Fingerprint(
            kind: .file, size: size, modified: 0, changed: 0, inode: 1, isExecutable: executable,
            digest: digest.map { Fingerprint.Digest(low: 0, high: $0 << 32) })
    }

    /// Two flags, one of which has a text.
    private static func state() throws -> LiveState {
        var state = LiveState(project: "game")
        state.generation = 7
        state.changedRoots = ["a", "b", "c", "d"]
        state.assets = LiveState.Assets()
        state.assets.total = 3
        state.assets.valid = 1
        state.assets.invalid = 1
        state.assets.missing = 1
        state.assets.registered = 2
        state.coverage = .complete(inputsVerified: true)
        state.now = 100_000_000_000
        state.take([
            Divergence(
                path: "a/asset.json", kind: .modified, root: try AssetRoot(validating: "a"),
                expected: file(20, 0x1234_5678), observed: file(24, 0xabcd_ef01, executable: true),
                since: 97_000_000_000),
            Divergence(
                path: "b/asset.json", kind: .moved(to: try AssetRoot(validating: "c")),
                root: try AssetRoot(validating: "b"), expected: file(20, nil), observed: nil, since: 30_000_000_000),
        ])
        state.set(
            TextChange(from: Array("1\n2\n".utf8), to: Array("1\n\t3\n".utf8)), seen: nil, ofFlag: 0, visible: 0..<2)
        return state
    }

    @Test("it shows the state, and each flag with its age, both sides and the lines that differ")
    func whole() throws {
        #expect(
            Screen(columns: 60, rows: 20).lines(try Self.state()) == [
                "project   game",
                "snapshot  generation 7, changed: a, b, c and 1 more",
                "assets    3: 1 valid, 1 invalid, 1 missing; 2 registered, 1…",
                "coverage  complete",
                "flagged   2",
                "",
                "modified    3 s ago      a/asset.json",
                "  snapshot  file, 20 B, 12345678",
                "  disk      file, 24 B, abcdef01, executable",
                "    @@ -1,2 +1,2 @@",
                "     1",
                "    -2",
                "    +→   3",
                "",
                "moved       1 min ago    b/asset.json -> c",
                "  snapshot  file, 20 B",
                "  disk      nothing",
                "",
                "",
                "q quits",
            ])
    }

    @Test("a lower window shows a part, and says how much more there is")
    func scrolled() throws {
        var state = try Self.state()
        let screen = Screen(columns: 80, rows: 6)
        #expect(
            screen.lines(state) == [
                "2 flagged, coverage complete, 3 assets",
                "modified    3 s ago      a/asset.json",
                "  snapshot  file, 20 B, 12345678",
                "  disk      file, 24 B, abcdef01, executable",
                "    @@ -1,2 +1,2 @@",
                "q quits, arrows and pages scroll: 7 lines below",
            ])
        state = screen.pressed(.down, screen.pressed(.pageDown, state))
        #expect(
            screen.lines(state) == [
                "2 flagged, coverage complete, 3 assets",
                "    -2",
                "    +→   3",
                "",
                "moved       1 min ago    b/asset.json -> c",
                "q quits, arrows and pages scroll: 5 lines above, 2 lines below",
            ])
        #expect(screen.visibleFlags(state) == 0..<2)
        state = screen.pressed(.end, state)
        #expect(screen.lines(state).last == "q quits, arrows and pages scroll: 7 lines above")
        #expect(screen.visibleFlags(state) == 0..<2)
        #expect(screen.pressed(.down, state).scroll == 7)
        #expect(screen.pressed(.up, state).scroll == 6)
        #expect(screen.pressed(.pageUp, state).scroll == 3)
        #expect(screen.pressed(.home, state).scroll == 0)
        #expect(screen.pressed(.up, screen.pressed(.home, state)).scroll == 0)
        // What was cleared meanwhile leaves no empty window.
        state.take([])
        #expect(screen.lines(state)[1] == "The disk is what the snapshot says.")
    }

    @Test("no window is exceeded, however small it is or wide its text", arguments: 1...16, [1, 2, 5, 11, 40])
    func bounds(rows: Int, columns: Int) throws {
        var state = try Self.state()
        state.take([
            Divergence(
                path: "地図/🎮/" + String(repeating: "x", count: 200), kind: .appeared, root: nil, expected: nil,
                observed: Self.file(1, 1))
        ])
        for number in 0..<20 { state.add(note: "note \(number)") }
        for scroll in 0...5 {
            state.scroll = scroll
            let lines = Screen(columns: columns, rows: rows).lines(state)
            #expect(lines.count <= rows)
            #expect(lines.allSatisfy { $0.terminalWidth <= columns }, "\(lines)")
        }
    }

    @Test("nothing flagged says only what the coverage lets it say")
    func coverage() throws {
        var state = try Self.state()
        state.take([])
        state.coverage = .degraded(unwatched: ["maps"], reason: "limit")
        let lines = Screen(columns: 80, rows: 24).lines(state)
        #expect(lines.contains("Nothing is flagged; what that is worth, the coverage says."))
        #expect(lines.contains("coverage  degraded at maps: limit"))
    }

    @Test("a flag that may be none says why", arguments: [true, false])
    func doubtful(wasRead: Bool) throws {
        var expected = Self.file(1, 1)
        if !wasRead { expected.digest = nil }
        let flag = Divergence(
            path: "a", kind: .modified, root: nil, isUnverified: true, expected: expected, observed: Self.file(2, 2))
        var state = try Self.state()
        state.take([flag])
        let text = Screen(columns: 200, rows: 24).lines(state).joined(separator: "\n")
        #expect(text.contains("earlier bytes had not been read") == !wasRead)
        #expect(text.contains("may be the writer's own") == wasRead)
        #expect(flag.text.hasSuffix(flag.doubt))
    }

    @Test("nothing acts on the terminal, and colours are the view's own")
    func safety() throws {
        var state = LiveState(project: "ga\u{1b}[2Jme")
        state.add(note: "no\u{9b}te")
        state.take([
            Divergence(path: "a\n\u{202e}b", kind: .appeared, root: nil, expected: nil, observed: Self.file(1, 1))
        ])
        state.set(
            TextChange(from: nil, to: Array("\u{1b}]0;x\u{7}\r\n".utf8)), seen: nil, ofFlag: 0, visible: 0..<1)
        let plain = Screen(columns: 80, rows: 24).lines(state)
        #expect(plain.allSatisfy { $0 == $0.terminalSafe }, "\(plain)")
        let coloured = Screen(columns: 80, rows: 24, style: Style(usesColour: true)).lines(state)
        #expect(coloured.contains { $0.contains("\u{1b}[32m    +\\u{1b}]0;x\\u{7}\\u{d}\u{1b}[0m") }, "\(coloured)")
    }

    @Test("what was compared is kept while the flag stays as it is")
    func kept() throws {
        var state = try Self.state()
        let flags = state.flags.map(\.divergence)
        state.take(flags)
        #expect(state.flags[0].change != nil)
        var changed = flags
        changed[0].observed = Self.file(25, 1)
        state.take(changed)
        #expect(state.flags[0].change == nil)
    }

    @Test(
        "ages have one unit",
        arguments: [
            (-1, "now"), (0, "now"), (1, "1 s ago"), (59, "59 s ago"), (60, "1 min ago"), (3_599, "59 min ago"),
            (7_200, "2 h ago"), (200_000, "2 d ago"),
        ] as [(Int64, String)]
    )
    func ages(seconds: Int64, text: String) {
        #expect(Quantity.age(seconds * 1_000_000_000) == text)
    }

    @Test(
        "keys are known however their bytes come in, and what is no key is passed over",
        arguments: [
            (["\u{1b}[A"], [.up]), (["\u{1b}", "[", "B"], [.down]), (["jk"], [.down, .up]),
            (["\u{1b}[5~\u{1b}[6~"], [.pageUp, .pageDown]), (["\u{1b}[3~q"], [.quit]), (["\u{1b}[2kq"], [.quit]),
            (["\u{1b}[1;5Cxg"], [.home]),
            (["\u{1b}OFG"], [.end, .end]), (["é\u{3}"], [.quit]), (["\u{1b}[", "H"], [.home]),
            (["\u{1b}x "], [.pageDown]),
        ] as [([String], [Key])]
    )
    func keys(pieces: [String], expected: [Key]) {
        var reader = KeyReader()
        #expect(pieces.flatMap { reader.read(Array($0.utf8)) } == expected)
    }
}

import Packer
import PackerModel
import PackerTestSupport
import Testing

@testable import prometeu_packer

@Suite("Texts of the live view")
struct TextChangeTests {
    private static let limit = UInt64(EarlierTexts.largestFile)

    private static func file(_ size: UInt64, digest: UInt64 = 1, executable: Bool = false) -> Fingerprint {
        Fingerprint(
            kind: .file, size: size, modified: 0, changed: 0, inode: 1, isExecutable: executable,
            digest: Fingerprint.Digest(low: digest, high: 0))
    }

    private static let folder = Fingerprint(
        kind: .folder, size: 0, modified: 0, changed: 0, inode: 1, isExecutable: false)

    @Test(
        "where no lines are shown, it says why",
        arguments: [
            (file(2), file(2, digest: 2), nil, "b\n", .note("no earlier text kept")),
            (file(limit + 1), file(2, digest: 2), nil, "b\n", .note("larger than 64 KiB: no lines are shown")),
            (file(2), file(limit + 1, digest: 2), "a\n", nil, .note("larger than 64 KiB: no lines are shown")),
            (file(2), file(2, digest: 2), "a\n", nil, .note("it cannot be read")),
            (file(2), file(2, digest: 2), "a\n", "\0", .note("binary: no lines to show")),
            (file(2), file(2, digest: 2), "\0", "a\n", .note("binary: no lines to show")),
            // The executable bit alone, another type, nothing there.
            (file(2), file(2, executable: true), "a\n", "a\n", .none), (file(2), folder, "a\n", nil, .none),
            (folder, file(2), nil, "a\n", .none), (file(2), nil, "a\n", nil, .none),
            (nil, file(2), nil, "a\n", .lines(["@@ -0,0 +1 @@", "+a"], more: 0)),
            (file(2), file(2, digest: 2), "a\n", "b\n", .lines(["@@ -1 +1 @@", "-a", "+b"], more: 0)),
        ] as [(Fingerprint?, Fingerprint?, String?, String?, TextChange)]
    )
    func reasons(expected: Fingerprint?, observed: Fingerprint?, earlier: String?, now: String?, shown: TextChange) {
        let flag = Divergence(path: "a", kind: .modified, root: nil, expected: expected, observed: observed)
        let change = TextChange(flag, earlier: earlier.map { Array($0.utf8) }, now: now.map { Array($0.utf8) })
        #expect(change == shown)
    }

    @Test("bytes that are no UTF-8 are binary")
    func latin() {
        #expect(TextChange(from: [0x61], to: [0x61, 0xe9, 0x0a]) == .note("binary: no lines to show"))
    }

    @Test("few lines are shown, and of a long line its beginning")
    func bounds() {
        let many = (1...100).map { "\($0)\n" }.joined()
        guard case .lines(let lines, let more) = TextChange(from: nil, to: Array(many.utf8)) else {
            Issue.record("no lines")
            return
        }
        #expect(lines.count == TextChange.shownLines)
        #expect(lines.count + more == 101)
        let long = TextChange(from: nil, to: [UInt8](repeating: 0x61, count: 60_000) + [0x0a])
        guard case .lines(let cut, more: 0) = long else {
            Issue.record("no lines")
            return
        }
        #expect(cut.map(\.utf8.count).max() == TextChange.shownBytes)
    }

    @Test("lines are compared by their bytes, a missing newline and a carriage return included")
    func exact() {
        #expect(
            LineDifference.lines(from: Array("a\nb".utf8), to: Array("a\nb\n".utf8))
                == ["@@ -1,2 +1,2 @@", " a", "-b", "\\ No newline at end of file", "+b"])
        #expect(
            LineDifference.lines(from: Array("a\r\nb\r\n".utf8), to: Array("a\r\nb\n".utf8))
                == ["@@ -1,2 +1,2 @@", " a\r", "-b\r", "+b"])
        #expect(
            LineDifference.lines(from: Array("\u{e9}\n".utf8), to: Array("e\u{301}\n".utf8))
                == ["@@ -1 +1 @@", "-\u{e9}", "+e\u{301}"])
    }

    @Test("texts that have nothing in common are compared in a moment, however many lines they have")
    func bounded() {
        let old = (0..<32_000).map { "\($0)\n" }.joined()
        let new = (0..<32_000).map { "\($0) \n" }.joined()
        let lines = LineDifference.lines(from: Array(old.utf8), to: Array(new.utf8))
        #expect(lines.count == 64_001)
        #expect(lines[0] == "@@ -1,32000 +1,32000 @@")
    }

    @Test("texts are kept as the snapshot knows them: declarations first, within the bound, and never an edit")
    func kept() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder, .readOnly)
        await project.settled()
        let snapshot = project.snapshot
        let look: (String) throws -> FileLook? = { try project.look(at: $0, keeping: EarlierTexts.largestFile) }
        let hero = "sprites/hero/asset.json"
        let files = snapshot.expectedFiles(at: "", .deep)
        let declarations = files.filter { $0.role != .input }
        let bytes = declarations.reduce(0) { $0 + Int($1.fingerprint?.size ?? 0) }

        var all = EarlierTexts()
        all.expect(snapshot)
        while all.hasWork { all.readNext(look) }
        for file in files {
            let fingerprint = try #require(file.fingerprint)
            #expect(all.bytes(at: file.path, expected: fingerprint) == (try folder.read("assets/" + file.path)))
        }

        var few = EarlierTexts(capacity: bytes)
        few.expect(snapshot)
        while few.hasWork { few.readNext(look) }
        #expect(few.size == bytes)
        for file in files {
            #expect(
                (few.bytes(at: file.path, expected: try #require(file.fingerprint)) != nil) == (file.role != .input))
        }

        let expected = try #require(files.first { $0.path == hero }?.fingerprint)
        try folder.write("{}", to: "assets/" + hero)
        var late = EarlierTexts()
        late.expect(snapshot)
        while late.hasWork { late.readNext(look) }
        #expect(late.bytes(at: hero, expected: expected) == nil)
        #expect(all.bytes(at: hero, expected: try #require(try look(hero)).fingerprint) == nil)
        await project.close()
    }

    @Test("what a snapshot changes is read again, and what it drops makes room")
    func followed() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        let look: (String) throws -> FileLook? = { try project.look(at: $0, keeping: EarlierTexts.largestFile) }
        var texts = EarlierTexts()
        texts.expect(project.snapshot)
        while texts.hasWork { texts.readNext(look) }
        let before = texts.size
        let root = try AssetRoot(validating: "maps/new")
        let first = project.snapshot
        _ = try await project.submit(.create(NewAsset(root: root, type: .map))).result
        #expect(project.snapshot.changedRoots(since: first) == [root])
        #expect(first.changedRoots(since: project.snapshot) == [root])
        #expect(first.changedRoots(since: first) == [])
        texts.expect(project.snapshot, changed: [root])
        while texts.hasWork { texts.readNext(look) }
        let made = try #require(project.snapshot.expectedFiles(at: root.path, .deep).first?.fingerprint)
        #expect(
            texts.bytes(at: "maps/new/asset.json", expected: made) == (try folder.read("assets/maps/new/asset.json")))
        _ = try await project.submit(.delete(.root(root))).result
        texts.expect(project.snapshot, changed: [root])
        while texts.hasWork { texts.readNext(look) }
        #expect(texts.bytes(at: "maps/new/asset.json", expected: made) == nil)
        let registry = project.snapshot.expectedFiles(at: Snapshot.controlPath, .deep)
        let segment = try #require(registry.first)
        #expect(texts.bytes(at: segment.path, expected: try #require(segment.fingerprint)) != nil)
        // The registry keeps count of the ids that it gave out: it may be longer by a digit.
        #expect(abs(texts.size - before) < 10)
        await project.close()
    }
}

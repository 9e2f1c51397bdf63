import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Keeps a reader from the journal: as if it were suspended, or might not read it.
private final class JournalGate: FaultInjector {
    enum Position { case open, shut, failing(CInt) }

    private let position = Guarded(Position.open)

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard point.name == "commit.follow.read" else { return .proceed }
        return position.wait { position in
            switch position {
            case .open: .proceed
            case .shut: nil
            case .failing(let code): .fail(code)
            }
        }
    }

    func turn(_ new: Position) { position.signal { $0 = new } }
}

@Suite("The trail that a writer leaves")
struct ReaderTrailTests {
    private let folder: TemporaryFolder
    private let gate = JournalGate()
    private let sink = EventRecorder()
    private let edited = "sprites/hero/asset.json"

    init() throws { folder = try Fixtures.game() }

    private func openReader() async throws -> PackerProject {
        let reader = try await PackerProject.open(
            folder.path, options: PackerOptions(access: .readOnly, settleTime: .zero), sink: sink,
            disk: LinuxDisk(faults: gate))
        await reader.settled()
        return reader
    }

    private func create(_ names: [String], by writer: PackerProject) async throws {
        for name in names {
            _ = try await writer.submit(.create(NewAsset(root: AssetRoot(validating: name), type: .data))).result
        }
    }

    /// A record of about 50 KiB: the journal holds some twenty of them.
    private func writeMuch(_ numbers: Range<Int>, by writer: PackerProject) async throws {
        let asset = AssetReference.root(try AssetRoot(validating: "tiles/castle"))
        for number in numbers {
            let text = "{\"text\":\"\(number) " + String(repeating: "x", count: 50_000) + "\"}"
            _ = try await writer.submit([.update(asset, [.outputMetadata(text)])]).result
        }
    }

    private func edit() throws { try folder.write("{\"edited\": true}", to: "assets/" + edited) }

    /// What the reader flags once it has caught up with the writer.
    private func caughtUp(_ reader: PackerProject, assets: Int) async -> [Divergence] {
        sink.wait { _ in reader.snapshot.count == assets }
        #expect(reader.snapshot.count == assets)
        await reader.settled()
        return reader.divergences.divergences
    }

    private static let complete = Coverage.complete(inputsVerified: true)

    @Test(
        "an edit is flagged, and no commit, where the writer closed before its last records were read", arguments: 1...3
    )
    func closed(openings: Int) async throws {
        let reader = try await openReader()
        let count = reader.snapshot.count
        gate.turn(.shut)
        for opening in 0..<openings {
            let writer = try await PackerProject.open(folder)
            try await create(["new/\(opening)-a", "new/\(opening)-b"], by: writer)
            if opening == 0 { try edit() }
            await writer.close()
        }
        gate.turn(.open)
        let flags = await caughtUp(reader, assets: count + 2 * openings)
        #expect(flags.map(\.path) == [edited] && flags.filter(\.isUnverified) == [])
        #expect(reader.divergences.coverage == Self.complete)
        // Delivers the last event.
        await reader.close()
        #expect(Set(sink.events.compactMap(\.divergence?.path)) == [edited])
    }

    @Test("an edit is flagged, and no commit, where the writer began a new lap before the last one was read")
    func lap() async throws {
        let writer = try await PackerProject.open(folder)
        let reader = try await openReader()
        let count = reader.snapshot.count
        try await writeMuch(0..<15, by: writer)
        try await create(["new/a"], by: writer)
        let before = await caughtUp(reader, assets: count + 1)
        #expect(before == [])
        gate.turn(.shut)
        try await writeMuch(15..<25, by: writer)
        try edit()
        try await create(["new/b"], by: writer)
        gate.turn(.open)
        let flags = await caughtUp(reader, assets: count + 2)
        #expect(flags.map(\.path) == [edited] && flags.filter(\.isUnverified) == [])
        #expect(reader.divergences.coverage == Self.complete)
        await reader.close()
        await writer.close()
    }

    @Test("what differs is in doubt, and the coverage says so, where several laps went by unread; a refresh ends it")
    func severalLaps() async throws {
        let writer = try await PackerProject.open(folder)
        let reader = try await openReader()
        let count = reader.snapshot.count
        gate.turn(.shut)
        _ = try await writer.submit([.update(.root(AssetRoot(validating: "tiles/dungeon")), [.name("Deep")])]).result
        try await writeMuch(0..<60, by: writer)
        try edit()
        try await create(["new/a"], by: writer)
        gate.turn(.open)
        sink.wait { if case .coverageChanged(.degraded) = $0.kind { true } else { false } }
        await reader.settled()
        guard case .degraded([""], let reason) = reader.divergences.coverage else {
            Issue.record("\(reader.divergences.coverage)")
            return
        }
        #expect(reason.contains("cannot be told from other edits"))
        // The edit, and the commit whose record is gone; what the records that are left tell of is no question.
        let left = reader.divergences.divergences
        #expect(left.map(\.path) == [edited, "tiles/dungeon/asset.json"] && left.allSatisfy(\.isUnverified))
        // What the writer tells from here on is known again.
        try await create(["new/b"], by: writer)
        sink.wait { _ in reader.snapshot.count == count + 2 }
        await reader.settled()
        #expect(reader.divergences.divergences.map(\.path) == left.map(\.path))
        _ = try await reader.refresh().result
        await reader.settled()
        #expect(reader.divergences.divergences == [] && reader.divergences.coverage == Self.complete)
        try folder.write("{}", to: "assets/" + edited)
        let flags = await caughtUp(reader, assets: count + 2)
        #expect(flags.map(\.path) == [edited] && flags.filter(\.isUnverified) == [])
        await reader.close()
        await writer.close()
    }

    @Test("an edit is flagged, and no commit, across a writer that is killed and the recovery of the next")
    func killed() async throws {
        let reader = try await openReader()
        let count = reader.snapshot.count
        gate.turn(.shut)
        // In the middle of its second command.
        _ = try Programs.run("crash-child", [folder.path, "3", "commit.swap.rename", "5"])
        try edit()
        let writer = try await PackerProject.open(folder)
        try await create(["new/a"], by: writer)
        await writer.close()
        gate.turn(.open)
        let flags = await caughtUp(reader, assets: writer.snapshot.count)
        #expect(writer.snapshot.count > count + 1)
        #expect(flags.map(\.path) == [edited] && flags.filter(\.isUnverified) == [])
        #expect(reader.divergences.coverage == Self.complete)
        await reader.close()
    }

    @Test("a commit that the writer has not finished for a second is taken over, and recovery confirms it")
    func takenOver() async throws {
        let reader = try await openReader()
        let count = reader.snapshot.count
        _ = try Programs.run("crash-child", [folder.path, "1", "commit.swap.rename", "2"])
        sink.wait { _ in reader.snapshot.count == count + 1 }
        #expect(reader.snapshot.count == count + 1)
        let writer = try await PackerProject.open(folder)
        await writer.close()
        let flags = await caughtUp(reader, assets: count + 1)
        #expect(flags == [] && reader.divergences.coverage == Self.complete)
        await reader.close()
    }

    @Test("a commit that recovery takes back after it was taken over is taken back here, too")
    func takenBack() async throws {
        let reader = try await openReader()
        let count = reader.snapshot.count
        _ = try Programs.run("crash-child", [folder.path, "1", "commit.swap.rename", "2"])
        sink.wait { _ in reader.snapshot.count == count + 1 }
        // Foreign bytes where the segment would have to go.
        let index = "assets/.prometeu/index.json"
        let text = try folder.text(index)
        try folder.write(text + "\n", to: index)
        let writer = try await PackerProject.open(folder)
        #expect(writer.snapshot.count == count)
        await writer.close()
        let flags = await caughtUp(reader, assets: count)
        #expect(flags.map(\.path) == [".prometeu/index.json"] && flags.filter(\.isUnverified) == [])
        try folder.write(text, to: index)
        await reader.settled()
        #expect(reader.divergences.divergences == [] && reader.divergences.coverage == Self.complete)
        await reader.close()
    }

    @Test("an edit is flagged, and no commit, where the journal is removed under the writer")
    func removed() async throws {
        let writer = try await PackerProject.open(folder)
        let reader = try await openReader()
        let count = reader.snapshot.count
        gate.turn(.shut)
        try await create(["new/a"], by: writer)
        try FileManager.default.removeItem(atPath: folder.path + "/assets/.prometeu/journal")
        try edit()
        try await create(["new/b"], by: writer)
        await writer.close()
        gate.turn(.open)
        let flags = await caughtUp(reader, assets: count + 2)
        #expect(flags.map(\.path) == [edited] && flags.filter(\.isUnverified) == [])
        #expect(reader.divergences.coverage == Self.complete)
        await reader.close()
    }

    @Test("what differs is in doubt where the journal was removed between two writers")
    func madeAnew() async throws {
        let first = try await PackerProject.open(folder)
        let reader = try await openReader()
        let count = reader.snapshot.count
        await first.close()
        gate.turn(.shut)
        try FileManager.default.removeItem(atPath: folder.path + "/assets/.prometeu/journal")
        try edit()
        let writer = try await PackerProject.open(folder)
        try await create(["new/a"], by: writer)
        gate.turn(.open)
        let flags = await caughtUp(reader, assets: count + 1)
        #expect(flags.map(\.path) == [edited] && flags.allSatisfy(\.isUnverified))
        #expect(reader.divergences.coverage.name == "degraded")
        await reader.close()
        await writer.close()
    }

    @Test("a journal that may not be read is said, and what differs is in doubt until it can be read again")
    func unreadable() async throws {
        let writer = try await PackerProject.open(folder)
        let reader = try await openReader()
        let count = reader.snapshot.count
        gate.turn(.failing(EACCES))
        try await create(["new/a"], by: writer)
        try edit()
        sink.wait { if case .coverageChanged(.degraded) = $0.kind { true } else { false } }
        await reader.settled()
        #expect(reader.divergences.divergences.contains { $0.path == edited && $0.isUnverified })
        #expect(reader.divergences.coverage.name == "degraded")
        // Tried again by itself, every second.
        gate.turn(.open)
        let flags = await caughtUp(reader, assets: count + 1)
        #expect(flags.map(\.path) == [edited])
        sink.wait { _ in reader.divergences.coverage == Self.complete }
        await reader.settled()
        #expect(reader.divergences.divergences.filter(\.isUnverified) == [])
        #expect(reader.divergences.coverage == Self.complete)
        await reader.close()
        await writer.close()
    }

    @Test("an edit is flagged while the reader has not taken over what the writer does elsewhere")
    func busyElsewhere() async throws {
        let writer = try await PackerProject.open(folder)
        let lane = GateAt("packer.follow.look", isOpen: true)
        let reader = try await PackerProject.open(
            folder.path, options: PackerOptions(access: .readOnly, settleTime: .zero), sink: sink,
            disk: LinuxDisk(faults: lane))
        await reader.settled()
        let count = reader.snapshot.count
        // Held where it looks whether a commit is visible, or at what it made.
        lane.close()
        try await create(["new/a", "new/b"], by: writer)
        #expect(lane.waitUntilReached())
        try edit()
        #expect(sink.wait { $0.divergence?.path == edited } != nil)
        #expect(reader.snapshot.count == count)
        lane.open()
        let flags = await caughtUp(reader, assets: count + 2)
        #expect(flags.map(\.path) == [edited])
        #expect(Set(sink.events.compactMap(\.divergence?.path)) == [edited])
        await reader.close()
        await writer.close()
    }

    @Test("an edited input stays flagged when the writer commits a change of its declaration")
    func input() async throws {
        let writer = try await PackerProject.open(folder)
        let reader = try await openReader()
        let path = "sprites/hero/walk.json"
        try folder.write("{\"edited\": true}", to: "assets/" + path)
        await reader.settled()
        #expect(reader.divergences.divergences.map(\.path) == [path])
        await writer.settled()
        let hero = AssetReference.root(try AssetRoot(validating: "sprites/hero"))
        _ = try await writer.submit([.update(hero, [.name("Heroine")])]).result
        let uuid = try writer.snapshot.asset(hero).uuid
        sink.wait { _ in (try? reader.snapshot.asset(.uuid(uuid!)).name) == "Heroine" }
        await reader.settled()
        #expect(reader.divergences.divergences.map(\.path) == [path])
        await reader.close()
        await writer.close()
    }

    @Test("an input that is edited after the commit that declared it, and before the reader saw that, is in doubt")
    func newInput() async throws {
        let writer = try await PackerProject.open(folder)
        let reader = try await openReader()
        let count = reader.snapshot.count
        try folder.write("one", to: "assets/new/a/a.csv")
        try folder.write("one", to: "assets/new/b/b.csv")
        gate.turn(.shut)
        for name in ["a", "b"] {
            let new = NewAsset(
                root: try AssetRoot(validating: "new/\(name)"), type: .data,
                inputs: [Declaration.InputRole(role: "rows", paths: ["\(name).csv"])])
            _ = try await writer.submit(.create(new)).result
        }
        try folder.write("two", to: "assets/new/a/a.csv")
        gate.turn(.open)
        let flags = await caughtUp(reader, assets: count + 2)
        #expect(flags.map(\.path) == ["new/a/a.csv"] && flags.allSatisfy(\.isUnverified))
        await reader.close()
        await writer.close()
    }
}

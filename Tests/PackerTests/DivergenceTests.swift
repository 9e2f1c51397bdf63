import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Something that another program does to the game, and what should be flagged after it.
struct ForeignEdit: Sendable, CustomTestStringConvertible {
    var name: String
    var edit: @Sendable (TemporaryFolder) throws -> Void
    /// Path and kind.
    var flags: [String: String]
    /// What takes it back; nil where that is not tried.
    var revert: (@Sendable (TemporaryFolder) throws -> Void)?

    var testDescription: String { name }

    private static let declaration = "assets/tiles/dungeon/asset.json"
    private static let input = "assets/audio/sfx/jump/jump.wav"

    private static func attributes(_ folder: TemporaryFolder, _ path: String) throws -> [FileAttributeKey: Any] {
        try FileManager.default.attributesOfItem(atPath: folder.path + "/" + path)
    }

    private static func sh(_ folder: TemporaryFolder, _ command: String) throws {
        try Fixtures.run("/bin/sh", ["-ec", command], in: folder.path + "/assets")
    }

    static let all: [ForeignEdit] = [
        ForeignEdit(
            name: "a declaration is edited in place",
            edit: { try sh($0, "cp tiles/dungeon/asset.json ../kept; echo >> tiles/dungeon/asset.json") },
            flags: ["tiles/dungeon/asset.json": "modified"],
            revert: { try sh($0, "cat ../kept > tiles/dungeon/asset.json") }
        ),
        ForeignEdit(
            name: "an editor saves by renaming a new file over the old",
            edit: {
                try sh(
                    $0,
                    "cp tiles/dungeon/asset.json ../kept; sed -i s/Dungeon/Cellar/ tiles/dungeon/asset.json; echo >> tiles/dungeon/asset.json"
                )
            },
            flags: ["tiles/dungeon/asset.json": "modified"],
            revert: { try sh($0, "cp ../kept tiles/dungeon/.new; mv tiles/dungeon/.new tiles/dungeon/asset.json") }
        ),
        ForeignEdit(
            name: "an input is edited, same size and restored time",
            edit: {
                try sh(
                    $0,
                    "f=$(ls audio/sfx/jump/*.wav); cp -p $f ../kept; printf X | dd of=$f bs=1 seek=60 conv=notrunc 2>/dev/null; touch -r ../kept $f"
                )
            },
            flags: ["audio/sfx/jump/*.wav": "modified"],
            revert: { try sh($0, "cp -p ../kept $(ls audio/sfx/jump/*.wav)") }
        ),
        ForeignEdit(
            name: "an input is removed",
            edit: { try sh($0, "f=$(ls audio/sfx/jump/*.wav); mv $f ../kept; echo $f > ../name") },
            flags: ["audio/sfx/jump/*.wav": "missing"], revert: { try sh($0, "mv ../kept $(cat ../name)") }
        ),
        ForeignEdit(
            name: "a whole asset is removed", edit: { try sh($0, "mv data/items ../kept") },
            flags: ["data/items/asset.json": "missing", "data/items/*": "missing"],
            revert: { try sh($0, "mv ../kept data/items") }
        ),
        ForeignEdit(
            name: "an asset's folder is renamed", edit: { try sh($0, "mv tiles/dungeon tiles/crypt") },
            flags: [
                "tiles/dungeon/asset.json": "moved", "tiles/crypt/asset.json": "appeared", "tiles/dungeon/*": "missing",
            ],
            revert: { try sh($0, "mv tiles/crypt tiles/dungeon") }
        ),
        ForeignEdit(
            name: "a new declaration appears in new folders",
            edit: {
                try sh(
                    $0,
                    "mkdir -p wild/deep/er; cp tiles/dungeon/asset.json wild/deep/er/; echo not one > wild/notes.txt")
            },
            flags: ["wild/deep/er/asset.json": "appeared"], revert: { try sh($0, "rm -r wild") }
        ),
        ForeignEdit(
            name: "a declaration becomes a folder",
            edit: { try sh($0, "mv tiles/dungeon/asset.json ../kept; mkdir tiles/dungeon/asset.json") },
            flags: ["tiles/dungeon/asset.json": "typeChanged"],
            revert: { try sh($0, "rmdir tiles/dungeon/asset.json; mv ../kept tiles/dungeon/asset.json") }
        ),
        ForeignEdit(
            name: "an input becomes executable", edit: { try sh($0, "chmod +x audio/sfx/jump/*.wav") },
            flags: ["audio/sfx/jump/*.wav": "modified"], revert: { try sh($0, "chmod -x audio/sfx/jump/*.wav") }
        ),
        ForeignEdit(
            name: "the registry is edited",
            edit: { try sh($0, "cp .prometeu/index.json ../kept; echo >> .prometeu/index.json") },
            flags: [".prometeu/index.json": "registryModified"],
            revert: { try sh($0, "cp ../kept .prometeu/index.json") }
        ),
        ForeignEdit(
            name: "a file is touched, its group rights change, and it gets another name",
            edit: {
                try sh(
                    $0,
                    "touch tiles/dungeon/asset.json; chmod g+w tiles/dungeon/asset.json; ln tiles/dungeon/asset.json ../linked"
                )
            },
            flags: [:], revert: nil
        ),
        ForeignEdit(
            name: "an editor leaves a swap file, and writes the same bytes",
            edit: {
                try sh(
                    $0,
                    "echo swap > tiles/dungeon/.asset.json.swp; cp tiles/dungeon/asset.json tiles/dungeon/x~; mv tiles/dungeon/x~ tiles/dungeon/asset.json"
                )
            },
            flags: [:], revert: nil
        ),
    ]
}

@Suite("What others change is flagged, exactly and until it is taken back")
struct DivergenceTests {
    /// `*` in a wanted path stands for any one name.
    private func matches(_ flags: [Divergence], _ wanted: [String: String]) -> Bool {
        func fits(_ flag: Divergence, _ pattern: String, _ kind: String) -> Bool {
            guard flag.kind.name == kind else { return false }
            guard let star = pattern.firstIndex(of: "*") else { return flag.path == pattern }
            return flag.path.hasPrefix(pattern[..<star]) && flag.path.hasSuffix(pattern[pattern.index(after: star)...])
        }
        return flags.allSatisfy { flag in wanted.contains { fits(flag, $0.key, $0.value) } }
            && wanted.allSatisfy { pattern in flags.contains { fits($0, pattern.key, pattern.value) } }
    }

    @Test("flags are what differs, the events tell them, and taking it back clears them", arguments: ForeignEdit.all)
    func flags(edit: ForeignEdit) async throws {
        let folder = try Fixtures.game()
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        await project.settled()
        #expect(project.coverage == .complete(inputsVerified: true))
        #expect(project.divergences.divergences == [])
        let snapshot = project.snapshot

        try edit.edit(folder)
        await project.settled()
        let report = project.divergences
        #expect(matches(report.divergences, edit.flags), "\(report.divergences.map { ($0.path, $0.kind.name) })")
        #expect(report.divergences.allSatisfy { !$0.isUnverified })
        #expect(project.snapshot === snapshot)
        if let revert = edit.revert {
            try revert(folder)
            await project.settled()
            #expect(project.divergences.divergences == [])
        }
        await project.close()
        // Adding up the events gives the flags at each point.
        var standing = Set<String>()
        for event in sink.events {
            switch event.kind {
            case .divergenceDetected(let flag): #expect(standing.insert(flag.path).inserted)
            case .divergenceChanged(let flag): #expect(standing.contains(flag.path))
            case .divergenceCleared(let flag): #expect(standing.remove(flag.path) != nil)
            default: break
            }
            if event.sequence == report.sequence { #expect(standing == Set(report.divergences.map(\.path))) }
        }
        #expect(standing.isEmpty == (edit.revert != nil || edit.flags.isEmpty))
    }

    @Test("a refresh takes what others changed into the snapshot, and clears the flags", arguments: ForeignEdit.all)
    func refresh(edit: ForeignEdit) async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        await project.settled()
        try edit.edit(folder)
        _ = try await project.refresh().result
        await project.settled()
        #expect(project.divergences.divergences == [])
        let fresh = try await PackerProject.open(folder, .readOnly)
        let seen = project.snapshot.list(limit: 1000).assets
        let again = fresh.snapshot.list(limit: 1000).assets
        #expect(seen.map(\.root) == again.map(\.root) && seen.map(\.id) == again.map(\.id))
        #expect(seen.map(\.validity) == again.map(\.validity) && seen.map(\.declaration) == again.map(\.declaration))
        #expect(project.snapshot.allDiagnostics == fresh.snapshot.allDiagnostics)
        await fresh.close()
        await project.close()
    }

    @Test("after a refresh no command is refused for a flag from before it", arguments: [true, false])
    func refreshOutdatesFlags(isWhole: Bool) async throws {
        let folder = try Fixtures.game()
        let gate = GateAt("packer.ledger.look", isOpen: true)
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: EventRecorder(), disk: LinuxDisk(faults: gate)
        )
        await project.settled()
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let path = asset.declarationPath
        try folder.write(try folder.text("assets/" + path) + "\n", to: "assets/" + path)
        await project.settled()
        #expect(project.divergences.divergences.map(\.path) == [path])
        // From here on the ledger cannot look at anything.
        gate.close()
        _ = try await project.refresh(isWhole ? .all : .asset(.id(asset.id!))).result
        _ = try await project.submit(.update(.id(asset.id!), [.name("After")])).result
        #expect(project.divergences.divergences.map(\.path) == [path], "the flag itself stands until it is looked at")
        gate.open()
        await project.settled()
        #expect(project.divergences.divergences == [])
        await project.close()
    }

    @Test("a refresh of one asset takes its change and leaves the others flagged")
    func refreshOne() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        await project.settled()
        for root in ["tiles/dungeon", "tiles/castle"] {
            let text = try folder.text("assets/\(root)/asset.json")
            try folder.write(text + "\n", to: "assets/\(root)/asset.json")
        }
        _ = try await project.refresh(.asset(.root(AssetRoot(validating: "tiles/dungeon")))).result
        await project.settled()
        #expect(project.divergences.divergences.map(\.path) == ["tiles/castle/asset.json"])
        _ = try await project.submit(
            .relocate(.root(AssetRoot(validating: "tiles/dungeon")), to: AssetRoot(validating: "tiles/cellar"))
        ).result
        await project.settled()
        #expect(project.divergences.divergences.map(\.path) == ["tiles/castle/asset.json"])
        await project.close()
    }

    @Test("an input that is edited before it was ever read is flagged unverified, and settling still ends")
    func editedBeforeReading() async throws {
        let folder = try Fixtures.game()
        let gate = GateAt("packer.ledger.read")
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: EventRecorder(), disk: LinuxDisk(faults: gate)
        )
        #expect(gate.waitUntilReached())
        // Same size, so that only the bytes could tell.
        let text = try folder.text("assets/data/items/items.csv")
        try folder.write(String(text.reversed()), to: "assets/data/items/items.csv")
        try folder.remove("assets/data/items/descriptions.json")
        gate.open()
        await project.settled()
        let flags = project.divergences.divergences
        #expect(flags.map(\.path) == ["data/items/descriptions.json", "data/items/items.csv"])
        #expect(flags.map(\.kind) == [.missing, .modified])
        #expect(flags.map(\.isUnverified) == [false, true])
        #expect(project.coverage == .complete(inputsVerified: true))
        await project.close()
    }

    @Test("a commit has no input read again that it leaves alone, and what that held is still known")
    func inputsAreReadOnce() async throws {
        final class Reads: FaultInjector {
            let names = Guarded<[String]>([])

            func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
                if point.name == "packer.ledger.read" { names.withLock { $0.append(path.name.description) } }
                return .proceed
            }

            func taken() -> [String] {
                names.withLock { names in
                    defer { names = [] }; return names
                }
            }
        }
        let folder = try Fixtures.game()
        let reads = Reads()
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: EventRecorder(),
            disk: LinuxDisk(faults: reads)
        )
        await project.settled()
        #expect(Set(["items.csv", "descriptions.json"]).isSubset(of: reads.taken()))
        let id = try #require(project.snapshot.asset(at: AssetRoot(validating: "data/items"))?.id)
        _ = try await project.submit(.update(.id(id), [.name("After")])).result
        await project.settled()
        #expect(Set(reads.taken()).isSubset(of: ["asset.json"]))
        // Same size, so that only the bytes can tell.
        let path = "assets/data/items/items.csv"
        let text = try folder.text(path)
        try folder.write(String(text.reversed()), to: path)
        await project.settled()
        #expect(project.divergences.divergences.map(\.isUnverified) == [false])
        try folder.write(text, to: path)
        await project.settled()
        #expect(project.divergences.divergences == [])
        await project.close()
    }

    @Test("our own commits are never flagged, however many come while others edit elsewhere")
    func ownCommits() async throws {
        let folder = try Fixtures.game()
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        await project.settled()
        for number in 0..<60 {
            let root = try AssetRoot(validating: "busy/\(number % 7)/asset-\(number)")
            let outcome = try await project.submit(.create(NewAsset(root: root, type: .data))).result
            if number % 6 == 5 {
                let target = try AssetRoot(validating: "calm/\(number)")
                _ = try await project.submit(.relocate(.id(outcome.assets[0].id!), to: target)).result
            }
            if number == 30 { try folder.write("{}", to: "assets/tiles/castle/asset.json") }
        }
        await project.settled()
        await project.close()
        #expect(Set(sink.events.compactMap(\.divergence?.path)) == ["tiles/castle/asset.json"])
    }
}

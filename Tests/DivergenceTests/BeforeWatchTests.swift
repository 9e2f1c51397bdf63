import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Keeps the monitor from arming its first folder until it is let go.
private final class HoldArming: FaultInjector {
    private let isHeld = Guarded(true)

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard point.name == "monitor.open-folder" else { return .proceed }
        return isHeld.wait { $0 ? nil : .proceed }
    }

    func release() { isHeld.signal { $0 = false } }
}

@Suite("Between the reading of the project and its watch")
struct BeforeWatchTests {
    struct Edit: CustomTestStringConvertible {
        var testDescription: String
        var script: String
        var flags: [String: String]
        var coverage = "complete"
    }

    private static let dungeon = "tiles/dungeon/asset.json"

    static let edits = [
        Edit(testDescription: "nothing", script: "true", flags: [:]),
        Edit(
            testDescription: "a declaration that keeps its size",
            script: "printf '\\t' | dd of=tiles/dungeon/asset.json bs=1 seek=1 conv=notrunc status=none",
            flags: [dungeon: "modified"]),
        Edit(testDescription: "a declaration touched", script: "touch tiles/dungeon/asset.json", flags: [:]),
        Edit(
            testDescription: "a declaration gone", script: "rm tiles/dungeon/asset.json", flags: [dungeon: "missing"]),
        Edit(
            testDescription: "a declaration that is a folder",
            script: "rm tiles/dungeon/asset.json; mkdir tiles/dungeon/asset.json", flags: [dungeon: "typeChanged"]),
        Edit(
            testDescription: "an input that grew", script: "echo more >> data/items/items.csv",
            flags: ["data/items/items.csv": "modified"]),
        Edit(
            testDescription: "an input gone", script: "rm audio/sfx/jump/jump.wav",
            flags: ["audio/sfx/jump/jump.wav": "missing"]),
        Edit(
            testDescription: "an input that is a link",
            script: "mv audio/sfx/jump/jump.wav audio/sfx/jump/kept; ln -s kept audio/sfx/jump/jump.wav",
            flags: ["audio/sfx/jump/jump.wav": "typeChanged"]),
        Edit(
            testDescription: "an asset's folder moved", script: "mv tiles/dungeon tiles/cave",
            flags: [
                dungeon: "moved", "tiles/cave/asset.json": "appeared", "tiles/dungeon/wall.png": "missing",
                "tiles/dungeon/floor.png": "missing",
            ]),
        Edit(
            testDescription: "a declaration in a folder of groups", script: "cp tiles/dungeon/asset.json tiles/",
            flags: ["tiles/asset.json": "appeared"]),
        Edit(
            testDescription: "a declaration in a new folder",
            script: "mkdir -p new/deep; cp tiles/dungeon/asset.json new/deep",
            flags: ["new/deep/asset.json": "appeared"]),
        Edit(
            testDescription: "the registry", script: "echo >> .prometeu/index.json",
            flags: [".prometeu/index.json": "registryModified"]),
        Edit(
            testDescription: "a second name for a declaration", script: "ln tiles/dungeon/asset.json ../kept",
            flags: [:], coverage: "degraded"),
    ]

    @Test("a change is flagged, and nothing else is", arguments: edits)
    func changed(edit: Edit) async throws {
        let folder = try Fixtures.game()
        let hold = HoldArming()
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(), sink: EventRecorder(), disk: LinuxDisk(faults: hold))
        try Bench.shell(edit.script, in: folder)
        hold.release()
        await project.settled()
        let flags = project.divergences.divergences.map { ($0.path, $0.kind.name) }
        #expect(Dictionary(flags) { first, _ in first } == edit.flags)
        #expect(project.coverage.name == edit.coverage)
        await project.close()
    }

    @Test(
        "an asset's whole folder that is gone, or is none any more, has all of its files flagged",
        arguments: [
            "rm -r tiles/dungeon", "rm -r tiles/dungeon; echo > tiles/dungeon", "rm -r tiles",
        ])
    func folderGone(script: String) async throws {
        let folder = try Fixtures.game()
        let hold = HoldArming()
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(), sink: EventRecorder(), disk: LinuxDisk(faults: hold))
        let gone = String(script.split(separator: ";")[0].split(separator: " ")[2])
        var expected: Set<String> = []
        project.snapshot.forEachAsset { asset in
            for file in asset.expectedFiles where AssetRoot.isPath(file.path, below: gone) {
                expected.insert(file.path)
            }
            return true
        }
        try Bench.shell(script, in: folder)
        hold.release()
        await project.settled()
        #expect(!expected.isEmpty && Set(project.divergences.divergences.map(\.path)) == expected)
        #expect(project.divergences.divergences.allSatisfy { $0.kind == .missing })
        await project.close()
    }
}

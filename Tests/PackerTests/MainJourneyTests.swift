import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("The main journey on a real project")
struct MainJourneyTests {
    @Test("a clean project opens without a diagnostic and lists every asset in the order of its root")
    func opens() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        let snapshot = project.snapshot
        #expect(snapshot.generation == 1)
        #expect(snapshot.access == .writable)
        #expect(snapshot.allDiagnostics == [])
        let roots = snapshot.list(limit: 1000).assets.map(\.root)
        #expect(roots.count == snapshot.count && roots.count > 10)
        #expect(roots == roots.sorted())
        await project.close()
    }

    @Test("an asset that is created can be read at once, on disk and in the snapshot, and after a reopening")
    func creates() async throws {
        let folder = try Fixtures.game()
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        let before = project.snapshot
        let operation = try project.submit(
            .create(NewAsset(root: AssetRoot(validating: "maps/deep/er/cave"), type: .map))
        )
        let outcome = try await operation.result
        let asset = try #require(project.snapshot.asset(at: AssetRoot(validating: "maps/deep/er/cave")))
        #expect(asset.id == outcome.assets[0].id && asset.validity == .valid)
        #expect(before.asset(at: asset.root) == nil)
        #expect(folder.exists("assets/maps/deep/er/cave/asset.json"))
        await project.settled()
        #expect(project.divergences.divergences == [])
        await project.close()
        let again = try await PackerProject.open(folder)
        let reread = try #require(again.snapshot.asset(asset.id!))
        #expect(reread.declaration == asset.declaration && reread.root == asset.root)
        #expect(again.snapshot.allDiagnostics == [])
        await again.close()
    }

    @Test("a relocated asset keeps its identity and takes its files along")
    func relocates() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let files = try folder.contents().filter { $0.key.hasPrefix("assets/\(asset.root)/") }
        let target = try AssetRoot(validating: "moved/somewhere/else")
        _ = try await project.submit(.relocate(.id(asset.id!), to: target)).result
        let moved = try #require(project.snapshot.asset(asset.id!))
        #expect(moved.root == target && moved.uuid == asset.uuid && moved.declaration == asset.declaration)
        for (path, bytes) in files {
            let rest = path.dropFirst("assets/\(asset.root)".count)
            if !path.hasSuffix("/") { #expect(try folder.read("assets/\(target)" + rest) == bytes) }
        }
        #expect(!folder.exists("assets/\(asset.root)"))
        await project.settled()
        #expect(project.divergences.divergences == [])
        await project.close()
    }

    @Test("a foreign edit is flagged, blocks the command that it touches, and is cleared when it is taken back")
    func flags() async throws {
        let folder = try Fixtures.game()
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        await project.settled()
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let path = "assets/\(asset.declarationPath)"
        let original = try folder.read(path)
        try folder.write(original + [10], to: path)
        let flag = try #require(sink.wait { if case .divergenceDetected = $0.kind { true } else { false } }?.divergence)
        #expect(flag.path == asset.declarationPath && flag.kind == .modified)
        #expect(project.divergences.divergences.map(\.path) == [asset.declarationPath])
        let refused = try project.submit(.relocate(.id(asset.id!), to: AssetRoot(validating: "elsewhere")))
        await #expect { try await refused.result } throws: { error in
            (error as? PackerError)?.code == .diverged && (error as? PackerError)?.paths == [asset.declarationPath]
        }
        try folder.write(original, to: path)
        #expect(sink.wait { if case .divergenceCleared = $0.kind { true } else { false } } != nil)
        #expect(project.divergences.divergences == [])
        await project.close()
    }
}

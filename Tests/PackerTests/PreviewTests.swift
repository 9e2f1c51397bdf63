import Packer
import PackerTestSupport
import Testing

@Suite("Previews")
struct PreviewTests {
    private func root(_ path: String) throws -> AssetRoot { try AssetRoot(validating: path) }

    private func failure(_ operation: PackerOperation) async -> PackerError? {
        do throws(PackerError) {
            _ = try await operation.result
            return nil
        } catch { return error }
    }

    @Test("a preview shows what would happen on disk, and changes nothing")
    func shows() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let before = try folder.contents()
        let text = try folder.text("assets/" + asset.declarationPath)
        let preview = try await project.preview([
            .create(NewAsset(root: root("new/one"), type: .map, inputs: [.init(role: "source", paths: ["gone.tmx"])])),
            .update(.id(asset.id!), [.name("Shown")]), .relocate(.id(asset.id!), to: root("else")),
        ])
        #expect(preview.canBeApplied && preview.session == project.session)
        #expect(preview.generation == project.snapshot.generation)
        let kinds = preview.changes.map(\.kind)
        #expect(
            kinds == [.createFolder, .createFolder, .moveFolder, .editFile, .createFile, .editRegistry, .editRegistry])
        let edit = try #require(preview.changes.first { $0.kind == .editFile })
        #expect(edit.path == "else/asset.json" && edit.before == text)
        #expect(edit.after == text.replacing("\"\(asset.name)\"", with: "\"Shown\""))
        #expect(preview.changes.first { $0.kind == .moveFolder }?.to == "else")
        #expect(preview.warnings.map(\.code) == [.inputMissing])
        #expect(try folder.contents() == before)
        #expect(project.snapshot.generation == preview.generation && project.runningOperations == [])
        await project.close()
    }

    @Test("what is applied is what was shown, to the identities and the bytes")
    func applies() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let preview = try await project.preview([
            .create(NewAsset(root: root("new"), type: .data)), .delete(.id(asset.id!)),
        ])
        // A change elsewhere leaves it as it is.
        let other = try #require(project.snapshot.list(limit: 10).assets.last?.id)
        _ = try await project.submit(.exclude(.id(other))).result
        let outcome = try await project.apply(preview).result
        #expect(outcome.assets == preview.assets)
        let file = try #require(preview.changes.first { $0.kind == .createFile })
        #expect(try folder.text("assets/" + file.path) == file.after)
        #expect(project.snapshot.asset(at: try root("new"))?.uuid == preview.assets[0].uuid)
        #expect(project.snapshot.trash.map(\.root) == [asset.root])
        let emptying = try await project.preview([.emptyTrash])
        #expect(emptying.changes.map(\.kind) == [.emptyTrash] && emptying.changes[0].before == asset.root.path)
        await project.close()
    }

    @Test("applied again, or after a change that it would run into, it is stale, and a fresh one is at hand")
    func stale() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        let preview = try await project.preview([.create(NewAsset(root: root("new"), type: .data))])
        _ = try await project.submit(.create(NewAsset(root: root("other"), type: .data))).result
        let operation = try project.apply(preview)
        #expect(await failure(operation)?.code == .previewStale, "its id is given to another by now")
        let fresh = try #require(operation.freshPreview)
        #expect(fresh.canBeApplied && fresh.assets[0].id != preview.assets[0].id)
        #expect(project.snapshot.asset(at: try root("new")) == nil)
        _ = try await project.apply(fresh).result
        let again = try project.apply(fresh)
        #expect(await failure(again)?.code == .previewStale)
        #expect(again.freshPreview?.blockers.map(\.code) == [.rootOccupied])
        await project.close()
    }

    @Test("a preview of another session is stale, even where it would do the same")
    func otherSession() async throws {
        let folder = try Fixtures.game()
        let first = try await PackerProject.open(folder)
        let preview = try await first.preview([.create(NewAsset(root: root("new"), type: .data))])
        await first.close()
        let second = try await PackerProject.open(folder)
        let operation = try second.apply(preview)
        #expect(await failure(operation)?.code == .previewStale)
        #expect(operation.freshPreview?.session == second.session)
        await second.close()
    }

    @Test("what stands in its way is a blocker, and applying it is refused")
    func blockers() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        await project.settled()
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let path = asset.declarationPath
        try folder.write(try folder.text("assets/" + path) + " ", to: "assets/" + path)
        let preview = try await project.preview([.update(.id(asset.id!), [.name("x")])])
        #expect(preview.blockers.map(\.code) == [.diverged] && preview.blockers[0].paths == [path])
        #expect(await failure(try project.apply(preview))?.code == .previewStale)
        await project.close()
        await #expect(throws: PackerError.self) { try await project.preview([.emptyTrash]) }
    }

    @Test("a project that was opened read-only shows previews beside its writer, and applies none")
    func readOnly() async throws {
        let folder = try Fixtures.game()
        let writer = try await PackerProject.open(folder)
        let reader = try await PackerProject.open(folder, .readOnly)
        let preview = try await reader.preview([.create(NewAsset(root: root("new"), type: .data))])
        #expect(preview.canBeApplied && preview.changes.count == 3)
        #expect(await failure(try reader.apply(preview))?.code == .readOnly)
        await reader.close()
        await writer.close()
    }
}

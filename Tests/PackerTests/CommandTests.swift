import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Every command on real files: what it leaves on disk, and that a fresh opening shows what is published.
@Suite("Every command on a real project")
struct CommandTests {
    private func root(_ path: String) -> AssetReference { AssetReference("root:" + path)! }

    private func open(_ folder: TemporaryFolder, _ sink: EventRecorder = EventRecorder()) async throws -> PackerProject
    {
        try await PackerProject.open(folder, sink: sink)
    }

    @discardableResult
    private func submit(_ project: PackerProject, _ mutations: Mutation...) async throws -> OperationOutcome {
        try await project.submit(mutations).result
    }

    /// Nothing is flagged, a reader beside it sees the same, and so does the next opening.
    private func close(_ project: PackerProject, _ folder: TemporaryFolder) async throws {
        await project.settled()
        #expect(project.divergences.divergences == [])
        let live = project.snapshot
        await project.close()
        let fresh = try await PackerProject.open(folder)
        await fresh.settled()
        #expect(live.difference(from: fresh.snapshot) == "")
        await fresh.close()
    }

    @Test("a declaration that nobody registered gets an id of its own, keeps its uuid, and its file is not touched")
    func registers() async throws {
        let folder = try Fixtures.game()
        let uuid = "4f4d4e6c-0000-4000-8000-000000000001"
        let text =
            "{ \"schema_version\": 1, \"asset_uuid\": \"\(uuid)\", \"name\": \"New\", \"type\": \"data\",\n"
            + "\"inputs\": {}, \"output\": {\"format\": \"DATA/raw_v1\", \"codec\": \"NONE\"} }"
        try folder.write(text, to: "assets/data/new/asset.json")
        let project = try await open(folder)
        let next = project.snapshot.list(limit: 1000).assets.compactMap(\.id?.rawValue).max()!
        let outcome = try await submit(project, .register(root("data/new")))
        let asset = try #require(project.snapshot.asset(at: AssetRoot(validating: "data/new")))
        #expect(asset.registration == .registered && asset.id!.rawValue > next && asset.uuid?.description == uuid)
        #expect(outcome.assets.map(\.id) == [asset.id])
        #expect(try folder.text("assets/data/new/asset.json") == text)
        try await close(project, folder)
    }

    @Test("build participation changes in the registry alone, and asking for what is so already writes nothing")
    func includes() async throws {
        let folder = try Fixtures.game()
        let project = try await open(folder)
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let before = try folder.contents(except: ["assets/.prometeu"])
        try await submit(project, .exclude(.id(asset.id!)))
        #expect(project.snapshot.asset(asset.id!)?.isIncludedInBuild == false)
        let generation = project.snapshot.generation
        let again = try await submit(project, .exclude(.id(asset.id!)))
        #expect(again.generation == generation && project.snapshot.generation == generation)
        try await submit(project, .include(.id(asset.id!)))
        #expect(project.snapshot.asset(asset.id!)?.isIncludedInBuild == true)
        #expect(try folder.contents(except: ["assets/.prometeu"]) == before)
        try await close(project, folder)
    }

    static let ugly: [(String, [UInt8], [UInt8])] = [
        ("CRLF and tabs", "\t\"codec\" :\t\"NONE\"\r\n", "\t\"codec\" :\t\"LZ4\"\r\n"),
        ("escapes", "\"codec\":\"N\\u004fNE\"", "\"codec\":\"LZ4\""),
        ("an unknown member before it", "\"x\":1.50e+01,\"codec\":\"NONE\"", "\"x\":1.50e+01,\"codec\":\"LZ4\""),
        ("no trailing newline", "\"codec\":\"NONE\"", "\"codec\":\"LZ4\""),
    ].map { ($0, Array($1.utf8), Array($2.utf8)) }

    @Test("an update changes the bytes of its value and no others", arguments: ugly.indices)
    func updates(index: Int) async throws {
        let (name, before, after) = Self.ugly[index]
        let head =
            Array("\u{20}{\"z\":[ 1,2 ] ,\"type\":\"data\",\"schema_version\":1,\"name\":\"\\u00e9 x\",\r\n".utf8)
            + Array("\"asset_uuid\":\"4f4d4e6c-0000-4000-8000-000000000001\",\"inputs\":{},\"output\":{".utf8)
        let tail = Array(",\"format\":\"DATA/raw_v1\"},\"unknown\":{\"deep\":[true , null]}}".utf8)
        let folder = try Fixtures.empty()
        try folder.write(head + before + tail, to: "assets/a/asset.json")
        let path = folder.path + "/assets/a/asset.json"
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let project = try await open(folder)
        try await submit(project, .register(root("a")))
        try await submit(project, .update(root("a"), [.outputCodec("LZ4")]))
        #expect(try folder.read("assets/a/asset.json") == head + after + tail, "\(name)")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
        #expect(project.snapshot.asset(at: try AssetRoot(validating: "a"))?.declaration?.output.codec == "LZ4")
        try await close(project, folder)
    }

    @Test("an update that would not say what was asked for is refused, and the file stays")
    func updateIsRefused() async throws {
        let folder = try Fixtures.game()
        let project = try await open(folder)
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let before = try folder.read("assets/" + asset.declarationPath)
        for metadata in ["[]", "{} , \"name\": 1", "{", ""] {
            await #expect(throws: PackerError.self) {
                try await submit(project, .update(.id(asset.id!), [.outputMetadata(metadata)]))
            }
        }
        #expect(try folder.read("assets/" + asset.declarationPath) == before)
        try await submit(project, .update(.id(asset.id!), [.outputMetadata("{\"a\" : [1]}")]))
        #expect(try folder.text("assets/" + asset.declarationPath).contains("{\"a\" : [1]}"))
        try await close(project, folder)
    }

    @Test("an update of a declaration takes no foreign edit of an input along")
    func updateKeepsForeignEdits() async throws {
        let folder = try Fixtures.game()
        let project = try await open(folder)
        await project.settled()
        let asset = try #require(project.snapshot.list(limit: 100).assets.first { !$0.inputs.isEmpty })
        let input = "\(asset.root)/\(asset.inputs[0].path)"
        try folder.write("not what it was", to: "assets/" + input)
        await project.settled()
        try await submit(project, .update(.id(asset.id!), [.name("Renamed")]))
        await project.settled()
        #expect(project.divergences.divergences.map(\.path) == [input])
        let after = try #require(project.snapshot.asset(asset.id!))
        #expect(after.inputs.map(\.size) == asset.inputs.map(\.size), "the snapshot says what it said of them")
        await project.close()
    }

    @Test("an unregistered asset keeps its files, and is there as a declaration that nobody registered")
    func unregisters() async throws {
        let folder = try Fixtures.game()
        let project = try await open(folder)
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let before = try folder.contents(except: ["assets/.prometeu"])
        try await submit(project, .unregister(.id(asset.id!)))
        #expect(try folder.contents(except: ["assets/.prometeu"]) == before)
        let stray = try #require(project.snapshot.asset(at: asset.root))
        #expect(stray.registration == .unregistered && stray.id == nil && stray.uuid == asset.uuid)
        let anew = try await submit(project, .register(.root(asset.root)))
        #expect(anew.assets[0].id! > asset.id!, "an id is never used again")
        try await close(project, folder)
    }

    @Test("what is deleted lies whole in the trash, comes back to the byte, and goes for good when that is emptied")
    func trash() async throws {
        let folder = try Fixtures.game()
        let project = try await open(folder)
        let asset = try #require(project.snapshot.list(limit: 100).assets.first { !$0.inputs.isEmpty })
        let count = project.snapshot.count
        let before = try folder.contents(except: ["assets/.prometeu"])
        let deletion = try await submit(project, .delete(.id(asset.id!)))
        #expect(project.snapshot.count == count - 1 && !folder.exists("assets/\(asset.root)"))
        let item = try #require(project.snapshot.trash.first)
        #expect(item.operation == deletion.operation && item.root == asset.root)
        #expect(item.assets.map(\.id) == [asset.id!] && item.assets.map(\.uuid) == [asset.uuid!])
        #expect(folder.exists("assets/.prometeu/trash/\(item.operation)/1/asset.json"))

        // It can be restored after a reopening, too.
        await project.close()
        let again = try await open(folder)
        #expect(again.snapshot.trash == [item])
        try await submit(again, .restore(.id(asset.id!)))
        #expect(try folder.contents(except: ["assets/.prometeu"]) == before)
        #expect(again.snapshot.asset(asset.id!)?.declaration == asset.declaration && again.snapshot.trash == [])

        try await submit(again, .delete(.id(asset.id!)))
        try await submit(again, .emptyTrash)
        #expect(again.snapshot.trash == [] && !folder.exists("assets/.prometeu/trash"))
        try await close(again, folder)
        let last = try await open(folder)
        await #expect(throws: PackerError.self) { try await submit(last, .restore(.id(asset.id!))) }
        // A session that closes at once leaves it to the next.
        func left() throws -> [String] { try folder.contents().keys.filter { $0.contains("emptied-") } }
        let end = MonotonicClock.now() + 60_000_000_000
        while try !left().isEmpty, MonotonicClock.now() < end { await Task.yield() }
        #expect(try left() == [], "what an emptied trash held is removed")
        await last.close()
    }

    @Test("a deletion without a record that can be read is told, and is left where it is")
    func unreadableTrash() async throws {
        let folder = try Fixtures.game()
        let project = try await open(folder)
        let asset = try #require(project.snapshot.list(limit: 1).assets.first)
        let deletion = try await submit(project, .delete(.id(asset.id!)))
        await project.close()
        let place = "assets/.prometeu/trash/\(deletion.operation)"
        for text in ["", "{", "{\"schema_version\":2}", "[]"] {
            try folder.write(text, to: place + "/1.json")
            let again = try await open(folder)
            #expect(again.snapshot.trash == [])
            #expect(again.snapshot.diagnostics.map(\.code) == [.trashUnreadable], "\(text)")
            await again.close()
            #expect(folder.exists(place + "/1/asset.json"))
        }
    }

    @Test("a relocation that is taken back leaves every file as it was, to the byte and its attributes")
    func thereAndBack() async throws {
        let folder = try Fixtures.game()
        let project = try await open(folder)
        let before = try folder.contents(except: ["assets/.prometeu"])
        let assets = project.snapshot.list(limit: 100).assets
        let inodes = assets.map(\.folderInode)
        for asset in assets {
            try await submit(project, .relocate(.id(asset.id!), to: AssetRoot(validating: "away/\(asset.id!)")))
        }
        for asset in assets { try await submit(project, .relocate(.id(asset.id!), to: asset.root)) }
        let away = try folder.contents(except: ["assets/.prometeu", "assets/away"])
        #expect(away == before)
        #expect(project.snapshot.list(limit: 100).assets.map(\.folderInode) == inodes)
        try await close(project, folder)
    }

    @Test("a copied folder is told from the original: re-identified it can be registered, and both stay")
    func reidentifies() async throws {
        let folder = try Fixtures.game()
        let first = try await open(folder)
        let asset = try #require(first.snapshot.list(limit: 1).assets.first)
        await first.close()
        let original = try folder.read("assets/" + asset.declarationPath)
        try FileManager.default.copyItem(
            atPath: folder.path + "/assets/\(asset.root)", toPath: folder.path + "/assets/copy")
        let project = try await open(folder)
        await #expect(throws: PackerError.self) { try await submit(project, .register(root("copy"))) }
        try await submit(project, .reidentify(root("copy")), .register(root("copy")))
        let copy = try #require(project.snapshot.asset(at: try AssetRoot(validating: "copy")))
        #expect(copy.registration == .registered && copy.validity == .valid && copy.uuid != asset.uuid)
        #expect(try folder.read("assets/" + asset.declarationPath) == original)
        let uuid = copy.uuid!.description
        #expect(
            try folder.text("assets/copy/asset.json").replacingOccurrences(of: uuid, with: asset.uuid!.description)
                == String(decoding: original, as: UTF8.self))
        #expect(project.snapshot.allDiagnostics == [])
        try await close(project, folder)
    }

    @Test("a command on what others changed is refused and names it, and nothing of its transaction happens")
    func diverged() async throws {
        let folder = try Fixtures.game()
        let project = try await open(folder)
        await project.settled()
        let assets = project.snapshot.list(limit: 2).assets
        let path = assets[1].declarationPath
        try folder.write(try folder.text("assets/" + path) + "\n", to: "assets/" + path)
        let before = try folder.contents(except: ["assets/.prometeu/shadow", "assets/.prometeu/journal"])
        for mutation in [Mutation.delete(.id(assets[1].id!)), .update(.id(assets[1].id!), [.name("x")])] {
            do throws(PackerError) {
                _ = try await project.submit([.exclude(.id(assets[0].id!)), mutation]).result
                Issue.record("\(mutation.name) is taken")
            } catch {
                #expect(error.code == .diverged && error.paths == [path], "\(mutation.name): \(error)")
            }
        }
        #expect(try folder.contents(except: ["assets/.prometeu/shadow", "assets/.prometeu/journal"]) == before)
        // Nothing of its files is touched by this one.
        try await submit(project, .exclude(.id(assets[1].id!)))
        await project.close()
    }

    @Test("an empty transaction is refused at once")
    func emptyTransaction() async throws {
        let project = try await open(try Fixtures.empty())
        do throws(PackerError) {
            _ = try project.submit([Mutation]())
            Issue.record("it is taken")
        } catch { #expect(error.code == .mutationInvalid) }
        await project.close()
    }
}

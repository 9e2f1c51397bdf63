import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("Bad input is refused with its path and a remedy, and changes nothing")
struct RefusalTests {
    private func expectRefusal(
        _ mutation: Mutation, _ code: PackerError.Code, in folder: TemporaryFolder, naming path: String? = nil
    ) async throws {
        let before = try folder.contents(except: ["assets/.prometeu/journal"])
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        let generation = project.snapshot.generation
        let operation = try project.submit(mutation)
        do throws(PackerError) {
            let outcome = try await operation.result
            Issue.record("\(mutation) was carried out: \(outcome)")
        } catch {
            #expect(error.code == code, "\(error)")
            #expect(!error.remedy.isEmpty)
            if let path { #expect(error.paths.contains(path), "\(error)") }
        }
        #expect(project.snapshot.generation == generation)
        await project.close()
        let terminal = sink.events.filter { $0.operation == operation.id && $0.isTerminal }
        #expect(terminal.count == 1)
        var after = try folder.contents(except: ["assets/.prometeu/journal"])
        after["assets/.prometeu/shadow/"] = before["assets/.prometeu/shadow/"]
        #expect(after == before)
    }

    @Test(
        "a root that must not be",
        arguments: [
            "", "..", "../outside", "a/../b", "/absolute", "a//b", "a/", ".hidden", "a/.hidden", "con", "lpt1.txt",
            "dot.", "space ", "bell\u{7}", "what?", "back\\slash", "e\u{301}", String(repeating: "x", count: 256),
            (0..<33).map { "d\($0)" }.joined(separator: "/"), ".prometeu", ".prometeu/shadow/x",
        ]
    )
    func roots(_ path: String) async throws {
        let folder = try Fixtures.game()
        let root = AssetReference("root:" + path)
        guard case .root(let named) = root else {
            #expect(path.isEmpty)
            return
        }
        try await expectRefusal(.create(NewAsset(root: named, type: .map)), .nameInvalid, in: folder)
        let existing = AssetReference.id(AssetID(rawValue: 1)!)
        try await expectRefusal(.relocate(existing, to: named), .nameInvalid, in: folder)
    }

    @Test("an occupied root, a nested root and a root that differs in capitals only")
    func places() async throws {
        let folder = try Fixtures.game()
        let type = AssetType.map
        func new(_ path: String) throws -> Mutation {
            .create(NewAsset(root: try AssetRoot(validating: path), type: type))
        }
        try await expectRefusal(new("tiles/overworld"), .rootOccupied, in: folder, naming: "tiles/overworld")
        try await expectRefusal(new("tiles/overworld/inner"), .rootNested, in: folder, naming: "tiles/overworld/inner")
        try await expectRefusal(new("tiles"), .rootNested, in: folder, naming: "tiles")
        try await expectRefusal(new("Tiles/Overworld"), .nameCollision, in: folder, naming: "Tiles/Overworld")
        try folder.write("a plain file", to: "assets/in-the-way")
        try await expectRefusal(new("in-the-way"), .rootOccupied, in: folder, naming: "in-the-way")
        try await expectRefusal(new("in-the-way/below"), .pathInvalid, in: folder)
        let unknown = AssetReference.id(AssetID(rawValue: 99)!)
        try await expectRefusal(
            .relocate(unknown, to: AssetRoot(validating: "x")), .assetUnknown, in: folder
        )
        let first = AssetReference.root(try AssetRoot(validating: "tiles/overworld"))
        try await expectRefusal(
            .relocate(first, to: AssetRoot(validating: "tiles/overworld/deeper")), .rootNested, in: folder
        )
    }

    @Test("a declaration that a reader would refuse", arguments: ["not json", "[]", "{} , \"name\": \"x\"", ""])
    func metadata(text: String) async throws {
        let folder = try Fixtures.game()
        let output = Declaration.Output(format: "DATA/raw_v1", codec: "NONE", metadata: text)
        try await expectRefusal(
            .create(NewAsset(root: AssetRoot(validating: "fresh"), type: .data, output: output)), .declarationInvalid,
            in: folder, naming: "fresh/asset.json"
        )
    }

    @Test("a refresh of what is no asset")
    func refreshOfNothing() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        for path in ["tiles", "nowhere"] {
            let operation = try project.refresh(.asset(.root(AssetRoot(validating: path))))
            await #expect { try await operation.result } throws: { ($0 as? PackerError)?.code == .assetUnknown }
        }
        #expect(project.snapshot.generation == 1)
        await project.close()
    }

    @Test("a symbolic link in the way is never followed out of the workspace")
    func symlink() async throws {
        let folder = try Fixtures.game()
        let outside = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/assets/link", withDestinationPath: outside.path
        )
        try await expectRefusal(
            .create(NewAsset(root: AssetRoot(validating: "link/inside"), type: .map)), .pathInvalid, in: folder
        )
        try await expectRefusal(
            .create(NewAsset(root: AssetRoot(validating: "link"), type: .map)), .rootOccupied, in: folder
        )
        #expect(try outside.contents() == [:])
    }

    @Test("a workspace whose assets/ is a link is not opened")
    func linkedWorkspace() async throws {
        let folder = try TemporaryFolder()
        let elsewhere = try Fixtures.game()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/assets", withDestinationPath: elsewhere.path + "/assets"
        )
        await #expect { try await PackerProject.open(folder) } throws: {
            ($0 as? PackerError)?.code == .workspaceUnreadable
        }
    }

    @Test("a newer journal and a damaged one stop the opening and are left as they are")
    func journals() async throws {
        for (text, code) in [("not a journal at all", PackerError.Code.journalDamaged)] {
            let folder = try Fixtures.game()
            try folder.write(text, to: "assets/.prometeu/journal")
            await #expect { try await PackerProject.open(folder) } throws: { ($0 as? PackerError)?.code == code }
            #expect(try folder.text("assets/.prometeu/journal") == text)
        }
    }

    private struct FailAt: FaultInjector {
        let point: String
        let code: CInt
        /// From the first time on while it is true.
        let isOn: Guarded<Bool>

        func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
            point.name == self.point && isOn.withLock { $0 } ? .fail(code) : .proceed
        }
    }

    @Test(
        "a full disk or missing rights before the commit point refuse the command, and the next one works",
        arguments: ["commit.stage.file", "commit.stage.write", "commit.journal.append", "commit.stage.folder"],
        [ENOSPC, EDQUOT, EACCES, EROFS]
    )
    func failing(point: String, code: CInt) async throws {
        let folder = try Fixtures.game()
        let isOn = Guarded(false)
        let disk = LinuxDisk(faults: FailAt(point: point, code: code, isOn: isOn))
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: EventRecorder(), disk: disk
        )
        let before = try folder.contents(except: ["assets/.prometeu/journal"])
        isOn.withLock { $0 = true }
        let mutation = Mutation.create(NewAsset(root: try AssetRoot(validating: "new/one"), type: .map))
        let refused = try project.submit(mutation)
        await #expect { try await refused.result } throws: { error in
            let wanted: PackerError.Code = code == ENOSPC || code == EDQUOT ? .diskFull : .accessDenied
            return (error as? PackerError)?.code == wanted
        }
        isOn.withLock { $0 = false }
        #expect(try folder.contents(except: ["assets/.prometeu/journal"]) == before)
        _ = try await project.submit(mutation).result
        await project.settled()
        #expect(project.divergences.divergences == [])
        await project.close()
    }

    @Test("a flush that fails makes the project read-only, and says so; reopening makes it whole")
    func failedFlush() async throws {
        let folder = try Fixtures.game()
        let isOn = Guarded(false)
        let disk = LinuxDisk(faults: FailAt(point: "commit.journal.flush", code: EIO, isOn: isOn))
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: EventRecorder(), disk: disk
        )
        isOn.withLock { $0 = true }
        let mutation = Mutation.create(NewAsset(root: try AssetRoot(validating: "new/one"), type: .map))
        let failed = try project.submit(mutation)
        await #expect { try await failed.result } throws: { ($0 as? PackerError)?.code == .outcomeUnknown }
        isOn.withLock { $0 = false }
        guard case .readOnly = project.snapshot.access else {
            Issue.record("it still takes writes")
            return
        }
        let refused = try project.submit(mutation)
        await #expect { try await refused.result } throws: { ($0 as? PackerError)?.code == .readOnly }
        await project.close()
        let again = try await PackerProject.open(folder)
        #expect(again.snapshot.allDiagnostics == [])
        let isThere = again.snapshot.asset(at: try AssetRoot(validating: "new/one")) != nil
        #expect(isThere == folder.exists("assets/new/one/asset.json"))
        await again.close()
    }

    @Test(
        "a folder without permission refuses the opening with its path",
        .enabled(if: !Fixtures.isRoot, "root may write everywhere: run the tests as another user to see this one")
    )
    func noPermission() async throws {
        let folder = try Fixtures.game()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o500], ofItemAtPath: folder.path + "/assets/.prometeu"
        )
        await #expect { try await PackerProject.open(folder) } throws: { ($0 as? PackerError)?.code == .accessDenied }
    }
}

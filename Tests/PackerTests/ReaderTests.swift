import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("A read-only project beside a writer")
struct ReaderTests {
    @Test("follows every commit of the writer and takes none of them for a foreign edit")
    func follows() async throws {
        let folder = try Fixtures.game()
        let writer = try await PackerProject.open(folder)
        let sink = EventRecorder()
        let reader = try await PackerProject.open(folder, .readOnly, sink: sink)
        await reader.settled()
        var roots: [AssetRoot] = []
        for number in 0..<40 {
            let root = try AssetRoot(validating: "new/\(number % 4)/asset-\(number)")
            let created = try await writer.submit(.create(NewAsset(root: root, type: .data))).result
            if number % 5 == 0 {
                let target = try AssetRoot(validating: "moved/\(number)")
                _ = try await writer.submit(.relocate(.id(created.assets[0].id!), to: target)).result
                roots.append(target)
            } else {
                roots.append(root)
            }
        }
        sink.wait { event in
            if case .snapshotPublished(let summary) = event.kind {
                summary.assets == writer.snapshot.count
            } else {
                false
            }
        }
        await reader.settled()
        let seen = reader.snapshot
        #expect(seen.list(limit: 1000).assets.map(\.root) == writer.snapshot.list(limit: 1000).assets.map(\.root))
        #expect(seen.list(limit: 1000).assets.map(\.id) == writer.snapshot.list(limit: 1000).assets.map(\.id))
        for root in roots { #expect(seen.asset(at: root)?.declaration != nil) }
        #expect(reader.divergences.divergences == [])
        // Delivers the last event.
        await reader.close()
        #expect(sink.events.compactMap(\.divergence) == [])
        await writer.close()
    }

    @Test("follows every kind of operation, transactions of moves and the trash included, and flags none of it")
    func followsEverything() async throws {
        let folder = try Fixtures.empty()
        let writer = try await PackerProject.open(folder)
        let sink = EventRecorder()
        let reader = try await PackerProject.open(folder, .readOnly, sink: sink)
        await reader.settled()
        for number in 0..<60 {
            _ = try await writer.submit(CrashScript.operation(number)).result
            // At each step of the first round, and then where several commits come at once.
            guard number < 10 || number % 7 == 0 else { continue }
            let wanted = CrashScript.signature(writer.snapshot)
            sink.wait { _ in CrashScript.signature(reader.snapshot) == wanted }
            #expect(CrashScript.signature(reader.snapshot) == wanted, "after operation \(number)")
        }
        await reader.settled()
        await writer.settled()
        #expect(reader.divergences.divergences == [])
        #expect(sink.events.compactMap(\.divergence) == [])
        let kept = reader.snapshot
        _ = try await reader.refresh().result
        #expect(CrashScript.signature(kept) == CrashScript.signature(reader.snapshot))
        await reader.close()
        await writer.close()
    }

    @Test("flags a foreign edit that a writer's commits go on around, and only that")
    func flags() async throws {
        let folder = try Fixtures.game()
        let writer = try await PackerProject.open(folder)
        let sink = EventRecorder()
        let reader = try await PackerProject.open(folder, .readOnly, sink: sink)
        await reader.settled()
        let victim = try #require(reader.snapshot.list(limit: 1).assets.first)
        for number in 0..<20 {
            let root = try AssetRoot(validating: "new/asset-\(number)")
            _ = try await writer.submit(.create(NewAsset(root: root, type: .data))).result
            if number == 10 { try folder.write("{}", to: "assets/\(victim.declarationPath)") }
        }
        await reader.settled()
        #expect(reader.divergences.divergences.map(\.path) == [victim.declarationPath])
        await reader.close()
        #expect(Set(sink.events.compactMap(\.divergence).map(\.path)) == [victim.declarationPath])
        await writer.close()
    }

    @Test("follows a writer that comes to a workspace which had none, and one whose registry is executable")
    func lateWriter() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/assets", withIntermediateDirectories: true)
        let sink = EventRecorder()
        let reader = try await PackerProject.open(folder, .readOnly, sink: sink)
        await reader.settled()
        let writer = try await PackerProject.open(folder)
        for number in 0..<5 {
            let root = try AssetRoot(validating: "asset-\(number)")
            _ = try await writer.submit(.create(NewAsset(root: root, type: .data))).result
            if number == 2 {
                try Fixtures.run("/bin/chmod", ["755", folder.path + "/assets/.prometeu/index.json"])
                _ = try await writer.refresh().result
                _ = try await reader.refresh().result
            }
        }
        sink.wait { if case .snapshotPublished(let summary) = $0.kind { summary.assets == 5 } else { false } }
        await reader.settled()
        #expect(reader.snapshot.count == 5 && reader.snapshot.allDiagnostics == [])
        #expect(reader.divergences.divergences == [])
        await reader.close()
        await writer.close()
    }

    @Test("reads the disk again beside a writer that commits all the time, and never shows half of a commit")
    func refreshes() async throws {
        let folder = try Fixtures.empty()
        let writer = try await PackerProject.open(folder)
        let reader = try await PackerProject.open(folder, .readOnly)
        let writing = Task {
            for number in 0..<150 {
                let root = try AssetRoot(validating: "asset-\(number)")
                let made = try await writer.submit(.create(NewAsset(root: root, type: .data))).result
                if number % 10 == 9 {
                    let target = try AssetRoot(validating: "moved/asset-\(number)")
                    _ = try await writer.submit(.relocate(.id(made.assets[0].id!), to: target)).result
                }
            }
        }
        for _ in 0..<60 {
            _ = try await reader.refresh().result
            #expect(reader.snapshot.allDiagnostics == [])
        }
        try await writing.value
        _ = try await reader.refresh().result
        await reader.settled()
        #expect(reader.snapshot.count == 150 && reader.snapshot.allDiagnostics == [])
        #expect(reader.divergences.divergences == [])
        await reader.close()
        await writer.close()
    }

    @Test("takes no command, and says how to get one taken")
    func refuses() async throws {
        let folder = try Fixtures.game()
        let reader = try await PackerProject.open(folder, .readOnly)
        let before = try folder.contents()
        let operation = try reader.submit(.create(NewAsset(root: AssetRoot(validating: "a"), type: .map)))
        await #expect { try await operation.result } throws: { ($0 as? PackerError)?.code == .readOnly }
        #expect(try folder.contents() == before)
        await reader.close()
    }

    @Test(
        "shows an interrupted commit whole, without repairing it",
        arguments: ["commit.swap.rename", "commit.verify.look"])
    func interrupted(point: String) async throws {
        let folder = try Fixtures.empty()
        _ = try Programs.run("crash-child", [folder.path, "3", point, "2"])
        let before = try folder.contents()
        let reader = try await PackerProject.open(folder, .readOnly)
        #expect(reader.snapshot.allDiagnostics == [])
        #expect(reader.snapshot.count == 1)
        #expect(try folder.contents() == before)
        await reader.close()
    }

    @Test("a second writer is refused with the name of the first, and opens read-only all the same")
    func secondWriter() async throws {
        let folder = try Fixtures.game()
        let first = try await PackerProject.open(folder)
        await #expect { try await PackerProject.open(folder) } throws: { error in
            let error = error as? PackerError
            return error?.code == .workspaceInUse && error?.message.contains("pid \(getpid())") == true
        }
        let reader = try await PackerProject.open(folder, .readOnly)
        #expect(reader.snapshot.count == first.snapshot.count)
        await reader.close()
        await first.close()
        let next = try await PackerProject.open(folder)
        await next.close()
    }
}

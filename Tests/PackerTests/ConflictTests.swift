import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Writes to a file each time that a fault point is reached.
private struct EditorAt: FaultInjector {
    let point: String
    let edit: @Sendable () -> Void

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        if point.name == self.point { edit() }
        return .proceed
    }
}

@Suite("What was kept")
struct ConflictTests {
    @Test("what was kept is listed until somebody takes it away, also after a reopening")
    func listed() async throws {
        let folder = try Fixtures.game()
        let first = try await PackerProject.open(folder)
        let asset = try #require(first.snapshot.list(limit: 1).assets.first)
        await first.close()
        let place = asset.declarationPath
        let path = folder.path + "/assets/" + place
        let held = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        // An editor that holds the file open writes into it once it has been displaced.
        let isDone = Guarded(false)
        let editor = EditorAt(point: "commit.checkpoint.look") {
            let isFirst = isDone.withLock { done in
                defer { done = true }
                return !done
            }
            if isFirst { try? held.write(contentsOf: Data("theirs".utf8)) }
        }
        let sink = EventRecorder()
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(), sink: sink, disk: LinuxDisk(faults: editor))
        let outcome = try await project.submit(.update(.id(asset.id!), [.name("Ours")])).result
        let event = try #require(sink.wait { if case .conflictKept = $0.kind { true } else { false } })
        guard case .conflictKept(let conflict) = event.kind else { return }
        #expect(conflict.path == place && conflict.operation == outcome.operation)
        #expect(project.conflicts == [conflict])
        #expect(try folder.text("assets/" + conflict.keptAt).hasPrefix("theirs"))
        await project.close()
        try held.close()

        let again = try await PackerProject.open(folder)
        #expect(again.conflicts == [conflict])
        try folder.remove("assets/" + conflict.keptAt)
        #expect(again.conflicts == [conflict])
        _ = try await again.refresh().result
        #expect(again.conflicts == [])
        await again.close()
    }

    @Test(
        "names of what was kept lead back to the places", arguments: ["unclaimed", "00112233445566778899aabbccddeeff"])
    func places(operation: String) async throws {
        let folder = try Fixtures.game()
        for name in ["a/asset.json", "a/asset.json.2", "b/.2", "c/x.2"] {
            try folder.write("kept", to: "assets/.prometeu/conflicts/\(operation)/\(name)")
        }
        let project = try await PackerProject.open(folder, .readOnly)
        #expect(project.conflicts.map(\.path) == ["a/asset.json", "a/asset.json", "b/.2", "c/x.2"])
        #expect(Set(project.conflicts.map(\.keptAt)).count == 4)
        #expect(
            project.conflicts.map { $0.operation?.description.replacingOccurrences(of: "-", with: "") }
                == Array(repeating: operation == "unclaimed" ? nil : operation, count: 4))
        await project.close()
    }

    @Test(
        "somebody who writes in the middle of a group of 100 loses nothing, and only the command that met it can fail",
        arguments: ["notes.txt", "asset.json"])
    func inTheMiddleOfAGroup(name: String) async throws {
        let folder = try Fixtures.empty()
        let gate = GateAt("commit.stage.file")
        let victim = 47
        let isDone = Guarded(false)
        let faults = Faults { point, path in
            if point.name == "commit.swap.rename", path.description.hasSuffix("asset-\(victim)") {
                let isFirst = isDone.withLock { done in
                    defer { done = true }
                    return !done
                }
                if isFirst { try? folder.write("theirs", to: "assets/group/asset-\(victim)/\(name)") }
            }
            return gate.reached(point, path: path)
        }
        let sink = EventRecorder()
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: sink, disk: LinuxDisk(faults: faults))
        func new(_ path: String) throws -> Mutation {
            .create(NewAsset(root: try AssetRoot(validating: path), type: .data))
        }
        let first = try project.submit(new("first"))
        #expect(gate.waitUntilReached())
        let group = try (0..<100).map { try project.submit(new("group/asset-\($0)")) }
        gate.open()
        _ = try await first.result
        var failed: [Int] = []
        for (number, operation) in group.enumerated() {
            do { _ = try await operation.result } catch { failed.append(number) }
        }
        #expect(isDone.withLock { $0 }, "nobody wrote")
        // A folder with files and no declaration may become an asset; one with a declaration is somebody's.
        let isRefused = name == Declaration.fileName
        #expect(failed == (isRefused ? [victim] : []))
        #expect(try folder.text("assets/group/asset-\(victim)/\(name)") == "theirs")
        #expect(project.snapshot.count == (isRefused ? 100 : 101))
        let ids = project.snapshot.list(limit: 1000).assets.compactMap(\.id?.rawValue).sorted()
        #expect(ids == Array(1...UInt32(project.snapshot.count)), "a command that fails uses up no id")
        await project.settled()
        #expect(
            project.divergences.divergences.map(\.path) == (isRefused ? ["group/asset-\(victim)/asset.json"] : []))
        if isRefused { _ = try await project.refresh().result }
        let live = project.snapshot
        await project.close()
        let fresh = try await PackerProject.open(folder)
        #expect(live.difference(from: fresh.snapshot) == "")
        await fresh.close()
    }

    @Test("edits that nobody has told of yet cost only the commands that meet them: the others stay one commit")
    func unflaggedEdits() async throws {
        let folder = try Fixtures.empty()
        let gate = GateAt("commit.stage.file", isOpen: true)
        // The watch tells of them too late.
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .seconds(3600), settleLimit: .seconds(3600)),
            sink: EventRecorder(), disk: LinuxDisk(faults: gate))
        func root(_ number: Int) throws -> AssetRoot { try AssetRoot(validating: "asset-\(number)") }
        for number in 0..<20 {
            _ = try await project.submit(.create(NewAsset(root: root(number), type: .data))).result
        }
        gate.close()
        let first = try project.submit(.create(NewAsset(root: AssetRoot(validating: "first"), type: .data)))
        #expect(gate.waitUntilReached())
        let edited = [3, 17]
        for number in edited { try folder.write("theirs", to: "assets/asset-\(number)/asset.json") }
        let group = try (0..<20).map { try project.submit(.update(.root(root($0)), [.name("Ours \($0)")])) }
        gate.open()
        _ = try await first.result
        var generations = Set<UInt64>()
        var failed: [Int] = []
        for (number, operation) in group.enumerated() {
            do throws(PackerError) {
                generations.insert(try await operation.result.generation)
            } catch {
                #expect(error.code == .diverged)
                failed.append(number)
            }
        }
        #expect(failed == edited && generations.count == 1)
        for number in 0..<20 where !edited.contains(number) {
            #expect(project.snapshot.asset(at: try root(number))?.declaration?.name == "Ours \(number)")
            #expect(try folder.text("assets/asset-\(number)/asset.json").contains("Ours \(number)"))
        }
        for number in edited { #expect(try folder.text("assets/asset-\(number)/asset.json") == "theirs") }
        await project.close()
    }
}

/// Asks a closure at each fault point.
private struct Faults: FaultInjector {
    let decide: @Sendable (FaultPoint, BytePath) -> FaultAction

    init(_ decide: @escaping @Sendable (FaultPoint, BytePath) -> FaultAction) { self.decide = decide }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction { decide(point, path) }
}

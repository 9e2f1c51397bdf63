import Foundation
import Packer
import StudioHost
import Testing

/// Studio's way through a project, with what another package could use and nothing else.
@Suite(.timeLimit(.minutes(5))) struct StudioJourneyTests {
    @Test("a project is opened, listed, changed, relocated, refreshed after an outside edit, and closed")
    func journey() async throws {
        let folder = try TemporaryProject()
        let container = StudioContainer()
        let bus = try await container.start()
        let events = bus.subscribe(to: PackerEvent.self)
        let project = try await container.open(folder.path, options: .test)
        let view = AssetsView(project, bus: bus)

        // Open and list
        let empty = try #require(await view.show { $0.listing != nil })
        #expect(empty.rows.isEmpty)

        // Create, as a staged command
        let root = try AssetRoot(validating: "ui/tiles")
        await view.act(.stage(.create(NewAsset(root: root, type: .tileBank))))
        await view.act(.apply)
        let created = try #require(await view.show { $0.rows.map(\.asset.root) == [root] && !$0.isUnderWay })
        guard case .committed(let creation) = created.staged?.status else {
            Issue.record("not committed: \(String(describing: created.staged))")
            return
        }
        #expect(creation.assets.map(\.root) == [root])
        #expect(FileManager.default.fileExists(atPath: folder.path + "/assets/ui/tiles/asset.json"))

        // Details, which follow a relocation
        let reference = created.rows[0].reference
        await view.act(.select(reference))
        _ = try #require(await view.show { $0.shownAsset?.root == root })
        let newRoot = try AssetRoot(validating: "world/ground")
        await view.act(.stage(.relocate(reference, to: newRoot)))
        await view.act(.apply)
        let relocated = try #require(await view.show { $0.shownAsset?.root == newRoot && !$0.isUnderWay })
        #expect(relocated.rows.map(\.asset.root) == [newRoot])
        #expect(relocated.shownAsset?.id == created.rows[0].asset.id)

        // A refusal is the packer's own
        await view.act(.stage(.relocate(.root(root), to: newRoot)))
        await view.act(.apply)
        let refused = try #require(await view.show { !$0.isUnderWay })
        guard case .failed(let error) = refused.staged?.status else {
            Issue.record("not refused: \(String(describing: refused.staged))")
            return
        }
        #expect(error.code == .assetUnknown)

        // An outside edit gets a badge, and is in the list only after a refresh
        await project.settled()
        let declaration = URL(filePath: folder.path + "/assets/world/ground/asset.json")
        let edited = try String(contentsOf: declaration, encoding: .utf8)
            .replacingOccurrences(of: "\"ground\"", with: "\"meadow\"")
            .replacingOccurrences(of: "\"tiles\"", with: "\"meadow\"")
        try Data(edited.utf8).write(to: declaration)
        let flagged = try #require(await view.show { $0.rows.first?.divergences.isEmpty == false })
        #expect(flagged.rows[0].divergences.map(\.kind) == [.modified])
        #expect(flagged.rows[0].asset.name != "meadow")
        await view.act(.refresh(.asset(reference)))
        let refreshed = try #require(
            await view.show { $0.refresh == .idle && $0.rows.first?.divergences.isEmpty == true }
        )
        #expect(refreshed.rows.map(\.asset.name) == ["meadow"])
        #expect(refreshed.shownAsset?.name == "meadow")

        // Close
        await container.stop()
        #expect(await view.show { $0.isClosed } != nil)
        checkOrder(of: await collect(events), session: project.session)
    }

    @Test("the packer's errors pass the adapter and the container unchanged")
    func errors() async throws {
        let folder = try TemporaryProject()
        let container = StudioContainer()
        try await container.start()
        let missing = await #expect(throws: StudioError.self) { try await container.open(folder.path + "/nowhere") }
        #expect(missing?.code == .packer)
        #expect(missing?.cause?.code == .workspaceMissing)

        let project = try await container.open(folder.path, options: .test)
        let second = await #expect(throws: StudioError.self) { try await container.open(folder.path) }
        #expect(second?.cause?.code == .workspaceInUse)

        let unknown = Mutation.relocate(.root(try AssetRoot(validating: "a")), to: try AssetRoot(validating: "b"))
        let operation = try project.submit(unknown)
        let refusal = await #expect(throws: PackerError.self) { try await operation.result }
        let expected = #expect(throws: PackerError.self) {
            try project.snapshot.asset(.root(try AssetRoot(validating: "a")))
        }
        #expect(refusal == expected)

        await container.close(project)
        let closed = #expect(throws: PackerError.self) { try project.submit(unknown) }
        #expect(closed?.code == .laneClosed)
        await container.stop()
    }

    @Test(
        "a closed project can be opened again at once, and what each session left is there",
        arguments: [CloseMode.drain, .cancel]
    )
    func reopen(mode: CloseMode) async throws {
        let folder = try TemporaryProject()
        let container = StudioContainer()
        try await container.start()
        var sessions: Set<SessionID> = []
        for number in 0..<20 {
            let project = try await container.open(folder.path, options: .test)
            #expect(project.snapshot.count == number)
            let new = NewAsset(root: try AssetRoot(validating: "a\(number)"), type: .data)
            _ = try await project.submit(.create(new)).result
            sessions.insert(project.session)
            await container.close(project, mode)
        }
        #expect(sessions.count == 20)
        await container.stop()
    }

    @Test("stop closes every open project, and the bus ends after the last event of each")
    func stopClosesAll() async throws {
        let folders = try (0..<3).map { _ in try TemporaryProject() }
        let container = StudioContainer()
        let events = try await container.start().subscribe(to: PackerEvent.self)
        var projects: [PackerAdapter] = []
        for folder in folders { projects.append(try await container.open(folder.path, options: .test)) }
        let sessions = Set(projects.map(\.session))
        await container.close(projects[0])
        await container.stop()
        let all = await collect(events)
        #expect(Set(all.map(\.session)) == sessions)
        for session in sessions { checkOrder(of: all.filter { $0.session == session }, session: session) }
    }

    @Test("a project whose opening is under way is closed by stop, and that opening is refused")
    func stopWhileOpening() async throws {
        // So many folders that bootstrap takes longer than it takes to call `stop`.
        let folder = try TemporaryProject(folders: 3_000)
        let container = StudioContainer()
        let events = try await container.start().subscribe(to: PackerEvent.self)
        let opening = Task { try await container.open(folder.path, options: .test) }
        // With the first event the packer is at work.
        var iterator = events.makeAsyncIterator()
        let first = try #require(await iterator.next())
        await container.stop()
        var last = first
        while let event = await iterator.next() { last = event }
        #expect(last.kind == .closed)
        let error = await #expect(throws: StudioError.self) { try await opening.value }
        #expect(error?.code == .stopped)
    }

    @Test("a view ends with its project, while the bus goes on")
    func viewEnds() async throws {
        let folder = try TemporaryProject()
        let container = StudioContainer()
        let bus = try await container.start()
        let project = try await container.open(folder.path, options: .test)
        let runner = AssetsWorkspaceRunner(project, bus: bus)
        async let view: Void = runner.run()
        await container.close(project)
        await view
        #expect(await runner.workspace.isClosed)
        let texts = bus.subscribe(to: String.self)
        bus.publish("still here")
        await container.stop()
        #expect(await collect(texts) == ["still here"])
    }

    /// A session's events are dense, end with the last one, and tell each operation's life in order.
    private func checkOrder(of events: [PackerEvent], session: SessionID) {
        #expect(events.allSatisfy { $0.session == session })
        #expect(events.map(\.sequence) == (0..<events.count).map { UInt64($0 + 1) })
        #expect(events.last?.kind == .closed)
        #expect(events.filter { $0.kind == .closed }.count == 1)
        for (operation, life) in Dictionary(grouping: events.filter { $0.operation != nil }, by: \.operation!) {
            #expect(life.first?.kind.isQueued == true, "\(operation)")
            #expect(life.filter(\.isTerminal).count == 1, "\(operation)")
        }
    }
}

/// A runner at work, and the newest of its states.
private final class AssetsView {
    private let runner: AssetsWorkspaceRunner
    private var states: AsyncStream<AssetsWorkspace>.Iterator
    private var newest: AssetsWorkspace?

    init(_ project: PackerAdapter, bus: EventBus) {
        let runner = AssetsWorkspaceRunner(project, bus: bus)
        self.runner = runner
        states = runner.states.makeAsyncIterator()
        Task { await runner.run() }
    }

    /// What is done is in the next state that is shown.
    func act(_ action: AssetsWorkspace.Action) async {
        await runner.act(action)
        newest = await runner.workspace
    }

    /// The first state from now on of which `holds` is true; nil when there is none before the end.
    func show(_ holds: (AssetsWorkspace) -> Bool) async -> AssetsWorkspace? {
        if let newest, holds(newest) { return newest }
        while let state = await states.next(isolation: #isolation) {
            newest = state
            if holds(state) { return state }
        }
        return nil
    }
}

extension AssetsWorkspace {
    fileprivate var isUnderWay: Bool { staged?.status == .submitted }
    fileprivate var shownAsset: Asset? { if case .success(let asset) = details { asset } else { nil } }
}

extension PackerEvent.Kind {
    fileprivate var isQueued: Bool { if case .operationQueued = self { true } else { false } }
}

extension PackerOptions {
    /// A new workspace where there is none, and flags soon.
    fileprivate static let test = PackerOptions(createsWorkspace: true, settleTime: .milliseconds(5))
}

/// A new folder that goes with its last reference.
private final class TemporaryProject: Sendable {
    let path: String

    init(folders: Int = 0) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "studio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
        for number in 0..<folders {
            let inner = folder.appending(path: "assets/\(number)")
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

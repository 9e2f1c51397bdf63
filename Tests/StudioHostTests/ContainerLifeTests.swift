import Foundation
import Packer
import PackerTestSupport
import StudioHost
import Testing

/// How a container's projects begin and end, with what another package could use and nothing else.
@Suite(.timeLimit(.minutes(5))) struct ContainerLifeTests {
    @Test(
        "a closed project can be opened again at once, and what each session left is there",
        arguments: [CloseMode.drain, .cancel]
    )
    func reopen(mode: CloseMode) async throws {
        let folder = try TemporaryFolder()
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

    @Test(
        "stop drains what waits in the lanes, or cancels it, and everything that was taken has its end",
        arguments: [CloseMode.drain, .cancel])
    func stopWithFullLanes(mode: CloseMode) async throws {
        let folders = try (0..<3).map { _ in try TemporaryFolder() }
        let container = StudioContainer()
        let events = try await container.start().subscribe(to: PackerEvent.self)
        var taken: Set<OperationID> = []
        for folder in folders {
            let project = try await container.open(folder.path, options: .test)
            for number in 0..<200 {
                let new = NewAsset(root: try AssetRoot(validating: "a/\(number)"), type: .data)
                taken.insert(try project.submit(.create(new)).id)
            }
        }
        await container.stop(mode)
        let all = await collect(events)
        let ended = all.filter(\.isTerminal)
        #expect(ended.count == 600)
        #expect(Set(ended.compactMap(\.operation)) == taken)
        let cancelled = ended.filter { $0.kind == .operationCancelled }
        if mode == .drain { #expect(cancelled.isEmpty) }
        for folder in folders {
            let session = try #require(all.first { $0.project == folder.path }?.session)
            checkOrder(of: all.filter { $0.session == session }, session: session)
            let committed = ended.count { event in
                if case .operationCommitted = event.kind { event.session == session } else { false }
            }
            // What was told as committed is there, and what was cancelled is not.
            let reader = try await PackerProject.open(
                folder.path, options: PackerOptions(access: .readOnly), sink: EventRecorder()
            )
            #expect(reader.snapshot.count == committed)
            await reader.close()
        }
    }

    @Test("stop closes every open project, and the bus ends after the last event of each")
    func stopClosesAll() async throws {
        let folders = try (0..<3).map { _ in try TemporaryFolder() }
        let container = StudioContainer()
        let events = try await container.start().subscribe(to: PackerEvent.self)
        var projects: [PackerAdapter] = []
        for folder in folders { projects.append(try await container.open(folder.path, options: .test)) }
        let sessions = Set(projects.map(\.session))
        await container.close(projects[0])
        await container.stop()
        #expect(await container.projects.isEmpty)
        let all = await collect(events)
        #expect(Set(all.map(\.session)) == sessions)
        for session in sessions { checkOrder(of: all.filter { $0.session == session }, session: session) }
    }

    @Test("a callback has heard a project's last event when stop returns")
    func callbackHearsTheLast() async throws {
        let folder = try TemporaryFolder()
        let container = StudioContainer()
        let (heard, hears) = AsyncStream.makeStream(of: PackerEvent.self)
        let subscription = try await container.start().subscribe(to: PackerEvent.self) { hears.yield($0) }
        let project = try await container.open(folder.path, options: .test)
        await container.stop()
        hears.finish()
        checkOrder(of: await collect(heard), session: project.session)
        subscription.cancel()
    }

    @Test("a project whose opening is under way is closed by stop, and that opening is refused")
    func stopWhileOpening() async throws {
        let folder = try TemporaryFolder()
        // So many folders that bootstrap takes longer than it takes to call `stop`.
        for number in 0..<3_000 {
            try FileManager.default.createDirectory(
                atPath: folder.path + "/assets/\(number)", withIntermediateDirectories: true)
        }
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
        let folder = try TemporaryFolder()
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
}

import Packer
import PackerTestSupport
import StudioHost
import Testing

@Suite(.timeLimit(.minutes(5))) struct BurstTests {
    @Test("a burst of 1,000 commands keeps every subscriber's order, and each command has its one end")
    func burst() async throws {
        let folder = try Fixtures.empty()
        let container = StudioContainer()
        let bus = try await container.start()
        let sequence = bus.subscribe(to: PackerEvent.self)
        let (called, calls) = AsyncStream.makeStream(of: PackerEvent.self)
        let subscription = bus.subscribe(to: PackerEvent.self) { calls.yield($0) }
        let project = try await container.open(folder.path, options: .test)
        let page = OpenPage(project, bus: bus)

        // Four at once, 250 each: creations, every tenth of them a relocation, and some that must be refused.
        let submitted = try await withThrowingTaskGroup(of: [PackerOperation].self) { group in
            for writer in 0..<4 {
                group.addTask {
                    try (0..<250).map { number in
                        let root = try AssetRoot(validating: "w\(writer)/\(number)")
                        switch number % 10 {
                        case 8:
                            return try project.submit(
                                .create(NewAsset(root: try Self.previous(root, number), type: .data)))
                        case 9:
                            let target = try AssetRoot(validating: "moved/\(writer)-\(number)")
                            return try project.submit(.relocate(.root(try Self.previous(root, number - 1)), to: target))
                        default: return try project.submit(.create(NewAsset(root: root, type: .data)))
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        var committed: [OperationID: OperationOutcome] = [:]
        var refused = 0
        for operation in submitted.joined() {
            do throws(PackerError) {
                let outcome = try await operation.result
                committed[operation.id] = outcome
                // Durable is visible: at least so much can be read now.
                #expect(project.snapshot.generation >= outcome.generation)
            } catch {
                #expect(error.code == .rootOccupied)
                refused += 1
            }
        }
        #expect(committed.count == 900)
        #expect(refused == 100)
        let shown = try #require(await page.show { $0.listing?.total == 800 && $0.operations.running.isEmpty })
        #expect(shown.operations.ended.count == OperationBoard.endedLimit)
        await container.stop()
        calls.finish()

        let events = await collect(sequence)
        let heardTheSame = await collect(called) == events
        #expect(heardTheSame)
        checkOrder(of: events, session: project.session)
        let queued = events.filter(\.kind.isQueued).compactMap(\.operation)
        #expect(queued.count == 1_000)
        let ended = events.filter(\.isTerminal).compactMap(\.operation)
        #expect(ended.count == 1_000)
        for operations in submitted {
            let ids = operations.map(\.id)
            let mine = Set(ids)
            let keptItsOrder = queued.filter(mine.contains) == ids
            #expect(keptItsOrder)
        }
        // Commits follow the order in which the commands were taken; a refusal waits for nobody.
        let inOrder = queued.filter { committed[$0] != nil } == ended.filter { committed[$0] != nil }
        #expect(inOrder)
        let startedInOrder = queued == events.filter { $0.kind == .operationStarted }.compactMap(\.operation)
        #expect(startedInOrder)
        // What an event tells is what its handle told.
        for event in events {
            guard case .operationCommitted(let outcome) = event.kind, let id = event.operation else { continue }
            #expect(committed[id] == outcome)
            #expect(event.generation >= outcome.generation)
        }
        subscription.cancel()
    }

    /// The root that the command before this one made.
    private static func previous(_ root: AssetRoot, _ number: Int) throws -> AssetRoot {
        let folder = root.path.prefix { $0 != "/" }
        return try AssetRoot(validating: "\(folder)/\(number - 1)")
    }
}

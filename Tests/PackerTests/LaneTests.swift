import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("The lane and its events")
struct LaneTests {
    private func new(_ path: String) throws -> Mutation {
        .create(NewAsset(root: try AssetRoot(validating: path), type: .data))
    }

    private func open(
        _ folder: TemporaryFolder, _ sink: any PackerEventSink, _ faults: (any FaultInjector)? = nil,
        laneCapacity: Int = 10_000
    ) async throws -> PackerProject {
        try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero, laneCapacity: laneCapacity), sink: sink,
            disk: LinuxDisk(faults: faults)
        )
    }

    /// Sequences are dense, and every operation goes queued, started, one terminal.
    private func checkCausality(_ events: [PackerEvent]) {
        #expect(events.map(\.sequence) == Array(1...UInt64(max(events.count, 1))))
        #expect(events.map(\.generation) == events.map(\.generation).sorted())
        for (_, own) in Dictionary(grouping: events.filter { $0.operation != nil }, by: { $0.operation! }) {
            let kinds = own.map(\.kind)
            #expect(own.filter(\.isTerminal).count == 1, "\(kinds)")
            guard case .operationQueued = kinds.first else {
                Issue.record("not queued first: \(kinds)")
                continue
            }
            #expect(own.last?.isTerminal == true, "\(kinds)")
            let started = kinds.filter { if case .operationStarted = $0 { true } else { false } }.count
            if case .operationCancelled = kinds.last { #expect(started == 0) } else { #expect(started == 1) }
        }
    }

    @Test("many submitters get one outcome each, in one order, with one terminal event each")
    func manySubmitters() async throws {
        let folder = try Fixtures.empty()
        let sink = EventRecorder()
        let project = try await open(folder, sink)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<120 {
                group.addTask {
                    // Every third root is wanted twice: one of the two is refused.
                    let root =
                        number % 3 == 2
                        ? "shared/\(number - 1)" : number % 3 == 1 ? "shared/\(number)" : "own/\(number)"
                    guard let mutation = try? new(root), let operation = try? project.submit(mutation) else {
                        return false
                    }
                    return (try? await operation.result) != nil
                }
            }
            return await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        #expect(outcomes == 80)
        #expect(project.snapshot.count == 80)
        await project.close()
        checkCausality(sink.events)
        let ids = project.snapshot.list(limit: 1000).assets.compactMap(\.id?.rawValue).sorted()
        #expect(ids == Array(1...80))
        let again = try await PackerProject.open(folder)
        #expect(again.snapshot.count == 80 && again.snapshot.allDiagnostics == [])
        await again.close()
    }

    @Test("commands that wait together commit together, and a refusal among them costs only itself")
    func groups() async throws {
        let folder = try Fixtures.empty()
        try folder.write("a file", to: "assets/blocked")
        let sink = EventRecorder()
        let gate = GateAt("commit.stage.file")
        let project = try await open(folder, sink, gate)
        let first = try project.submit(new("first"))
        #expect(gate.waitUntilReached())
        let waiting = try ["a/one", "blocked/below", "a/two", "../bad", "a/one", "a/three"].map { path in
            try project.submit(
                .create(NewAsset(root: try #require(AssetReference("root:" + path)?.root), type: .data))
            )
        }
        gate.open()
        _ = try await first.result
        var codes: [PackerError.Code?] = []
        for operation in waiting {
            do throws(PackerError) {
                _ = try await operation.result
                codes.append(nil)
            } catch {
                codes.append(error.code)
            }
        }
        #expect(codes == [nil, .pathInvalid, nil, .nameInvalid, .rootOccupied, nil])
        #expect(project.snapshot.list().assets.map(\.root.path) == ["a/one", "a/three", "a/two", "first"])
        await project.close()
        checkCausality(sink.events)
        let terminals = sink.events.filter { $0.isTerminal && $0.operation != first.id }.compactMap(\.operation)
        #expect(Set(terminals) == Set(waiting.map(\.id)))
    }

    @Test("what an event tells can already be read when the sink sees it")
    func readable() async throws {
        let folder = try Fixtures.empty()
        let holder = Guarded<PackerProject?>(nil)
        let stale = Guarded([PackerEvent]())
        let sink = EventRecorder { event in
            guard case .operationCommitted(let outcome) = event.kind, let project = holder.withLock({ $0 }) else {
                return
            }
            let snapshot = project.snapshot
            let isShown = outcome.assets.allSatisfy { snapshot.asset(at: $0.root)?.id == $0.id }
            if snapshot.generation < outcome.generation || !isShown { stale.withLock { $0.append(event) } }
        }
        let project = try await open(folder, sink)
        holder.withLock { $0 = project }
        for number in 0..<30 {
            let outcome = try await project.submit(new("asset-\(number)")).result
            #expect(project.snapshot.generation >= outcome.generation)
        }
        await project.close()
        holder.withLock { $0 = nil }
        #expect(stale.withLock { $0 } == [])
        checkCausality(sink.events)
    }

    @Test("a sink may query and submit from inside, and a blocking wait there is refused instead of deadlocking")
    func reentrant() async throws {
        let folder = try Fixtures.empty()
        let holder = Guarded<PackerProject?>(nil)
        let inner = Guarded<(operation: PackerOperation?, refusal: PackerError.Code?)>((nil, nil))
        let sink = EventRecorder { event in
            guard case .operationCommitted(let outcome) = event.kind, outcome.assets.first?.root.path == "outer",
                let project = holder.withLock({ $0 }), let mutation = try? new("inner"),
                let operation = try? project.submit(mutation)
            else { return }
            var refusal: PackerError.Code?
            do throws(PackerError) { _ = try operation.wait(timeout: .seconds(5)) } catch { refusal = error.code }
            inner.signal { $0 = (operation, refusal) }
        }
        let project = try await open(folder, sink)
        holder.withLock { $0 = project }
        _ = try await project.submit(new("outer")).result
        let submitted = inner.wait(until: MonotonicClock.now() + 60_000_000_000) { $0.operation }
        _ = try await #require(submitted).result
        #expect(inner.withLock { $0.refusal } == .wouldDeadlock)
        #expect(project.snapshot.count == 2)
        holder.withLock { $0 = nil }
        await project.close()
        checkCausality(sink.events)
    }

    @Test("a command is cancelled while it waits, not once it runs", arguments: [CloseMode.drain, .cancel])
    func cancels(mode: CloseMode) async throws {
        let folder = try Fixtures.empty()
        let sink = EventRecorder()
        let gate = GateAt("commit.stage.file")
        let project = try await open(folder, sink, gate)
        let running = try project.submit(new("running"))
        #expect(gate.waitUntilReached())
        let taken = try project.submit(new("taken-back"))
        let waiting = try project.submit(new("waiting"))
        #expect(!running.cancel() && taken.cancel())
        #expect(project.runningOperations == [running.id, taken.id, waiting.id])
        async let closed: Void = project.close(mode)
        // Whatever the close does, what runs is finished: it opens the gate only once no new command is taken.
        while (try? project.submit(new("late"))) != nil { await Task.yield() }
        gate.open()
        await closed
        #expect(throws: Never.self) { _ = try running.wait(timeout: .zero) }
        #expect { try taken.wait(timeout: .zero) } throws: { ($0 as? PackerError)?.code == .cancelled }
        switch mode {
        case .drain: #expect(throws: Never.self) { _ = try waiting.wait(timeout: .zero) }
        case .cancel: #expect { try waiting.wait(timeout: .zero) } throws: { ($0 as? PackerError)?.code == .cancelled }
        }
        checkCausality(sink.events)
        guard case .closed? = sink.events.last?.kind else {
            Issue.record("the last event is not closed")
            return
        }
        #expect { try project.submit(new("after")) } throws: { ($0 as? PackerError)?.code == .laneClosed }
        await project.settled()
        await project.close()
    }

    @Test("a wait ends at its time, whatever that is, and the operation goes on", arguments: [-1000, 0, 1])
    func waitTimes(milliseconds: Int) async throws {
        let folder = try Fixtures.empty()
        let gate = GateAt("commit.stage.file")
        let project = try await open(folder, EventRecorder(), gate)
        let running = try project.submit(new("running"))
        #expect(gate.waitUntilReached())
        #expect { try running.wait(timeout: .milliseconds(milliseconds)) } throws: {
            ($0 as? PackerError)?.code == .timedOut
        }
        gate.open()
        #expect(throws: Never.self) { _ = try running.wait(timeout: .seconds(Int64.max)) }
        await project.close()
    }

    @Test("a full lane refuses the next command at once and keeps what it took")
    func full() async throws {
        let folder = try Fixtures.empty()
        let gate = GateAt("commit.stage.file")
        let project = try await open(folder, EventRecorder(), gate, laneCapacity: 2)
        let running = try project.submit(new("running"))
        #expect(gate.waitUntilReached())
        let taken = try [project.submit(new("a")), project.submit(new("b"))]
        #expect { try project.submit(new("c")) } throws: { ($0 as? PackerError)?.code == .laneFull }
        gate.open()
        for operation in [running] + taken { _ = try await operation.result }
        #expect(project.snapshot.count == 3)
        await project.close()
    }

    @Test("a slow sink delays events, never a commit, and loses none of them")
    func slowSink() async throws {
        let folder = try Fixtures.empty()
        let isOpen = Guarded(false)
        let sink = EventRecorder { event in
            if event.sequence == 3 { isOpen.wait { $0 ? () : nil } }
        }
        let project = try await open(folder, sink)
        for number in 0..<20 { _ = try await project.submit(new("asset-\(number)")).result }
        #expect(project.snapshot.count == 20)
        #expect(sink.events.count <= 3)
        isOpen.signal { $0 = true }
        await project.close()
        checkCausality(sink.events)
        #expect(sink.events.filter(\.isTerminal).count == 20)
    }

    @Test("a task that is cancelled or throws around a command takes nothing back, and others still get its outcome")
    func throwingTask() async throws {
        struct Thrown: Error {}
        let folder = try Fixtures.empty()
        let sink = EventRecorder()
        let gate = GateAt("commit.stage.file")
        let project = try await open(folder, sink, gate)
        let operation = try project.submit(new("one"))
        #expect(gate.waitUntilReached())
        let task = Task { () throws -> OperationOutcome in
            let behind = try project.submit(new("two"))
            let outcome = try await behind.result
            #expect(Task.isCancelled)
            if outcome.generation > 0 { throw Thrown() }
            return outcome
        }
        #expect(sink.wait { if case .operationQueued = $0.kind { $0.operation != operation.id } else { false } } != nil)
        task.cancel()
        gate.open()
        await #expect(throws: Thrown.self) { try await task.value }
        _ = try await operation.result
        #expect(project.snapshot.count == 2)
        await project.close()
        checkCausality(sink.events)
    }

    @Test("who is grouped with whom changes no outcome", arguments: [true, false])
    func groupingChangesNothing(isGrouped: Bool) async throws {
        let folder = try Fixtures.game()
        let gate = GateAt("commit.stage.file", isOpen: !isGrouped)
        let project = try await open(folder, EventRecorder(), gate)
        func root(_ path: String) throws -> AssetRoot { try AssetRoot(validating: path) }
        let assets = project.snapshot.list(limit: 100).assets
        let (one, two) = (AssetReference.id(assets[0].id!), AssetReference.id(assets[1].id!))
        let missing = [Declaration.InputRole(role: "source", paths: ["gone.png"])]
        let mutations: [Mutation] = try [
            .delete(one), .restore(one), .update(one, [.name("Back")]),
            .create(NewAsset(root: root("x"), type: .data, inputs: missing)),
            .relocate(.root(root("x")), to: root("y")),
            .update(two, [.inputs(missing)]), .update(two, [.name("Late")]), .exclude(two),
        ]
        var operations: [PackerOperation] = []
        var outcomes: [PackerError.Code?] = []
        func end(_ operation: PackerOperation) async {
            do throws(PackerError) {
                _ = try await operation.result
                outcomes.append(nil)
            } catch { outcomes.append(error.code) }
        }
        for mutation in [try new("first")] + mutations {
            let operation = try project.submit(mutation)
            if isGrouped { operations.append(operation) } else { await end(operation) }
        }
        if isGrouped { #expect(gate.waitUntilReached()) }
        gate.open()
        for operation in operations { await end(operation) }
        #expect(outcomes == [nil, nil, nil, nil, nil, .assetState, nil, .assetState, nil])
        await project.close()
    }

    @Test("operations and transactions of every kind that wait together end one by one, in the order they were taken")
    func mixedGroup() async throws {
        let folder = try Fixtures.empty()
        let sink = EventRecorder()
        let gate = GateAt("commit.stage.file")
        let project = try await open(folder, sink, gate)
        try folder.write("a file", to: "assets/occupied")
        let first = try project.submit(new("first"))
        #expect(gate.waitUntilReached())
        func root(_ path: String) throws -> AssetRoot { try AssetRoot(validating: path) }
        let transactions: [[Mutation]] = try [
            [new("a")], [.relocate(.root(root("a")), to: root("b"))],
            [.update(.root(root("b")), [.name("Both")]), .exclude(.root(root("b")))],
            [new("c"), .relocate(.root(root("nowhere")), to: root("d"))], [new("occupied")],
            [.delete(.root(root("first"))), new("first")], [.restore(.id(AssetID(rawValue: 1)!), to: root("back"))],
            [.unregister(.root(root("b")))],
        ]
        let operations = try transactions.map { try project.submit($0) }
        gate.open()
        _ = try await first.result
        var ended: [OperationOutcome?] = []
        for operation in operations { ended.append(try? await operation.result) }
        #expect(ended.map { $0 != nil } == [true, true, true, false, false, true, true, true])
        // Planned again without the refused ones, they are who they were.
        #expect(Set(ended.compactMap(\.?.generation)).count == 1)
        for (outcome, place) in [(ended[0], "b"), (ended[5], "first")] {
            #expect(outcome?.assets.last?.uuid == project.snapshot.asset(at: try root(place))?.uuid)
        }
        let roots = project.snapshot.list(limit: 100).assets.map(\.root.path)
        #expect(roots == ["b", "back", "first"])
        #expect(project.snapshot.asset(at: try root("b"))?.declaration?.name == "Both")
        await project.settled()
        #expect(project.divergences.divergences == [])
        let live = project.snapshot
        await project.close()
        checkCausality(sink.events)
        let terminal = sink.events.filter(\.isTerminal).compactMap(\.operation)
        #expect(terminal == ([first] + operations).map(\.id), "refusals end in their turn, too")
        let fresh = try await PackerProject.open(folder)
        #expect(live.difference(from: fresh.snapshot) == "")
        await fresh.close()
    }
}

extension AssetReference {
    fileprivate var root: AssetRoot? { if case .root(let root) = self { root } else { nil } }
}

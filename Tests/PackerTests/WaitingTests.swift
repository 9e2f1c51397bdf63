import Foundation
import LinuxFiles
@testable import Packer
import PackerTestSupport
import Testing

/// What waits: requests for the lane, events for the sink, and a project that nobody holds any more for its end.
@Suite("What waits")
struct WaitingTests {
    private func new(_ path: String) throws -> Mutation {
        .create(NewAsset(root: try AssetRoot(validating: path), type: .data))
    }

    @Test("a refresh, a preview and the applying of a preview stand alone, and what is around them is grouped")
    func grouping() throws {
        let mutation = try new("a")
        var generator = RandomSource()
        let preview = Preview(
            session: SessionID(using: &generator), generation: 1, mutations: [mutation], changes: [], assets: [],
            blockers: [], warnings: [], identities: []
        )
        func request(_ kind: Character) -> LaneQueue.Request {
            let operation = PackerOperation(id: OperationID(using: &generator), name: String(kind)) { false }
            return switch kind {
            case "m": .mutate(operation, [mutation])
            case "r": .refresh(operation, .all)
            case "a": .apply(operation, preview)
            default: .preview([mutation], { _ in })
            }
        }
        for (waiting, turns) in [
            ("mmm", ["mmm"]), ("mmrmm", ["mm", "r", "mm"]), ("mpm", ["m", "p", "m"]), ("mamma", ["m", "a", "mm", "a"]),
            ("rpar", ["r", "p", "a", "r"]),
        ] {
            let queue = LaneQueue(capacity: 100)
            for kind in waiting { try queue.add(request(kind)) {} }
            queue.close(.drain)
            var seen: [String] = []
            while case .requests(let group) = queue.next(until: nil) {
                seen.append(group.map { $0.operation?.name ?? "p" }.joined())
            }
            #expect(seen == turns)
        }
    }

    @Test("progress that waits for a slow sink becomes its newest word, and no other event is lost")
    func coalesced() async throws {
        let folder = try Fixtures.empty()
        for number in 0..<700 { try folder.write("", to: "assets/f\(number)/.keep") }
        let isOpen = Guarded(false)
        let sink = EventRecorder { event in
            switch event.kind {
            case .bootstrapProgress, .operationStarted: isOpen.wait { $0 ? () : nil }
            default: break
            }
        }
        let project = try await PackerProject.open(folder, sink: sink)
        isOpen.signal { $0 = true }
        #expect(sink.wait { if case .snapshotPublished = $0.kind { true } else { false } } != nil)
        isOpen.signal { $0 = false }
        let refresh = try project.refresh()
        _ = try await refresh.result
        isOpen.signal { $0 = true }
        await project.close()
        #expect(sink.events.map(\.sequence) == Array(1...UInt64(sink.events.count)))
        // The walk tells of every 256 folders and of its end: the first may be with the sink, the rest is one.
        let opening = sink.events.compactMap {
            if case .bootstrapProgress(let counts) = $0.kind { counts } else { nil }
        }
        #expect((1...2).contains(opening.count) && opening.last?.folders == 701)
        let own = sink.events.filter { $0.operation == refresh.id }
        let told = own.compactMap { if case .operationProgress(let counts) = $0.kind { counts } else { nil } }
        #expect(told.map(\.folders) == [701])
        #expect(own.last?.isTerminal == true)
    }

    /// Keeps what it submitted itself, and tells when it goes.
    private final class KeepingSink: PackerEventSink {
        let kept = Guarded([PackerOperation]())
        private let isGone: Guarded<Bool>

        init(_ isGone: Guarded<Bool>) { self.isGone = isGone }
        deinit { isGone.signal { $0 = true } }

        func publish(_ event: PackerEvent) {}
    }

    @Test("a sink that keeps operations is let go with its project")
    func keepingSink() async throws {
        let folder = try Fixtures.empty()
        let isGone = Guarded(false)
        do {
            let sink = KeepingSink(isGone)
            let project = try await PackerProject.open(folder, sink: sink)
            let operation = try project.submit(new("kept"))
            sink.kept.withLock { $0.append(operation) }
            _ = try await operation.result
            await project.close()
        }
        #expect(isGone.wait(until: MonotonicClock.now() + 60_000_000_000) { $0 ? true : nil } == true)
    }

    @Test("letting go of the last reference carries out what waits, and ends the session without holding anybody up")
    func lastReference() async throws {
        let folder = try Fixtures.empty()
        let sink = EventRecorder()
        let gate = GateAt("commit.stage.file")
        var project: PackerProject? = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: sink, disk: LinuxDisk(faults: gate)
        )
        let operations = try ["one", "two"].compactMap { try project?.submit(new($0)) }
        #expect(gate.waitUntilReached())
        // It returns although a command is held: only then is the command let go on.
        project = nil
        gate.open()
        for operation in operations { _ = try await operation.result }
        #expect(sink.wait { if case .closed = $0.kind { true } else { false } } != nil)
        #expect(sink.events.filter(\.isTerminal).compactMap(\.operation) == operations.map(\.id))
        let again = try await PackerProject.open(folder)
        #expect(again.snapshot.list().assets.map(\.root.path) == ["one", "two"])
        await again.close()
    }
}

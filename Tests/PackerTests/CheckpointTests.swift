import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("When the lane makes a checkpoint")
struct CheckpointTests {
    @Test("it needs no further command and no close")
    func idle() async throws {
        let folder = try Fixtures.empty()
        let gate = GateAt("commit.checkpoint.flush", isOpen: true)
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(), sink: EventRecorder(), disk: LinuxDisk(faults: gate))
        _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "a"), type: .data))).result
        #expect(gate.waitUntilReached())
        await project.close()
    }

    @Test("it waits for no more than 32 groups, however fast they come")
    func limit() async throws {
        let folder = try Fixtures.empty()
        let burst = Burst(groups: 70)
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(), sink: EventRecorder(), disk: LinuxDisk(faults: burst))
        _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "a"), type: .data))).result
        let id = try #require(project.snapshot.list().assets.first?.id)
        #expect(burst.waitForCheckpoint())
        burst.start { [weak project] number in
            try? project?.submit(number % 2 == 0 ? .exclude(.id(id)) : .include(.id(id)))
        }
        let results = burst.waitForAll()
        #expect(results.count == 70)
        for result in results { _ = try await result.result }
        await project.close()
        // The groups before each checkpoint; a lane that found nothing to do for a moment may have made more of them.
        #expect(burst.checkpoints.last == 70)
        #expect(burst.longest == 32)
    }
}

/// Hands in the next command while one is being committed, so that each is a group of its own and the lane is never idle.
private final class Burst: FaultInjector {
    private struct State {
        var submit: (@Sendable (Int) -> PackerOperation?)?
        var operations: [PackerOperation] = []
        var handedIn = 0
        /// Since the swap of the last group: the next one has been seen to.
        var hasNext = false
        var committed = 0
        var isCheckpointed = false
        var checkpoints: [Int] = []
    }

    private let groups: Int
    private let state = Guarded(State())

    init(groups: Int) { self.groups = groups }

    func start(_ submit: @escaping @Sendable (Int) -> PackerOperation?) {
        state.withLock {
            $0.handedIn = 1
            $0.submit = submit
        }
        if let first = submit(0) { state.signal { $0.operations.append(first) } }
    }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        switch point.name {
        case "commit.stage.write":
            let next = state.withLock { state -> (number: Int, submit: @Sendable (Int) -> PackerOperation?)? in
                guard !state.hasNext, let submit = state.submit else { return nil }
                state.hasNext = true
                guard state.handedIn < groups else { return nil }
                defer { state.handedIn += 1 }
                return (state.handedIn, submit)
            }
            if let next, let operation = next.submit(next.number) { state.signal { $0.operations.append(operation) } }
        case "commit.swap.rename":
            state.withLock {
                if $0.hasNext { $0.committed += 1 }
                $0.hasNext = false
            }
        case "commit.checkpoint.flush":
            state.signal {
                $0.isCheckpointed = true
                if $0.submit != nil, $0.checkpoints.last != $0.committed { $0.checkpoints.append($0.committed) }
            }
        default: break
        }
        return .proceed
    }

    private var deadline: UInt64 { MonotonicClock.now() + 60_000_000_000 }

    func waitForCheckpoint() -> Bool { state.wait(until: deadline) { $0.isCheckpointed ? true : nil } ?? false }
    func waitForAll() -> [PackerOperation] {
        state.wait(until: deadline) { [groups] in $0.operations.count == groups ? $0.operations : nil } ?? []
    }
    var checkpoints: [Int] { state.withLock { $0.checkpoints } }
    /// The most groups between two checkpoints.
    var longest: Int {
        let ends = checkpoints
        return zip([0] + ends, ends).map { $1 - $0 }.max() ?? 0
    }
}

import CFloors
import Foundation
import Packer

/// An open project with a sink that remembers when each event came.
final class Project: Sendable {
    let packer: PackerProject
    let sink: Recorder

    struct Seen: Sendable {
        var event: PackerEvent
        /// Nanoseconds of CLOCK_MONOTONIC.
        var time: UInt64
    }

    final class Recorder: PackerEventSink {
        private let events = Locked<[Seen]>([])

        func publish(_ event: PackerEvent) {
            let now = floor_now()
            events.withLock { $0.append(Seen(event: event, time: now)) }
        }

        /// The first event that is wanted, those before it thrown away.
        func next(seconds: Double = 60, where isWanted: (PackerEvent) -> Bool) throws -> Seen {
            let found = events.wait(seconds: seconds) { events in
                guard let index = events.firstIndex(where: { isWanted($0.event) }) else { return Seen?.none }
                defer { events.removeFirst(index + 1) }
                return events[index]
            }
            guard let found else { throw BenchmarkError("an event did not come within \(seconds) s") }
            return found
        }

        func clear() { events.withLock { $0 = [] } }
    }

    private init(_ packer: PackerProject, _ sink: Recorder) {
        self.packer = packer
        self.sink = sink
    }

    static func open(_ path: String, options: PackerOptions = PackerOptions()) throws -> Project {
        let sink = Recorder()
        let packer = try waiting { try await PackerProject.open(path, options: options, sink: sink) }
        return Project(packer, sink)
    }

    var snapshot: Snapshot { packer.snapshot }

    func settled() throws { try waiting { [packer] in await packer.settled() } }

    /// Waits until what the opening set going has ended: inputs are read in the background behind `settled`, and the
    /// concurrency pool lets its threads go after five idle seconds, each of which wakes up for that.
    func rest(quietSeconds: UInt32 = 1) throws {
        for _ in 0..<60 {
            let before = (time: floor_process_time(), threads: try Self.threads())
            sleep(quietSeconds)
            // Two thousandths: what still reads inputs takes a hundred times that.
            let isCalm = floor_process_time() - before.time < UInt64(quietSeconds) * 2_000_000
            if isCalm, try Self.threads() == before.threads { return }
        }
        throw BenchmarkError("the project did not come to rest")
    }

    private static func threads() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task"))
    }

    func close() throws { try waiting { [packer] in await packer.close() } }

    /// One command, durable and visible.
    @discardableResult
    func commit(_ mutations: Mutation...) throws -> OperationOutcome {
        try packer.submit(mutations).wait(timeout: .seconds(60))
    }
}

extension Snapshot {
    /// Every asset in the order of the roots.
    var everyAsset: [Asset] {
        var all: [Asset] = []
        forEachAsset {
            all.append($0)
            return true
        }
        return all
    }
}

import Foundation
import Packer
import StudioHost

/// One life of a container; what it was made of must be gone afterwards.
func findLeaks(in path: String, rounds: Int) async throws {
    // What a process has once for all projects, such as the monitor, comes with the first.
    _ = try await live(in: path, round: 0)
    let before = await ProcessUse.quiet(atMost: nil)
    for round in 1...rounds {
        let remains = try await live(in: path, round: round)
        await waitUntil { remains.names.isEmpty }
        for name in remains.names { say("left in round \(round): \(name)") }
    }
    let after = await ProcessUse.quiet(atMost: before)
    if after.descriptors != before.descriptors { say("open: \(after.descriptors), before: \(before.descriptors)") }
    if after.threads != before.threads { say("running: \(after.threads), before: \(before.threads)") }
    say("watched \(rounds) rounds, \(before.descriptors.count) descriptors, threads \(before.threads)")
}

/// A project's own thread is on its way out when `close` returns: gives it ten seconds, far beyond what it takes.
private func waitUntil(_ isTrue: () -> Bool) async {
    let end = ContinuousClock.now + .seconds(10)
    while !isTrue(), ContinuousClock.now < end { await Task.yield() }
}

/// Weak references to what one container was made of.
private struct Remains {
    weak var container: StudioContainer?
    weak var bus: EventBus?
    weak var page: AssetsWorkspaceRunner?
    /// The project holds its newest snapshot: while it lives, so does this.
    weak var snapshot: Snapshot?

    var names: [String] {
        [
            container == nil ? nil : "the container", bus == nil ? nil : "the bus", page == nil ? nil : "the page",
            snapshot == nil ? nil : "the project",
        ].compactMap { $0 }
    }
}

private func live(in path: String, round: Int) async throws -> Remains {
    let container = StudioContainer()
    let bus = try await container.start()
    let heard = bus.subscribe(to: PackerEvent.self) { _ in }
    let project = try await container.open(path, options: PackerOptions(createsWorkspace: true, settleTime: .zero))
    let page = AssetsWorkspaceRunner(project, bus: bus)
    let run = Task { await page.run() }
    // One that is done, one that waits in the lane, a list that is read, and a sequence that nobody reads.
    let first = NewAsset(root: try AssetRoot(validating: "a/\(round)"), type: .data)
    _ = try await project.submit(.create(first)).result
    _ = try project.submit(.create(NewAsset(root: try AssetRoot(validating: "b/\(round)"), type: .data)))
    await page.act(.refresh(.all))
    let unread = bus.subscribe(to: PackerEvent.self)
    await container.stop(round % 2 == 0 ? .drain : .cancel)
    await run.value
    withExtendedLifetime((heard, unread)) {}
    return Remains(container: container, bus: bus, page: page, snapshot: project.snapshot)
}

/// Descriptors and the packer's threads of this process.
private struct ProcessUse: Equatable {
    /// What they are open on, sorted.
    var descriptors: [String]
    /// The names of threads, sorted; those of Swift's and Dispatch's pools are left out, which keep theirs for a while.
    var threads: [String]

    /// The process's use once it is the given one, or has no project's thread where none is given.
    static func quiet(atMost wanted: ProcessUse?) async -> ProcessUse {
        await waitUntil { wanted.map { now == $0 } ?? now.threads.isEmpty }
        return now
    }

    private static var now: ProcessUse {
        let manager = FileManager.default
        let descriptors = ((try? manager.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { number in
            try? manager.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
        }
        let threads = ((try? manager.contentsOfDirectory(atPath: "/proc/self/task")) ?? []).compactMap { task in
            try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
        }.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        return ProcessUse(
            descriptors: descriptors.filter { !$0.hasPrefix("/proc/") }.sorted(),
            threads: threads.filter { $0.hasPrefix("packer-") }.sorted()
        )
    }
}

import CFloors
import Foundation
import Packer

/// An open project with nothing to do, in a process of its own: the threads that it has, all called "packer-".
enum IdleJourney {
    static func run(_ bench: Bench) throws {
        for assets in bench.sizes { try run(bench, assets) }
    }

    private static func run(_ bench: Bench, _ assets: Int) throws {
        let path = try bench.scratch.workspace(assets: assets)
        let seconds = bench.isFull ? 30 : 5
        let answer = try Child.run(["idle", path, String(seconds)])
        let ours = try Child.numbers(answer, 4)
        bench.value("idle", "wake-ups in \(seconds) s", assets: assets, "ours", .ours, ours[0], .count)
        bench.value("idle", "wake-ups in \(seconds) s", assets: assets, whole, .peer, ours[2], .count)
        bench.value("idle", "processor time in \(seconds) s", assets: assets, "ours", .ours, ours[1], .nanoseconds)
        bench.value("idle", "processor time in \(seconds) s", assets: assets, whole, .peer, ours[3], .nanoseconds)
        bench.ratio("idle", "wake-ups in \(seconds) s", assets, "ours", ours[0], .atMost(0))
        bench.ratio(
            "idle", "processor time in \(seconds) s", assets, "share", ours[1] / Double(seconds) / 1e9, .atMost(0))
    }

    /// Once a second libdispatch counts the threads of its pool, in any program that has used Swift's concurrency.
    private static let whole = "the process, its pool with it"

    /// In the child.
    static func measure(_ path: String, seconds: Int) throws {
        let project = try Project.open(path)
        try project.settled()
        try project.rest(quietSeconds: 6)
        let before = (ours: floor_activity_of("packer-"), all: floor_activity_of(""))
        sleep(UInt32(seconds))
        let after = (ours: floor_activity_of("packer-"), all: floor_activity_of(""))
        print(
            after.ours.turns - before.ours.turns, after.ours.time - before.ours.time,
            after.all.turns - before.all.turns, after.all.time - before.all.time)
        try project.close()
    }
}

import CFloors
import Foundation
import Packer

/// An open project with nothing to do, in a process of its own.
enum IdleJourney {
    static func run(_ bench: Bench) throws {
        for assets in bench.sizes { try run(bench, assets) }
    }

    private static func run(_ bench: Bench, _ assets: Int) throws {
        let path = try bench.scratch.workspace(assets: assets)
        let seconds = bench.isFull ? 30 : 5
        let answer = try Child.run(["idle", path, String(seconds)])
        let ours = try Child.numbers(answer, 2)
        bench.value("idle", "wake-ups in \(seconds) s", assets: assets, "ours", .ours, ours[0], .count)
        bench.value("idle", "processor time in \(seconds) s", assets: assets, "ours", .ours, ours[1], .nanoseconds)
        bench.ratio("idle", "wake-ups in \(seconds) s", assets, "ours", ours[0], .atMost(0))
        bench.ratio(
            "idle", "processor time in \(seconds) s", assets, "share", ours[1] / Double(seconds) / 1e9, .atMost(0))
    }

    /// In the child.
    static func measure(_ path: String, seconds: Int) throws {
        let project = try Project.open(path)
        try project.settled()
        try project.rest(quietSeconds: 6)
        let switches = floor_context_switches()
        let time = floor_process_time()
        sleep(UInt32(seconds))
        let end = floor_process_time()
        // The thread that slept here went to sleep once.
        print(floor_context_switches() - switches - 1, end - time)
        try project.close()
    }
}

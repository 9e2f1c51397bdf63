import CFloors
import Packer

/// From nothing to a snapshot that can be read, and to a watch that is armed; the page cache is warm.
enum BootstrapJourney {
    static func run(_ bench: Bench) throws {
        for assets in bench.sizes {
            let path = try bench.scratch.workspace(assets: assets)
            let rounds = assets > 10_000 ? min(bench.rounds, 5) : bench.rounds
            try bench.compare(
                "bootstrap", "ready to read", assets: assets, rounds: rounds,
                [
                    // Each closes its project before the next is timed.
                    Subject(own: "ours", .ours) { try open(path, isArmed: false) },
                    Subject("floor: one-thread crawl", .floor) { _ in try crawl(path) },
                    Subject("floor: two-thread crawl", .floor) { _ in try crawl(path, sideBySide: true) },
                    Subject("Foundation", .peer) { _ in try FoundationBootstrap.run(project: path) },
                ],
                targets: ["floor: one-thread crawl": .atMost(0.8), "Foundation": .atLeast(5)])
            // Of all threads: what other programs on the machine take does not count, what is done twice does.
            try bench.compare(
                "bootstrap", "processor time to ready", assets: assets, rounds: rounds,
                [
                    Subject(own: "ours", .ours) {
                        try processor {
                            try Project.open(path)
                        } close: {
                            try $0.close()
                        }
                    },
                    Subject(own: "floor: one-thread crawl", .floor) {
                        try processor {
                            try crawl(path)
                        } close: {
                            keep($0)
                        }
                    },
                    Subject(own: "Foundation", .peer) {
                        try processor {
                            try FoundationBootstrap.run(project: path)
                        } close: {
                            keep($0)
                        }
                    },
                ])
            try bench.compare(
                "bootstrap", "watch armed", assets: assets, rounds: rounds,
                [
                    Subject(own: "ours", .ours) { try open(path, isArmed: true) },
                    Subject("floor: one-thread crawl", .floor) { _ in try crawl(path) },
                    Subject(own: "raw inotify, arming alone", .peer) { try arm(path) },
                ], targets: ["floor: one-thread crawl": .atMost(2)])
        }
    }

    private static func open(_ path: String, isArmed: Bool) throws -> Double {
        let start = floor_now()
        let project = try Project.open(path)
        var end = floor_now()
        if isArmed {
            end = try project.sink.next {
                if case .coverageChanged(.complete) = $0.kind { true } else { false }
            }.time
        }
        guard project.snapshot.count > 0 else { throw BenchmarkError("nothing was read") }
        try project.close()
        return Double(end - start)
    }

    private static func processor<Result>(_ body: () throws -> Result, close: (Result) throws -> Void) rethrows
        -> Double
    {
        let start = floor_process_time()
        let result = try body()
        let end = floor_process_time()
        try close(result)
        return Double(end - start)
    }

    private static func crawl(_ path: String, sideBySide: Bool = false) throws -> UInt64 {
        var result = floor_crawl_result()
        let failure =
            sideBySide
            ? floor_crawl_side_by_side(path + "/assets", &result) : floor_crawl(path + "/assets", &result, nil, nil)
        try require(failure, "the walk")
        return UInt64(result.declaration_bytes)
    }

    private static func arm(_ path: String) throws -> Double {
        var watches: Int64 = 0
        let start = floor_now()
        guard let watch = floor_watch_open(path + "/assets", &watches) else { throw BenchmarkError("inotify") }
        let end = floor_now()
        floor_watch_close(watch)
        return Double(end - start)
    }
}

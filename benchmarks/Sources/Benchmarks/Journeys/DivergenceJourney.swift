import CFloors
import Foundation
import Packer

/// From somebody's write(2) to the event in the sink; the settle time is set to nothing.
enum DivergenceJourney {
    static func run(_ bench: Bench) throws {
        // Each of the others watches a copy of its own: more of them do not fit what one user may watch.
        let sizes = bench.sizes.filter { $0 <= 10_000 }
        for assets in sizes.isEmpty ? bench.sizes : sizes { try run(bench, assets) }
    }

    private static func run(_ bench: Bench, _ assets: Int) throws {
        let path = try bench.scratch.workspace(assets: assets)
        // A tree of the same shape for the others, so that nobody watches what another one writes. Copied before the project
        // is open, which removes what the trash held.
        let other = try bench.scratch.folder("watched") + "/project"
        try bench.scratch.copy(path, to: other)
        let project = try Project.open(path, options: PackerOptions(settleTime: .zero))
        try project.settled()
        let asset = project.snapshot.everyAsset.first { !$0.inputs.isEmpty && $0.id != nil }!
        let relative = "\(asset.root.path)/\(asset.inputs[0].path)"
        let file = "\(path)/assets/\(relative)"
        let original = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        var changed = original
        changed[0] ^= 1
        let theirs = "\(other)/assets/\(relative)"
        var turn = false
        func next() -> [UInt8] {
            turn.toggle()
            return turn ? changed : original
        }

        var subjects = [
            Subject(
                own: "ours", .ours, repeats: 5,
                prepare: {
                    try write(original, to: file)
                    try project.settled()
                    project.sink.clear()
                }
            ) {
                let before = floor_foreign_write(file, changed, changed.count)
                let seen = try project.sink.next {
                    if case .divergenceDetected(let flag) = $0.kind { flag.path == relative } else { false }
                }
                return Double(seen.time - UInt64(before))
            }
        ]
        var watches: Int64 = 0
        guard let watch = floor_watch_open(other + "/assets", &watches) else { throw BenchmarkError("inotify") }
        subjects.append(
            Subject(own: "floor: raw inotify", .floor, repeats: 5, prepare: { usleep(2000) }) {
                let bytes = next()
                let latency = floor_watch_latency(watch, theirs, bytes, bytes.count)
                if latency < 0 { throw BenchmarkError("raw inotify told nothing") }
                return Double(latency)
            })
        if let peer = try InotifyWait(watching: other + "/assets") {
            subjects.append(
                Subject(own: "inotifywait", .peer, repeats: 5, prepare: { usleep(2000) }) {
                    try peer.latency(theirs, next())
                })
        } else {
            bench.missing(InotifyWait.missing)
        }
        // The default of 20 ms, and the least that it takes.
        for settle in [20, 1] {
            let copy = try bench.scratch.folder("watchman") + "/project"
            try bench.scratch.copy(other, to: copy)
            if let peer = try Watchman(watching: copy, settle: settle, state: bench.scratch.folder("watchman-state")) {
                let file = "\(copy)/assets/\(relative)"
                subjects.append(
                    Subject(own: "watchman, settle \(settle)", .peer, repeats: 3, prepare: { usleep(30_000) }) {
                        try peer.latency(file, next())
                    })
            } else {
                bench.missing(Watchman.missing)
            }
        }
        try bench.compare(
            "divergence", "write to event", assets: assets, subjects,
            targets: [
                "floor: raw inotify": .atMost(4), "watchman, settle 20": .atLeast(1), "watchman, settle 1": .atLeast(1),
            ])
        floor_watch_close(watch)
        try write(original, to: file)
        try project.close()
    }

    private static func write(_ bytes: [UInt8], to file: String) throws {
        if floor_foreign_write(file, bytes, bytes.count) < 0 { throw BenchmarkError("cannot write \(file)") }
    }
}

import CFloors
import Foundation
import Packer

/// From somebody's write(2) to the event in the sink; the settle time is set to nothing.
enum DivergenceJourney {
    static func run(_ bench: Bench) throws {
        for assets in bench.sizes { try run(bench, assets) }
    }

    private static func run(_ bench: Bench, _ assets: Int) throws {
        let path = try bench.scratch.workspace(assets: assets)
        // A tree of the same shape for the others, so that nobody watches what another one writes. Copied before the project
        // is open, which removes what the trash held.
        let other = try bench.scratch.folder("watched") + "/project"
        try bench.scratch.copy(path, to: other)
        let subjects: [() throws -> Subject?] = [
            { try ours(path) }, { try raw(other) }, { try inotifyWait(bench, other) },
            // The default of 20 ms, and the least that it takes.
            { try watchman(bench, other, settle: 20) }, { try watchman(bench, other, settle: 1) },
        ]
        func compare(_ some: ArraySlice<() throws -> Subject?>) throws {
            try bench.compare(
                "divergence", "write to event", assets: assets, try some.compactMap { try $0() },
                targets: [
                    "floor: raw inotify": .atMost(4), "watchman, settle 20": .atLeast(1),
                    "watchman, settle 1": .atLeast(1),
                ])
        }
        if assets <= 10_000 { return try compare(subjects[...]) }
        // One after the other: together they do not fit what one user may watch.
        for index in subjects.indices { try compare(subjects[index...index]) }
    }

    /// An input that is written, and its two contents in turn.
    private final class Edited {
        let relative: String
        let file: String
        let original: [UInt8]
        let changed: [UInt8]
        private var isTurn = false

        init(_ project: String) throws {
            let opened = try Project.open(project)
            defer { try? opened.close() }
            let asset = opened.snapshot.everyAsset.first { !$0.inputs.isEmpty && $0.id != nil }!
            relative = "\(asset.root.path)/\(asset.inputs[0].path)"
            file = "\(project)/assets/\(relative)"
            original = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
            changed = [original[0] ^ 1] + original.dropFirst()
        }

        func next() -> [UInt8] {
            isTurn.toggle()
            return isTurn ? changed : original
        }

        func write(_ bytes: [UInt8]) throws {
            if floor_foreign_write(file, bytes, bytes.count) < 0 { throw BenchmarkError("cannot write \(file)") }
        }
    }

    /// Ends with its subject.
    private final class Held {
        let end: () -> Void
        init(_ end: @escaping () -> Void) { self.end = end }
        deinit { end() }
    }

    private static func ours(_ path: String) throws -> Subject {
        let edited = try Edited(path)
        let project = try Project.open(path, options: PackerOptions(settleTime: .zero))
        try project.settled()
        let held = Held {
            try? edited.write(edited.original)
            try? project.close()
        }
        return Subject(
            own: "ours", .ours, repeats: 5,
            prepare: {
                try edited.write(edited.original)
                try project.settled()
                project.sink.clear()
            }
        ) {
            try withExtendedLifetime(held) {
                let before = floor_foreign_write(edited.file, edited.changed, edited.changed.count)
                let seen = try project.sink.next {
                    if case .divergenceDetected(let flag) = $0.kind { flag.path == edited.relative } else { false }
                }
                return Double(seen.time - UInt64(before))
            }
        }
    }

    private static func raw(_ tree: String) throws -> Subject {
        let edited = try Edited(tree)
        var watches: Int64 = 0
        guard let watch = floor_watch_open(tree + "/assets", &watches) else { throw BenchmarkError("inotify") }
        let held = Held { floor_watch_close(watch) }
        return Subject(own: "floor: raw inotify", .floor, repeats: 5, prepare: { usleep(2000) }) {
            try withExtendedLifetime(held) {
                let bytes = edited.next()
                let latency = floor_watch_latency(watch, edited.file, bytes, bytes.count)
                if latency < 0 { throw BenchmarkError("raw inotify told nothing") }
                return Double(latency)
            }
        }
    }

    private static func inotifyWait(_ bench: Bench, _ tree: String) throws -> Subject? {
        let edited = try Edited(tree)
        guard let peer = try InotifyWait(watching: tree + "/assets") else {
            bench.missing(InotifyWait.missing)
            return nil
        }
        return Subject(own: "inotifywait", .peer, repeats: 5, prepare: { usleep(2000) }) {
            try peer.latency(edited.file, edited.next())
        }
    }

    private static func watchman(_ bench: Bench, _ tree: String, settle: Int) throws -> Subject? {
        let copy = try bench.scratch.folder("watchman") + "/project"
        try bench.scratch.copy(tree, to: copy)
        let edited = try Edited(copy)
        let peer: Watchman
        do {
            let state = try bench.scratch.folder("watchman-state")
            guard let started = try Watchman(watching: copy, settle: settle, state: state) else {
                bench.missing(Watchman.missing)
                return nil
            }
            peer = started
        } catch {
            // Now and then its client never hears of its subscription.
            bench.missing("watchman, settle \(settle), in \(tree): \(error)")
            return nil
        }
        return Subject(own: "watchman, settle \(settle)", .peer, repeats: 3, prepare: { usleep(30_000) }) {
            try peer.latency(edited.file, edited.next())
        }
    }
}

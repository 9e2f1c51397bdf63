import CFloors
import Packer

/// One reader, nobody else: what each question costs on a snapshot that is held, and what getting one costs.
enum ReadJourney {
    static func run(_ bench: Bench) throws {
        for assets in bench.sizes { try run(bench, assets) }
    }

    private static func run(_ bench: Bench, _ assets: Int) throws {
        let path = try bench.scratch.workspace(assets: assets)
        let project = try Project.open(path)
        try project.settled()
        let peers = try ReadPeers(bench, project.snapshot, path)
        let targets = ReadTargets(project.snapshot)
        let snapshot = project.snapshot
        var position = 0
        let batch = min(1000, assets)

        func lookups(
            _ name: String, _ ours: @escaping (Int) -> UInt64, floor: @escaping (UnsafePointer<UInt32>, Int) -> UInt64
        ) -> [Subject] {
            [
                Subject("ours", .ours, batch: batch, repeats: 50) { count in
                    targets.places(&position, count).reduce(0) { $0 &+ ours(Int($1)) }
                },
                Subject("floor: C hash probe", .floor, batch: batch, repeats: 50) { count in
                    targets.places(&position, count).withUnsafeBufferPointer { floor($0.baseAddress!, $0.count) }
                },
            ]
        }
        func peer(_ name: String, batch: Int, _ body: @escaping (Int) throws -> UInt64) -> Subject {
            Subject(name, .peer, batch: batch, repeats: 5) { count in
                try targets.places(&position, count).reduce(0) { try $0 &+ body(Int($1)) }
            }
        }

        let reader = try peers.lmdb.reader()
        let ids = targets.ids.map(\.rawValue)
        let roots = targets.roots.map(\.path)
        let uuids = targets.uuids.map(\.description)
        var byID = lookups("by id") {
            snapshot.asset(targets.ids[$0])?.foundChecksum ?? 0
        } floor: {
            floor_probe_numbers(targets.numbers.map, $0, $1)
        }
        byID += [
            Subject("floor: a counted object", .floor, batch: batch, repeats: 50) { count in
                targets.places(&position, count).withUnsafeBufferPointer {
                    floor_objects_take(targets.objects.objects, $0.baseAddress!, $0.count)
                }
            },
            peer("LMDB", batch: min(200, assets)) { try reader.lookup(id: ids[$0]) },
            peer("GRDB", batch: 20) { try peers.sqlite.lookup(id: ids[$0]) },
        ]
        if assets <= 1000 { byID.append(peer("filesystem-per-call", batch: 5) { try peers.files.lookup(id: ids[$0]) }) }
        try bench.compare(
            "read", "lookup by id", assets: assets, byID,
            targets: [
                "floor: C hash probe": .atMost(2), "LMDB": .atLeast(20), "GRDB": .atLeast(100),
                "filesystem-per-call": .atLeast(1000),
            ])

        try bench.compare(
            "read", "lookup by root", assets: assets,
            lookups("by root") {
                snapshot.asset(at: targets.roots[$0])?.foundChecksum ?? 0
            } floor: {
                floor_probe_strings(targets.rootMap.map, $0, $1)
            } + [
                peer("LMDB", batch: min(200, assets)) { try reader.lookup(root: roots[$0]) },
                peer("GRDB", batch: 20) { try peers.sqlite.lookup(root: roots[$0]) },
            ],
            targets: ["floor: C hash probe": .atMost(6), "LMDB": .atLeast(3), "GRDB": .atLeast(100)])

        try bench.compare(
            "read", "lookup by uuid", assets: assets,
            lookups("by uuid") {
                snapshot.asset(targets.uuids[$0])?.foundChecksum ?? 0
            } floor: {
                floor_probe_strings(targets.uuidMap.map, $0, $1)
            } + [
                peer("LMDB", batch: min(200, assets)) { try reader.lookup(uuid: uuids[$0]) },
                peer("GRDB", batch: 20) { try peers.sqlite.lookup(uuid: uuids[$0]) },
            ],
            targets: ["floor: C hash probe": .atMost(6), "LMDB": .atLeast(3), "GRDB": .atLeast(100)])

        try bench.compare(
            "read", "details", assets: assets,
            [
                Subject("ours", .ours, batch: batch, repeats: 20) { count in
                    targets.places(&position, count).reduce(0) {
                        $0 &+ (snapshot.asset(targets.ids[Int($1)])?.detailsChecksum ?? 0)
                    }
                },
                Subject("floor: a counted object and its record", .floor, batch: batch, repeats: 20) { count in
                    targets.places(&position, count).withUnsafeBufferPointer {
                        floor_objects_read(targets.objects.objects, $0.baseAddress!, $0.count)
                    }
                },
                peer("LMDB, text not parsed", batch: min(200, assets)) { try reader.details(id: ids[$0]) },
                peer("GRDB, text not parsed", batch: 20) { try peers.sqlite.details(id: ids[$0]) },
                peer("filesystem-per-call", batch: 5) { try peers.files.details(root: roots[$0]) },
            ], targets: ["GRDB, text not parsed": .atLeast(100), "filesystem-per-call": .atLeast(1000)])

        try pages(bench, assets, snapshot, targets, peers, reader)
        try acquiring(bench, assets, project, targets)
        try peers.close()
        try project.close()
    }

    private static func pages(
        _ bench: Bench, _ assets: Int, _ snapshot: Snapshot, _ targets: ReadTargets, _ peers: ReadPeers,
        _ reader: LMDB.Reader
    ) throws {
        let starts = targets.cursors.map { snapshot.list(after: $0, limit: 1).assets[0].root.path }
        let rows = min(100, assets)
        var turn = 0
        func next(_ count: Int) -> Int {
            turn = (turn + 1) % count
            return turn
        }
        var subjects = [
            Subject("ours", .ours, batch: 20, repeats: 20) { count in
                (0..<count).reduce(0) { sum, _ in
                    let page = snapshot.list(after: targets.cursors[next(targets.cursors.count)], limit: rows)
                    return page.assets.reduce(sum) { $0 &+ $1.rowChecksum }
                }
            },
            Subject("floor: copy of references", .floor, batch: 20, repeats: 20) { count in
                (0..<count).reduce(0) { sum, _ in
                    sum &+ floor_page(targets.numbers.map, next(max(1, assets - rows)), rows)
                }
            },
            Subject("LMDB", .peer, batch: 10, repeats: 5) { count in
                try (0..<count).reduce(0) { sum, _ in
                    try sum &+ reader.page(after: starts[next(starts.count)], limit: rows)
                }
            },
            Subject("GRDB", .peer, batch: 10, repeats: 2) { count in
                try (0..<count).reduce(0) { sum, _ in
                    try sum &+ peers.sqlite.page(after: starts[next(starts.count)], limit: rows)
                }
            },
        ]
        if assets <= 1000 {
            subjects.append(Subject("filesystem-per-call", .peer) { _ in try peers.files.page(limit: rows) })
        }
        try bench.compare(
            "read", "page of 100 rows", assets: assets, subjects, targets: ["filesystem-per-call": .atLeast(1000)])
    }

    /// A reader on each processor takes the newest snapshot, all at once and all the time.
    private static func contended(_ packer: PackerProject, _ count: Int, _ take: @escaping @Sendable (Int) -> UInt64)
        -> Double
    {
        let times = onThreads(2) { _ in nanoseconds { keep(take(count)) } }
        return times.max() ?? 0
    }

    private static func withReader(_ packer: PackerProject, _ count: Int) -> UInt64 {
        var reader = packer.reader()
        var sum: UInt64 = 0
        for _ in 0..<count {
            reader.update()
            sum &+= reader.snapshot.generation
        }
        return sum
    }

    private static func acquiring(_ bench: Bench, _ assets: Int, _ project: Project, _ targets: ReadTargets) throws {
        let packer = project.packer
        try bench.compare(
            "read", "acquire a snapshot", assets: assets,
            [
                Subject("ours", .ours, batch: 1000, repeats: 50) { count in
                    (0..<count).reduce(0) { sum, _ in sum &+ packer.snapshot.generation }
                },
                Subject("floor: atomic load", .floor, batch: 1000, repeats: 50) {
                    floor_acquire(targets.numbers.map, $0)
                },
            ])
        try bench.compare(
            "read", "acquire with a reader", assets: assets,
            [
                Subject("ours", .ours, batch: 1000, repeats: 50) { withReader(packer, $0) },
                Subject("floor: atomic load", .floor, batch: 1000, repeats: 50) {
                    floor_acquire(targets.numbers.map, $0)
                },
            ])
        let turns = 200_000
        for (work, take) in [
            (
                "acquire, 2 threads",
                { @Sendable count in (0..<count).reduce(0) { sum, _ in sum &+ packer.snapshot.generation } }
            ),
            ("acquire with a reader, 2 threads", { @Sendable count in withReader(packer, count) }),
        ] {
            try bench.compare(
                "read", work, assets: assets,
                [Subject(own: "ours", .ours, repeats: 3) { contended(packer, turns, take) / Double(turns) }])
        }
        let limits = [
            ("acquire a snapshot", 30.0), ("acquire with a reader", 10), ("acquire with a reader, 2 threads", 10),
        ]
        for (work, limit) in limits {
            let p50 = bench.report.cell("read", work, assets, "ours")?.p50 ?? 0
            bench.ratio("read", work, assets, "ours in ns", p50, .atMost(limit))
        }
    }
}

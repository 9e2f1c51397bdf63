import CFloors
import Packer

/// 1,000 commands that were submitted together, each with an outcome of its own.
enum GroupJourney {
    private static let commands = 1000
    /// As many commands as the lane commits in one group.
    private static let together: Int32 = 128

    static func run(_ bench: Bench) throws {
        // With fewer assets than commands several would change one file.
        let sizes = bench.sizes.filter { $0 >= commands }
        for assets in sizes.isEmpty ? bench.sizes : sizes { try run(bench, assets) }
    }

    private static func run(_ bench: Bench, _ assets: Int) throws {
        let path = try bench.scratch.workspace(assets: assets)
        let project = try Project.open(path)
        try project.settled()
        try project.rest()
        let peers = try ReadPeers(bench, project.snapshot, path)
        let all = project.snapshot.everyAsset.filter { $0.id != nil }
        let chosen = (0..<commands).map { all[$0 * all.count / commands] }
        var number = 0
        func name() -> String {
            number += 1
            return "Name \(number % 90 + 10)"
        }
        let before = chosen.map(\.name)
        let texts = Dictionary(uniqueKeysWithValues: peers.rows.map { ($0.id, $0.declaration.utf8.count) })
        let sizes = chosen.map { texts[$0.id!.rawValue]! }
        guard
            let floor = floor_group_open(try bench.scratch.folder("floor"), Int32(commands), together, sizes)
        else { throw BenchmarkError("the floor's files") }
        try bench.compare(
            "group", "a command, 1,000 together", assets: assets, rounds: max(3, bench.rounds / 4),
            [
                Subject("ours", .ours, batch: commands) { _ in
                    let operations = try chosen.map {
                        try project.packer.submit(.update(.id($0.id!), [.name(name())]))
                    }
                    return try operations.reduce(0) { try $0 &+ $1.wait(timeout: .seconds(60)).generation }
                },
                Subject("floor: the files and the journal", .floor, batch: commands) { _ in
                    try require(floor_group_run(floor, sizes), "a floor's group")
                    return 0
                },
                Subject("ours, one at a time", .peer, batch: 50) { count in
                    try (0..<count).reduce(0) {
                        try $0 &+ project.commit(.update(.id(chosen[$1].id!), [.name(name())])).generation
                    }
                },
                Subject("SQLite FULL, one at a time", .peer, batch: 50) { count in
                    for index in 0..<count { try peers.sqlite.commit(id: chosen[index].id!.rawValue, name: name()) }
                    return 0
                },
            ], targets: ["ours, one at a time": .atLeast(10), "SQLite FULL, one at a time": .atLeast(1)])
        let restoring = try zip(chosen, before).map { try project.packer.submit(.update(.id($0.id!), [.name($1)])) }
        for operation in restoring { _ = try operation.wait(timeout: .seconds(60)) }
        floor_group_close(floor)
        try peers.close()
        try project.close()
    }
}

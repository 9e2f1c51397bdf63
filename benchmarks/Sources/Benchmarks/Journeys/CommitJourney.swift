import CFloors
import Foundation
import Packer

/// One small command after the other, each durable and visible before the next.
enum CommitJourney {
    static func run(_ bench: Bench) throws {
        for assets in bench.sizes { try run(bench, assets) }
        for work in [updating, excluding, creating] {
            let ours = bench.sizes.compactMap { size in
                bench.report.cell("commit", work, size, "ours").map { (size, $0.p50) }
            }
            if let first = ours.first, let last = ours.last, first.0 < last.0 {
                bench.ratio(
                    "commit", work, last.0, "\(last.0) assets / \(first.0) assets", last.1 / first.1, .atMost(1.3))
            }
        }
    }

    private static let updating = "update, one file"
    private static let excluding = "update and exclude, two files"
    private static let creating = "create, two files and a folder"

    private static func run(_ bench: Bench, _ assets: Int) throws {
        let path = try bench.scratch.workspace(assets: assets)
        let project = try Project.open(path)
        try project.settled()
        try project.rest()
        let peers = try ReadPeers(bench, project.snapshot, path)
        let id = project.snapshot.everyAsset.compactMap(\.id)[assets / 2]
        let row = peers.rows.first { $0.id == id.rawValue }!
        let declaration = row.declaration.utf8.count
        let segment =
            (try? Data(contentsOf: URL(fileURLWithPath: path + "/assets/.prometeu/index.json")).count) ?? 16384
        let rounds = bench.rounds * 2
        var number = 0
        func name() -> String {
            number += 1
            return "Name \(number % 90 + 10)"
        }

        let one = try floor(bench, sizes: [declaration])
        try bench.compare(
            "commit", updating, assets: assets, rounds: rounds,
            [
                Subject("ours", .ours, repeats: 4) { _ in
                    try project.commit(.update(.id(id), [.name(name())])).generation
                },
                Subject("floor: file and journal", .floor, repeats: 4, one.run),
                Subject("SQLite FULL", .peer, repeats: 4) { _ in
                    try peers.sqlite.commit(id: id.rawValue, name: name())
                    return 0
                },
                Subject("LMDB", .peer, repeats: 4) { _ in
                    var changed = row
                    changed.name = name()
                    try peers.lmdb.commit(changed)
                    return 0
                },
            ], targets: ["floor: file and journal": .atMost(1.25)])
        one.close()
        try project.commit(.update(.id(id), [.name(row.name)]))

        var isIncluded = true
        try twoFiles(bench, excluding, assets, rounds, [declaration, segment]) {
            isIncluded.toggle()
            return try project.commit(
                .update(.id(id), [.name(name())]), isIncluded ? .include(.id(id)) : .exclude(.id(id))
            ).generation
        }
        try project.commit(.update(.id(id), [.name(row.name)]), .include(.id(id)))

        var made: [AssetID] = []
        try twoFiles(bench, creating, assets, rounds, [declaration, segment], inFolder: true) {
            number += 1
            let root = try AssetRoot(validating: "benchmark-\(number)")
            let outcome = try project.commit(.create(NewAsset(root: root, type: .data)))
            made += outcome.assets.compactMap(\.id)
            return outcome.generation
        }
        // What was made goes again, for the journeys that follow.
        for id in made { try project.commit(.delete(.id(id))) }
        try project.commit(.emptyTrash)
        try peers.close()
        try project.close()
    }

    private static func twoFiles(
        _ bench: Bench, _ work: String, _ assets: Int, _ rounds: Int, _ sizes: [Int], inFolder: Bool = false,
        _ ours: @escaping () throws -> UInt64
    ) throws {
        let careful = try bench.scratch.folder("careful")
        let two = try floor(bench, sizes: sizes, inFolder: inFolder)
        var number: UInt64 = 0
        try bench.compare(
            "commit", work, assets: assets, rounds: rounds,
            [
                Subject("ours", .ours, repeats: 4) { _ in try ours() },
                Subject("floor: two files and journal", .floor, repeats: 4, two.run),
                Subject("careful fsync and rename", .peer, repeats: 4) { _ in
                    number += 1
                    try require(floor_careful_commit(careful, two.sizes, number, inFolder), "a careful commit")
                    return 0
                },
            ], targets: ["floor: two files and journal": .atMost(1.25), "careful fsync and rename": .atLeast(2)])
        two.close()
    }

    private struct Floor {
        let commit: OpaquePointer
        let sizes: [Int]

        func run(_: Int) throws -> UInt64 {
            try require(floor_commit_run(commit, sizes), "a floor's commit")
            return 0
        }
        func close() { floor_commit_close(commit) }
    }

    private static func floor(_ bench: Bench, sizes: [Int], inFolder: Bool = false) throws -> Floor {
        let folder = try bench.scratch.folder("floor")
        guard let commit = floor_commit_open(folder, Int32(sizes.count), inFolder) else {
            throw BenchmarkError("the floor's journal")
        }
        return Floor(commit: commit, sizes: sizes)
    }
}

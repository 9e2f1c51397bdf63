import CFloors
import Foundation
import Packer

/// A branch is switched, and switched back: 10,000 files change, and change again.
enum StormJourney {
    static func run(_ bench: Bench) throws {
        for assets in bench.sizes { try run(bench, assets) }
    }

    private static func run(_ bench: Bench, _ assets: Int) throws {
        let path = try bench.scratch.workspace(assets: assets)
        let options = PackerOptions()
        let project = try Project.open(path, options: options)
        try project.settled()
        let all = project.snapshot.everyAsset
        // One input of every asset, or both where there are not as many assets.
        var files: [String] = []
        for number in 0..<2 {
            files += all.compactMap { asset in
                asset.inputs.count > number ? "\(path)/assets/\(asset.root.path)/\(asset.inputs[number].path)" : nil
            }
        }
        files = Array(files.prefix(10_000))
        // Assets stand in the order of their roots: these are whole folders of them.
        let folders = Set(
            all.prefix(files.count).map { ("\(path)/assets/\($0.root)" as NSString).deletingLastPathComponent })
        let originals = try files.map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
        let settle = Double(options.settleTime.components.attoseconds) / 1e9

        func quiet(_ after: () throws -> Void, flags: Int) throws -> Double {
            try after()
            let start = floor_now()
            try project.settled()
            var report = project.packer.divergences
            // An overflow is looked at again after `settled`: quiet is when the coverage says so.
            while report.coverage != .complete(inputsVerified: true) || report.divergences.count != flags {
                if floor_now() - start > 60_000_000_000 {
                    throw BenchmarkError("\(report.divergences.count) flags, \(report.coverage.name), not \(flags)")
                }
                usleep(500)
                report = project.packer.divergences
            }
            return Double(floor_now() - start)
        }
        let subjects = [
            Subject(own: "ours, switched", .ours) {
                try quiet({ try write(files, originals, flip: true) }, flags: files.count) - settle
            },
            Subject(own: "ours, switched back", .ours) {
                try quiet({ try write(files, originals, flip: false) }, flags: 0) - settle
            },
            Subject("floor: scan of the folders", .floor) { _ in
                try folders.reduce(0) { sum, folder in
                    var result = floor_crawl_result()
                    try require(floor_crawl(folder, &result, nil, nil), "the walk")
                    return sum + UInt64(result.entries)
                }
            },
        ]
        // One after the other in their order: the second takes back what the first did.
        var series = [Series](repeating: Series(), count: subjects.count)
        for round in 0...max(3, bench.rounds / 4) {
            for index in subjects.indices {
                var thrown = Series()
                if round == 0 {
                    try subjects[index].round(into: &thrown)
                } else {
                    try subjects[index].round(into: &series[index])
                }
            }
        }
        let work = "last write to quiet"
        for (subject, series) in zip(subjects, series) {
            bench.add(bench.cell("storm", work, assets, subject.name, subject.role, series))
        }
        for index in 0..<2 {
            bench.ratio(
                "storm", work, assets, "\(subjects[index].name) / scan",
                series[index].percentile(50) / series[2].percentile(50), .atMost(2))
        }
        try project.close()
    }

    private static func write(_ files: [String], _ originals: [[UInt8]], flip: Bool) throws {
        for (file, original) in zip(files, originals) {
            var bytes = original
            if flip { bytes[0] ^= 1 }
            if floor_foreign_write(file, bytes, bytes.count) < 0 { throw BenchmarkError("cannot write \(file)") }
        }
    }
}

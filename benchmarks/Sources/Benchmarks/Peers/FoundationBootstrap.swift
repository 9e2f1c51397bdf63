import CFloors
import Foundation

/// Opening a project with what Swift brings along: the floor's walk, then `JSONDecoder` for every file.
enum FoundationBootstrap {
    private struct Declaration: Decodable {
        var schema_version: Int
        var asset_uuid: String
        var name: String
        var type: String
        var inputs: [String: [String]]?
        var output: Output
        var preload: Preload?

        struct Output: Decodable {
            var format: String
            var codec: String
        }
        struct Preload: Decodable { var enabled: Bool }
    }

    private struct Segment: Decodable {
        var next_asset_id: Int
        var assets: [Entry]
        struct Entry: Decodable {
            var asset_id: UInt32
            var asset_uuid: String
            var root: String
            var included_in_build: Bool
        }
    }

    private final class Reading {
        let decoder = JSONDecoder()
        var declarations: [Declaration] = []
        var failures = 0
    }

    static func run(project: String) throws -> UInt64 {
        let reading = Reading()
        var result = floor_crawl_result()
        let context = Unmanaged.passUnretained(reading).toOpaque()
        try require(
            floor_crawl(
                project + "/assets", &result,
                { context, bytes, count in
                    let reading = Unmanaged<Reading>.fromOpaque(context!).takeUnretainedValue()
                    let data = Data(bytes: bytes!, count: count)
                    if let declaration = try? reading.decoder.decode(Declaration.self, from: data) {
                        reading.declarations.append(declaration)
                    } else {
                        reading.failures += 1
                    }
                }, context), "the walk")
        var byID: [UInt32: Segment.Entry] = [:]
        let control = project + "/assets/.prometeu"
        for name in try FileManager.default.contentsOfDirectory(atPath: control) where name.hasSuffix(".json") {
            let data = try Data(contentsOf: URL(fileURLWithPath: control + "/" + name))
            for entry in try reading.decoder.decode(Segment.self, from: data).assets { byID[entry.asset_id] = entry }
        }
        guard reading.failures == 0, byID.count == reading.declarations.count else {
            throw BenchmarkError("Foundation read \(reading.declarations.count) of \(byID.count) assets")
        }
        return UInt64(byID.count)
    }
}

import Foundation
import PackerTestSupport
import Testing

@testable import prometeu_packer

@Suite("snapshot and divergence")
struct FingerprintTests {
    private func project() async throws -> (Command, file: String, outside: TemporaryFolder) {
        let command = Command(folder: try Fixtures.game())
        let outside = try TemporaryFolder()
        let file = outside.path + "/before.jsonl"
        #expect(try await command("snapshot", "--output", file).status == 0)
        return (command, file, outside)
    }

    @Test("the same files give the same fingerprints, whatever their times, and nothing is left on disk")
    func deterministic() async throws {
        let (command, file, outside) = try await project()
        let before = try command.folder.contents()
        let first = try outside.text("before.jsonl")
        _ = try await command.shell(#"find "$1/assets" -exec touch -d 2001-01-01 {} +"#)
        #expect(try await command("snapshot").output == first)
        let run = try await command("divergence", "--since", file, "--json")
        #expect(run.status == 0)
        #expect(try run.object()["differences"] == "0")
        #expect(try command.folder.contents() == before)
        let objects = try first.split(separator: "\n").map { try JSONObject(String($0)) } + run.objects()
        for object in objects { #expect(try DocumentedKeys.disagreements(object) == []) }
    }

    @Test(
        "every way to touch the assets is found by its kind, and ends with 3",
        arguments: [
            ("printf x >>sprites/hero/asset.json", ["modified sprites/hero/asset.json"]),
            ("chmod +x sprites/hero/asset.json", ["modified sprites/hero/asset.json"]),
            ("rm sprites/hero/asset.json", ["missing sprites/hero/asset.json"]),
            (
                "rm sprites/hero/asset.json; mkdir sprites/hero/asset.json",
                ["typeChanged sprites/hero/asset.json"]
            ),
            ("printf ' ' >>.prometeu/index.json", ["registryModified .prometeu/index.json"]),
            (
                "mkdir new; sed 's/\\(asset_uuid\": *\"\\)......../\\100000000/' sprites/hero/asset.json >new/asset.json",
                ["appeared new/asset.json"]
            ),
        ] as [(String, [String])]
    )
    func kinds(edit: String, expected: [String]) async throws {
        let (command, file, outside) = try await project()
        defer { withExtendedLifetime(outside) {} }
        #expect(try await command.shell("cd \"$1/assets\" && \(edit)").status == 0)
        let run = try await command("divergence", "--since", file, "--json")
        #expect(run.status == 3, "\(run.error)\(run.output)")
        let found = try run.objects().filter { $0.kind == "difference" }
        #expect(found.map { "\($0["divergence"] ?? "") \($0["path"] ?? "")" } == expected)
        for object in found { #expect(try DocumentedKeys.disagreements(object) == []) }
        #expect(try await command("divergence", "--since", file).status == 3)
    }

    @Test("a folder that was moved is one that moved, with its new root")
    func moved() async throws {
        let (command, file, outside) = try await project()
        defer { withExtendedLifetime(outside) {} }
        try command.folder.move("assets/sprites/hero", to: "assets/sprites/heroine")
        let run = try await command("divergence", "--since", file, "--json")
        #expect(run.status == 3)
        let moved = try run.objects().filter { $0["divergence"] == "moved" }
        #expect(moved.map { $0["path"] } == ["sprites/hero/asset.json"])
        #expect(moved.map { $0["moved_to"] } == ["sprites/heroine"])
    }

    @Test("an input with the same size and its time put back is found")
    func restoredTime() async throws {
        let (command, file, outside) = try await project()
        defer { withExtendedLifetime(outside) {} }
        let script = """
            input=$(cd "$1/assets" && find sprites -type f ! -name asset.json -size +0 | sort | head -1)
            cd "$1/assets" && cp -p "$input" /proc/self/cwd/../kept && printf '\\001' |
              dd of="$input" conv=notrunc status=none && touch -r ../kept "$input" && echo "$input"
            """
        let input = try #require(try await command.shell(script).lines.first)
        let run = try await command("divergence", "--since", file, "--json")
        #expect(run.status == 3)
        #expect(try run.objects().first?["path"] == input)
    }

    @Test(
        "fingerprints that are cut short, changed or newer are refused",
        arguments: [
            ("head -n -1", "fingerprints.damaged"), ("head -c -5", "fingerprints.damaged"),
            ("sed 3d", "fingerprints.damaged"), (#"sed 2s/\"size\":/\"size\":1/"#, "fingerprints.damaged"),
            ("head -c 0", "fingerprints.damaged"),
            (#"sed 1s/\"version\":1/\"version\":2/"#, "fingerprints.newerVersion"),
        ]
    )
    func damaged(filter: String, code: String) async throws {
        let (command, file, outside) = try await project()
        try outside.write(try Fixtures.run("/bin/sh", ["-c", "\(filter) \(file)"]), to: "damaged")
        let run = try await command("divergence", "--since", outside.path + "/damaged", "--json")
        #expect(run.status == 1)
        #expect(try run.object()["error.code"] == code)
    }

    @Test("fingerprints that are not there are refused, and what cannot be written leaves nothing")
    func unreadable() async throws {
        let (command, _, outside) = try await project()
        let absent = outside.path + "/absent/file"
        let read = try await command("divergence", "--since", absent, "--json")
        #expect(try read.object()["error.code"] == "fingerprints.unreadable")
        let written = try await command("snapshot", "--output", absent, "--json")
        #expect(try written.object()["error.code"] == "fingerprints.unwritable")
        #expect(read.status == 1 && written.status == 1)
    }
}

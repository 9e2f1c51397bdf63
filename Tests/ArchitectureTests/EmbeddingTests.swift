import Foundation
import Testing

/// The program that the README shows to those who embed the packer.
@Suite struct EmbeddingTests {
    @Test("the README shows the program that is built and run here, word for word")
    func readme() throws {
        let program = try PackageFiles.text("docs/embedding/main.swift")
        #expect(try PackageFiles.text("README.md").contains("```swift\n\(program)```"))
    }

    @Test("the program of the README builds against the package alone, and does what it says on the game")
    func runs() throws {
        let program = try EmbeddingHost.build("Host")
        try withTemporaryFolder { folder in
            let game = folder.appending(path: "game")
            try FileManager.default.copyItem(at: PackageFiles.root.appending(path: "fixtures/game"), to: game)
            let result = try run([program, game.path], in: folder)
            let lines = result.output.split(separator: "\n").map(String.init)
            #expect(result.status == 0)
            #expect(lines.contains("13 maps/forest/level-01 valid"), "\(result.output)")
            #expect(lines.contains { $0.hasSuffix("durable in generation 3") }, "\(result.output)")
            #expect(lines.contains("maps/castle/crypt"), "\(result.output)")
            // Printed beside the sink's own lines, which come from another thread.
            #expect(lines.contains("0 diverged, coverage complete"), "\(result.output)")
            #expect(FileManager.default.fileExists(atPath: game.path + "/assets/maps/castle/crypt/asset.json"))
        }
    }

    @Test("the sample Studio builds against the package alone, and prints its pages on the game")
    func studio() throws {
        let program = try EmbeddingHost.build("Studio")
        try withTemporaryFolder { folder in
            let game = folder.appending(path: "game")
            try FileManager.default.copyItem(at: PackageFiles.root.appending(path: "fixtures/game"), to: game)
            let result = try run([program, game.path, "maps/test-room", "maps/secret/room"], in: folder)
            #expect(result.status == 0)
            let lines = result.output.split(separator: "\n").map(String.init)
            #expect(lines.contains { $0.contains("3 of 3 map, by root; 15 in all") }, "\(result.output)")
            #expect(lines.contains("details of maps/test-room"), "\(result.output)")
            #expect(lines.contains("  move maps/test-room to maps/secret/room"), "\(result.output)")
            #expect(lines.contains("  [apply] [discard]"), "\(result.output)")
            #expect(lines.contains("relocate: done in generation 2"), "\(result.output)")
            #expect(lines.contains("durable in generation 2"), "\(result.output)")
            #expect(FileManager.default.fileExists(atPath: game.path + "/assets/maps/secret/room/asset.json"))

            let refused = try run([program, game.path, "maps/secret/room", "maps/forest/level-01"], in: folder)
            #expect(refused.output.contains("not possible, root.occupied"), "\(refused.output)")
            let missing = try run([program, folder.path + "/nowhere", "a", "b"], in: folder)
            #expect(missing.output.contains("workspace.missing"), "\(missing.output)")
        }
    }
}

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
        // Built in one place again and again, so that only the first run compiles everything.
        let host = PackageFiles.root.appending(path: ".build/embedding")
        let manager = FileManager.default
        let sources = host.appending(path: "Sources/Host")
        try manager.createDirectory(at: sources, withIntermediateDirectories: true)
        let identity = PackageFiles.root.lastPathComponent
        let manifest = """
            // swift-tools-version: 6.2
            import PackageDescription
            let package = Package(
                name: "Host",
                dependencies: [.package(path: "\(PackageFiles.root.path)", traits: [])],
                targets: [
                    .executableTarget(name: "Host", dependencies: [.product(name: "Packer", package: "\(identity)")])
                ]
            )
            """
        try Data(manifest.utf8).write(to: host.appending(path: "Package.swift"))
        try Data(PackageFiles.text("docs/embedding/main.swift").utf8).write(to: sources.appending(path: "main.swift"))
        let built = try run(["swift", "build", "--product", "Host"], in: host)
        try #require(built.status == 0, "\(built.output.suffix(4_000))")

        try withTemporaryFolder { folder in
            let game = folder.appending(path: "game")
            try manager.copyItem(at: PackageFiles.root.appending(path: "fixtures/game"), to: game)
            let result = try run([host.path + "/.build/debug/Host", game.path], in: folder)
            let lines = result.output.split(separator: "\n").map(String.init)
            #expect(result.status == 0)
            #expect(lines.contains("13 maps/forest/level-01 valid"), "\(result.output)")
            #expect(lines.contains { $0.hasSuffix("durable in generation 3") }, "\(result.output)")
            #expect(lines.contains("maps/castle/crypt"), "\(result.output)")
            // Printed beside the sink's own lines, which come from another thread.
            #expect(lines.contains("0 diverged, coverage complete"), "\(result.output)")
            #expect(manager.fileExists(atPath: game.path + "/assets/maps/castle/crypt/asset.json"))
        }
    }
}

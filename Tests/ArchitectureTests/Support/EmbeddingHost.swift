import Foundation
import Testing

/// Somebody else's package with the programs that the documentation shows, built against this one.
enum EmbeddingHost {
    /// Builds a program, and answers where it is.
    static func build(_ product: String) throws -> String {
        // Built in one place again and again, so that only the first run compiles everything.
        let host = PackageFiles.root.appending(path: ".build/embedding")
        let identity = PackageFiles.root.lastPathComponent
        func target(_ name: String, _ libraries: [String]) -> String {
            let products = libraries.map { ".product(name: \"\($0)\", package: \"\(identity)\")" }
            return ".executableTarget(name: \"\(name)\", dependencies: [\(products.joined(separator: ", "))])"
        }
        let manifest = """
            // swift-tools-version: 6.2
            import PackageDescription
            let package = Package(
                name: "Hosts",
                dependencies: [.package(path: "\(PackageFiles.root.path)", traits: [])],
                targets: [
                    \(target("Host", ["Packer"])),
                    \(target("Studio", ["Packer", "StudioHost"])),
                ],
                swiftLanguageModes: [.v6]
            )
            """
        try write(Data(manifest.utf8), to: host.appending(path: "Package.swift"))
        try write(
            Data(PackageFiles.text("docs/embedding/main.swift").utf8),
            to: host.appending(path: "Sources/Host/main.swift"))
        try write(
            Data(PackageFiles.text("docs/studio/host/Host.swift").utf8),
            to: host.appending(path: "Sources/Studio/Host.swift"))
        let built = try run(["swift", "build", "--product", product], in: host)
        try #require(built.status == 0, "\(built.output.suffix(4_000))")
        return host.path + "/.build/debug/" + product
    }

    private static func write(_ data: Data, to file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        // What is the same stays as it is: the build looks at its time.
        if (try? Data(contentsOf: file)) != data { try data.write(to: file) }
    }
}

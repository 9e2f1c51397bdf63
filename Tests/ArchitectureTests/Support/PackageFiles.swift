import Foundation
import Testing

/// The files of this package, as they stand in its folder.
enum PackageFiles {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    struct Source: CustomTestStringConvertible {
        var module: String
        /// Relative to the module's folder.
        var path: String
        var text: String

        var testDescription: String { module + "/" + path }
    }

    /// Every source of the rooms, C included, tests left out.
    static func sources(ofTypes types: Set<String> = ["swift"]) throws -> [Source] {
        var folders = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
            .sorted().map { (module: $0, path: "Sources/" + $0) }
        folders.append((module: "crash-child", path: "Tests/CrashChild"))
        folders.append((module: "studio-child", path: "Tests/StudioChild"))
        folders.append((module: "PackerTestSupport", path: "Tests/PackerTestSupport"))
        return try folders.flatMap { module, path in
            let folder = root.appending(path: path).path
            return try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
                .filter { types.contains(String($0.split(separator: ".").last ?? "")) }
                .map { Source(module: module, path: $0, text: try text(path + "/" + $0)) }
        }
    }
}

/// Runs a tool of the toolchain and returns what it printed.
func run(_ arguments: [String], in folder: URL? = nil) throws -> (status: Int32, output: String) {
    let output = FileManager.default.temporaryDirectory.appending(path: "output-\(UUID().uuidString)")
    try Data().write(to: output)
    defer { try? FileManager.default.removeItem(at: output) }
    let handle = try FileHandle(forWritingTo: output)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    try handle.close()
    return (process.terminationStatus, try String(contentsOf: output, encoding: .utf8))
}

/// Calls `body` with a new folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "architecture-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

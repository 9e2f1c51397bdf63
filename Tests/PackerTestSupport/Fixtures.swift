import Foundation
public import Packer

/// The projects under `fixtures/`, copied or made for one test.
public enum Fixtures {
    /// The package's own folder.
    public static let package: String = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// A copy of the committed game.
    public static func game() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: package + "/fixtures/game/assets", toPath: folder.path + "/assets")
        return folder
    }

    /// A project with a workspace and nothing in it.
    public static func empty() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            "{\"schema_version\":1,\"next_asset_id\":1,\"assets\":[\n]}\n", to: "assets/.prometeu/index.json")
        return folder
    }

    public static func make(_ script: String, _ arguments: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try run("/usr/bin/env", ["python3", package + "/fixtures/" + script, folder.path] + arguments)
        return folder
    }

    @discardableResult
    public static func run(_ program: String, _ arguments: [String], in folder: String? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: bytes, as: UTF8.self)
        if process.terminationStatus != 0 {
            throw FixtureFailure(command: ([program] + arguments).joined(separator: " "), output: text)
        }
        return text
    }

    public static func has(_ tool: String) -> Bool {
        (try? run("/usr/bin/env", ["sh", "-c", "command -v \(tool)"])) != nil
    }

    public static var isRoot: Bool { getuid() == 0 }

    /// Whether the tests, and the programs beside them, were built with the thread or the address sanitizer.
    public static var isSanitized: Bool { dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil }
}

public struct FixtureFailure: Error, CustomStringConvertible {
    public var command: String
    public var output: String

    public init(command: String, output: String) {
        self.command = command
        self.output = output
    }

    public var description: String { "\(command) failed: \(output)" }
}

extension PackerProject {
    /// Opens a test's project, with no quiet time so that flags come at once.
    public static func open(
        _ folder: TemporaryFolder, _ access: PackerOptions.Access = .readWrite,
        sink: any PackerEventSink = EventRecorder()
    ) async throws(PackerError) -> PackerProject {
        try await open(
            folder.path, options: PackerOptions(access: access, settleTime: .zero), sink: sink
        )
    }
}

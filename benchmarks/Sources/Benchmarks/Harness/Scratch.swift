import Foundation

/// The run's own folder, on the filesystem that is measured; removed at the end.
final class Scratch {
    let path: String
    private var workspaces: [Int: String] = [:]

    init(beneath folder: String) throws {
        var template = Array((folder + "/packer-benchmarks-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchmarkError("cannot make a folder in \(folder)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A new empty folder.
    func folder(_ name: String) throws -> String {
        let folder = "\(path)/\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    /// A valid project of so many assets, three files each, that journeys share: who changes it changes it back.
    func workspace(assets: Int) throws -> String {
        if let made = workspaces[assets] { return made }
        let folder = "\(path)/project-\(assets)"
        say("making a project of \(assets) assets")
        try run(Self.generator, [folder, "--assets", String(assets)])
        workspaces[assets] = folder
        return folder
    }

    /// By cp(1): Foundation's own copy takes minutes for a large tree.
    func copy(_ folder: String, to other: String) throws { try run("/bin/cp", ["-a", folder, other]) }

    private static let generator = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../../fixtures/generate_workspace.py").standardized.path

    private func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw BenchmarkError("\(program) failed") }
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Throws what a floor answered.
func require(_ result: Int32, _ what: String) throws {
    if result < 0 { throw BenchmarkError("\(what): \(String(cString: strerror(-result)))") }
}

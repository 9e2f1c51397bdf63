import Foundation
import PackerTestSupport

/// What one run of the built command left.
struct CommandRun: Equatable, Sendable {
    var status: Int32
    var output: String
    var error: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The objects of a run with `--json`; throws where a line is none.
    func objects() throws -> [JSONObject] { try lines.map(JSONObject.init) }

    func object() throws -> JSONObject {
        guard let only = try objects().first, lines.count == 1 else { throw UnexpectedOutput(text: output + error) }
        return only
    }
}

struct UnexpectedOutput: Error {
    var text: String
}

struct Command {
    let folder: TemporaryFolder
    var environment: [String: String] = [:]

    var project: String { folder.path }

    /// Runs the command to its end, with the project in its place: `try await command("show", "1")`.
    func callAsFunction(_ name: String, _ arguments: String...) async throws -> CommandRun {
        try await run([name, project] + arguments)
    }

    func run(_ arguments: [String]) async throws -> CommandRun {
        try await run(Programs.path("prometeu-packer"), arguments)
    }

    /// Runs a shell script in which `$0` is the command and `$1` the project.
    func shell(_ script: String) async throws -> CommandRun {
        try await run("/bin/bash", ["-c", script, Programs.path("prometeu-packer"), project])
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> CommandRun {
        let results = try TemporaryFolder("command-output")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["NO_COLOR": ""]) { $1 }.merging(environment) { $1 }
        try results.write("", to: "output")
        try results.write("", to: "error")
        process.standardInput = FileHandle.nullDevice
        let files = ["output", "error"].map { FileHandle(forWritingAtPath: results.path + "/" + $0) }
        process.standardOutput = files[0]
        process.standardError = files[1]
        // Foundation keeps them open for as long as it likes, and the watch needs a descriptor below 1024.
        defer { for file in files { try? file?.close() } }
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        return CommandRun(status: status, output: try results.text("output"), error: try results.text("error"))
    }
}

/// A command that runs, line by line.
final class LiveRun: Sendable {
    private let process: Process
    private let input = Pipe()
    private let ended: AsyncStream<Int32>
    let lines: AsyncStream<String>

    /// A watch.
    /// - Parameter arguments: should bound its time, so that a line that never comes fails the test and not the suite.
    convenience init(watching command: Command, _ arguments: String...) throws {
        try self.init(command, ["watch", command.project] + arguments)
    }

    init(_ command: Command, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Programs.path("prometeu-packer"))
        process.arguments = arguments
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        let (ended, end) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = {
            end.yield($0.terminationStatus)
            end.finish()
        }
        try process.run()
        try pipe.fileHandleForWriting.close()
        let (lines, arrived) = AsyncStream<String>.makeStream()
        let output = pipe.fileHandleForReading
        Thread.detachNewThread {
            var rest = Data()
            // `read(upToCount:)` would wait for all of it.
            while case let bytes = output.availableData, !bytes.isEmpty {
                rest += bytes
                while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    arrived.yield(String(decoding: rest[..<newline], as: UTF8.self))
                    rest = Data(rest[(newline + 1)...])
                }
            }
            arrived.finish()
        }
        self.process = process
        self.ended = ended
        self.lines = lines
    }

    /// The next object that is wanted; nil when the command ended without one.
    func next(where isWanted: (JSONObject) -> Bool) async throws -> JSONObject? {
        for await line in lines {
            let object = try JSONObject(line)
            if isWanted(object) { return object }
        }
        return nil
    }

    func write(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    /// Ends its input.
    func end() throws { try input.fileHandleForWriting.close() }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func status() async -> Int32? { await ended.first { _ in true } }
}

public import Foundation

/// Programs of this package, as they were built beside the running tests.
public enum Programs {
    public static func path(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let candidates = [CommandLine.arguments[0], own].map {
            URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(name).path
        }
        guard let found = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            throw FixtureFailure(command: name, output: "not built beside \(own)")
        }
        return found
    }

    public struct Outcome: Sendable {
        public var status: Int32
        public var isSignal: Bool
        public var output: String
        public var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Runs a program to its end.
    /// - Parameters:
    ///   - started: gets the process while it runs.
    ///   - finished: called when its output has ended, before anybody waits for it.
    public static func run(
        _ name: String, _ arguments: [String], started: ((Process) -> Void)? = nil, finished: (() -> Void)? = nil
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try path(name))
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        started?(process)
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        finished?()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, isSignal: process.terminationReason == .uncaughtSignal,
            output: String(decoding: bytes, as: UTF8.self)
        )
    }
}

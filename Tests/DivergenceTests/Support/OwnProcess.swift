import Foundation
import LinuxFiles
import Testing

/// Where a test needs limits, mounts or counts of its own, this program runs itself again for that one test.
enum OwnProcess {
    private static let marker = "PACKER_DIVERGENCE_INSIDE"

    static let isInside = ProcessInfo.processInfo.environment[marker] != nil

    static let canUnshare = (try? program("/usr/bin/unshare", ["-Urm", "true"]).status) == 0

    /// Runs one test of `Inside`, by the name of its function, after a shell has prepared its surroundings.
    static func run(_ test: String, unsharing: String? = nil, after preparation: String = "true") throws {
        let own = try #require(CommandLine.arguments.first)
        var command = ["\(marker)=1"]
        if let unsharing { command += ["/usr/bin/unshare", unsharing] }
        command += ["/bin/sh", "-c", "\(preparation) && exec \"$0\" \"$@\"", own]
        command += ["--testing-library", "swift-testing", "--filter", "DivergenceTests.Inside/\(test)"]
        let result = try program("/usr/bin/env", command)
        #expect(result.status == 0, "\(result.output)")
        // A filter that matches nothing passes, too.
        #expect(result.output.contains("with 1 test"), "\(result.output)")
        for line in result.output.split(separator: "\n") where line.hasPrefix("measured:") { print(line) }
    }

    static func program(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

/// What the kernel says of this process.
enum OwnCounts {
    static func descriptors() throws -> Int { try names("fd").count }

    static func threads() throws -> Int { try names("task").count }

    /// proc_pid_fdinfo(5): a line for each watch of each instance.
    static func watches() throws -> Int {
        try names("fdinfo").reduce(0) { sum, name in
            // The descriptor of the listing itself is gone by now.
            let text = (try? String(contentsOfFile: "/proc/self/fdinfo/\(name)", encoding: .utf8)) ?? ""
            return sum + text.split(separator: "\n").count { $0.hasPrefix("inotify wd:") }
        }
    }

    /// Bytes in memory.
    static func resident() throws -> Int { try number("VmRSS:", in: "/proc/self/status") * 1024 }

    struct Activity: Equatable {
        /// Of both kinds: as often as the thread was woken, at least.
        var switches: Int
        /// Nanoseconds on a processor.
        var runTime: Int
    }

    /// Of each of the packer's threads.
    static func activity() throws -> [String: Activity] {
        var found: [String: Activity] = [:]
        for task in try names("task") {
            let folder = "/proc/self/task/\(task)"
            guard let name = try? String(contentsOfFile: folder + "/comm", encoding: .utf8), name.hasPrefix("packer-")
            else { continue }
            let scheduling = try String(contentsOfFile: folder + "/schedstat", encoding: .utf8)
            found[name.trimmingCharacters(in: .newlines) + "/" + task] = Activity(
                switches: try number("voluntary_ctxt_switches:", in: folder + "/status")
                    + number("nonvoluntary_ctxt_switches:", in: folder + "/status"),
                runTime: try #require(scheduling.split(separator: " ").first.flatMap { Int($0) })
            )
        }
        return found
    }

    private static func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/" + folder)
    }

    private static func number(_ field: String, in file: String) throws -> Int {
        let line = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").first {
            $0.hasPrefix(field)
        }
        return try #require(line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
    }
}

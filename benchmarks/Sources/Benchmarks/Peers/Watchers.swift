import CFloors
import Foundation

/// A program that tells of changes, line by line.
final class LineProgram {
    let process = Process()
    private let lines = Locked<[(text: String, time: UInt64)]>([])
    private let reader: Thread

    init(_ program: String, _ arguments: [String], onError: Bool = false) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = onError ? pipe : FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        let handle = pipe.fileHandleForReading
        let lines = lines
        reader = Thread {
            var rest = Data()
            while true {
                let data = handle.availableData
                let now = floor_now()
                if data.isEmpty { return }
                rest.append(data)
                while let end = rest.firstIndex(of: 10) {
                    let text = String(decoding: rest[..<end], as: UTF8.self)
                    rest = Data(rest[(end + 1)...])
                    lines.withLock { $0.append((text, now)) }
                }
            }
        }
        try process.run()
        reader.start()
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    func clear() { lines.withLock { $0 = [] } }

    /// When the first line that is wanted came.
    func next(seconds: Double = 20, where isWanted: (String) -> Bool) throws -> UInt64 {
        let time = lines.wait(seconds: seconds) { lines in
            guard let index = lines.firstIndex(where: { isWanted($0.text) }) else { return UInt64?.none }
            defer { lines.removeFirst(index + 1) }
            return lines[index].time
        }
        guard let time else { throw BenchmarkError("\(process.executableURL?.path ?? "a program") told nothing") }
        return time
    }
}

enum Programs {
    static func find(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

/// `inotifywait -m -r`, armed when it says so.
final class InotifyWait {
    private let program: LineProgram
    static let missing = "inotifywait: apt-get install inotify-tools"

    init?(watching folder: String) throws {
        guard let path = Programs.find("inotifywait") else { return nil }
        program = try LineProgram(
            path, ["-m", "-r", "-e", "modify", "--format", "%w%f", folder], onError: true)
        _ = try program.next { $0.hasPrefix("Watches established") }
    }

    func latency(_ file: String, _ bytes: [UInt8]) throws -> Double {
        program.clear()
        let before = floor_foreign_write(file, bytes, bytes.count)
        guard before > 0 else { throw BenchmarkError("cannot write \(file)") }
        return Double(try program.next { $0 == file } - UInt64(before))
    }
}

/// A watchman server of our own, with a subscription that it keeps open.
final class Watchman {
    private let server: LineProgram
    private let client: LineProgram
    static let missing = "watchman: apt-get install watchman"

    /// - Parameter settle: milliseconds for which a tree has to be quiet before it tells; its least is 1.
    init?(watching folder: String, settle: Int, state: String) throws {
        guard let path = Programs.find("watchman") else { return nil }
        try "{\"settle\": \(settle)}".write(toFile: folder + "/.watchmanconfig", atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: folder + "/.watchmanconfig") }
        let socket = state + "/socket"
        let common = ["--sockname=\(socket)"]
        server = try LineProgram(
            path,
            common + ["--foreground", "--statefile=\(state)/state", "--logfile=\(state)/log", "--pidfile=\(state)/pid"])
        for _ in 0..<200 where !FileManager.default.fileExists(atPath: socket) { usleep(20_000) }
        // The first one walks the tree, and answers when it is watched.
        let watching = try LineProgram(path, common + ["--no-spawn", "--no-pretty", "watch", folder])
        _ = try watching.next(seconds: 60) { $0.contains("\"watcher\"") }
        let request = state + "/request"
        try "[\"subscribe\",\"\(folder)\",\"latency\",{\"fields\":[\"name\"],\"expression\":[\"type\",\"f\"]}]\n"
            .write(toFile: request, atomically: true, encoding: .utf8)
        client = try LineProgram(
            "/bin/sh",
            ["-c", "exec \"$0\" --sockname=\"$1\" --no-spawn --no-pretty -p -j <\"$2\"", path, socket, request])
        // A subscription begins with every file that there is, before its answer or behind it.
        _ = try client.next(seconds: 60) { $0.contains("\"files\"") }
    }

    func latency(_ file: String, _ bytes: [UInt8]) throws -> Double {
        // Now and then it says nothing of a write; that one has no latency.
        for _ in 0..<3 { if let seen = try? latencyOfOne(file, bytes) { return seen } }
        return try latencyOfOne(file, bytes)
    }

    private func latencyOfOne(_ file: String, _ bytes: [UInt8]) throws -> Double {
        client.clear()
        let before = floor_foreign_write(file, bytes, bytes.count)
        guard before > 0 else { throw BenchmarkError("cannot write \(file)") }
        let name = (file as NSString).lastPathComponent
        return Double(try client.next(seconds: 5) { $0.contains(name) } - UInt64(before))
    }
}

import Foundation
import PackerTestSupport

/// `crash-child editor`, which acts when it is told to and says what it did before anybody goes on.
final class EditorProcess: @unchecked Sendable {
    // Unchecked: the pipes are used by one thread at a time, the one that is held up at a fault point.
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init() throws {
        process.executableURL = URL(fileURLWithPath: try Programs.path("crash-child"))
        process.arguments = ["editor"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// - Returns: the inode of the file that it acted on; nil where there was nothing to act on.
    func act(_ edit: ForeignEdit, on path: String) -> UInt64? {
        let line = "\(edit.action) \(path) \(edit.text.replacingOccurrences(of: "\n", with: "\\n"))\n"
        input.fileHandleForWriting.write(Data(line.utf8))
        var answer: [UInt8] = []
        while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            answer.append(byte)
        }
        return String(decoding: answer, as: UTF8.self).split(separator: " ").last.flatMap { UInt64($0) }
    }
}

/// What the editor does, and with what.
struct ForeignEdit {
    static let actions = ["write", "replace", "delete", "rename", "chmod"]

    var action: String
    /// New bytes, or the mode in octal.
    var text: String

    var writes: Bool { action == "write" || action == "replace" }
}

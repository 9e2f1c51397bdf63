import Foundation
import PackerTestSupport

/// A Studio in a process of its own that was killed in the middle of its work, and what it had said until then.
struct KilledStudio {
    var wasKilled: Bool
    var submitted: [(id: String, words: [String])] = []
    var events: [EventLine] = []

    /// Kills it as soon as so many commits have been told.
    init(in path: String, afterCommits count: Int) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Programs.path("studio-child"))
        process.arguments = ["work", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var output = Data()
        var commits = 0
        let marker = Data(" operationCommitted ".utf8)
        while case let chunk = pipe.fileHandleForReading.availableData, !chunk.isEmpty {
            // One line is one write, but several may come at once.
            var searched = max(output.startIndex, output.endIndex - marker.count)
            output.append(chunk)
            while let found = output.range(of: marker, in: searched..<output.endIndex) {
                searched = found.upperBound
                commits += 1
            }
            if commits >= count { kill(process.processIdentifier, SIGKILL) }
        }
        process.waitUntilExit()
        wasKilled = process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            if let event = EventLine(line) { events.append(event) }
            let words = line.split(separator: " ").map(String.init)
            if words.first == "submitted", words.count > 3 { submitted.append((words[1], Array(words[2...]))) }
        }
    }

    /// The roots that there are after so many of the commands, beside those that were there before.
    func roots(after count: Int) -> Set<String> {
        var roots: Set<String> = []
        for command in submitted.prefix(count) {
            if command.words[0] == "relocate" { roots.remove(command.words[1]) }
            roots.insert(command.words.last ?? "")
        }
        return roots
    }

    /// How many of the commands, in their order, one after the other, lead to these roots; nil where none do.
    func commands(leadingTo roots: Set<String>) -> Int? {
        (0...submitted.count).first { self.roots(after: $0) == roots }
    }
}

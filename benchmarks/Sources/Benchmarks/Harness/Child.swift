import Foundation

/// This program again, for what needs a process of its own.
enum Child {
    static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["measure"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkError("measuring \(arguments) failed") }
        return String(decoding: data, as: UTF8.self)
    }

    static func numbers(_ text: String, _ count: Int) throws -> [Double] {
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard numbers.count == count else { throw BenchmarkError("expected \(count) numbers: \(text)") }
        return numbers
    }
}

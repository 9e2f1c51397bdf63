import ArgumentParser
import Foundation

@main
struct Benchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measures the packer against its floors and its peers, side by side in one run.",
        subcommands: [Run.self, Plot.self, Measure.self], defaultSubcommand: Run.self)
}

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures, and prints a table.",
        discussion:
            "Takes minutes; with --full, 100,000 assets and many more minutes. Nothing is installed: a peer that"
            + " is not there is named with the way to get it.")

    @Option(
        name: .long, parsing: .upToNextOption,
        help: "Which of \(Journey.allCases.map(\.rawValue).joined(separator: ", ")).")
    var journey: [Journey] = Journey.allCases
    @Option(
        name: .long, parsing: .upToNextOption, help: "How many assets; default 100 1000 10000, with --full 100000 too.")
    var size: [Int] = []
    @Flag(help: "Everything at its full size.")
    var full = false
    @Option(help: "How often each subject has its turn; default 12, with --full 30.")
    var rounds: Int?
    @Option(help: "Write the report to a file, as JSON.", completion: .file())
    var json: String?
    @Option(help: "Where projects and stores are made: the filesystem that is measured.", completion: .directory)
    var folder = NSTemporaryDirectory()

    func validate() throws {
        if size.contains(where: { $0 < 100 }) { throw ValidationError("a project has at least 100 assets here") }
        if let rounds, rounds < 1 { throw ValidationError("one round at least") }
    }

    func run() throws {
        let sizes = size.isEmpty ? [100, 1000, 10_000] + (full ? [100_000] : []) : size.sorted()
        let bench = Bench(
            scratch: try Scratch(beneath: folder), isFull: full, sizes: sizes, rounds: rounds ?? (full ? 30 : 12))
        say(Table.heading)
        for journey in journey {
            try journey.run(bench)
            // What was measured so far is not lost with the next one.
            if let json { try write(bench.report, json) }
        }
        print(Table.text(bench.report))
    }

    private func write(_ report: Report, _ path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(report).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

extension Journey: ExpressibleByArgument {}

/// What a journey runs in a process of its own.
struct Measure: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @Argument var what: String
    @Argument var path: String
    @Argument var number = 0

    func run() throws {
        switch what {
        case "idle": try IdleJourney.measure(path, seconds: number)
        case "memory":
            let empty = path + "-empty"
            try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
            try MemoryJourney.measure(path, empty: empty)
        default: throw ValidationError("nothing measures \(what)")
        }
    }
}

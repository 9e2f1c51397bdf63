import Foundation
import LinuxFiles
import Packer
import PackerTestSupport

/// One project that writer after writer works on and is killed at, with an account of every operation.
///
/// What each process said before it was killed is compared with what the next one finds: what was acknowledged stands,
/// an operation has one outcome, and one that nobody ever heard of left nothing behind.
final class KillChain {
    /// What is known of an operation. Only `handedIn` may still become something else.
    private enum Outcome: String {
        case acknowledged, refused
        case handedIn = "of a project that was given up"
        case completed = "completed by recovery"
        case takenBack = "taken back by recovery"
        case neverAccepted = "never accepted"

        var stands: Bool { self == .acknowledged || self == .completed }
    }

    struct Count: CustomStringConvertible {
        var rounds = 0
        var edits = 0
        var killed: [String: Int] = [:]
        var operations: [String: Int] = [:]

        mutating func add(_ other: Count) {
            rounds += other.rounds
            edits += other.edits
            killed.merge(other.killed, uniquingKeysWith: +)
            operations.merge(other.operations, uniquingKeysWith: +)
        }

        var kills: Int { killed.values.reduce(0, +) }

        var description: String {
            let outcomes = operations.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            return "\(rounds) rounds, \(kills) kills, \(edits) edits between, operations: "
                + outcomes.joined(separator: ", ")
        }
    }

    static let ignoreFile = "assets/.prometeu/.gitignore"

    private let table: Table
    private var random: SplitMix
    private var folder: TemporaryFolder
    private var operations: [String: (number: Int, outcome: Outcome)] = [:]
    /// A command may be on its way back for what somebody wrote. What is written on top of it then stays as well, and is
    /// no state of the table.
    private var mayGiveWay = false
    /// Operations that stand, by what was said.
    private var standing = 0
    private(set) var count = Count()
    private(set) var violations: [String] = []

    init(_ table: Table, seed: UInt64) throws {
        self.table = table
        random = SplitMix(state: seed)
        folder = try Fixtures.empty()
    }

    /// Where the next process is killed.
    enum Kill {
        /// The point "any" counts every call.
        case at(point: String, occurrence: Int)
        case after(seconds: Double)
    }

    /// One process, to its end or its kill.
    /// - Parameter shapes: as `crash-child chain` has them.
    func round(_ kill: Kill, shapes: String) async throws {
        if standing > table.count - 30 {
            try await end("the end of a project")
            try startAnew()
        }
        if random.next() % 3 == 0, !mayGiveWay { try edit() }
        var (point, occurrence, delay) = ("none", 1, Double?.none)
        switch kill {
        case .at(let name, let number): (point, occurrence) = (name, number)
        case .after(let seconds): delay = seconds
        }
        let arguments = [
            "chain", folder.path, table.path, "\(random.next() >> 1)", shapes.isEmpty ? "-" : shapes, point,
            "\(occurrence)",
        ]
        let ended = Guarded(false)
        let outcome = try Programs.run("crash-child", arguments) { process in
            guard let delay else { return }
            DispatchQueue.global().asyncAfter(deadline: .now() + delay) { [id = process.processIdentifier] in
                // Not reaped before its output ended, so that the number is still its own.
                ended.withLock { if !$0 { _ = Foundation.kill(id, SIGKILL) } }
            }
        } finished: {
            ended.withLock { $0 = true }
        }
        let label = "round \(count.rounds), \(kill), shapes \(shapes)"
        count.rounds += 1
        if outcome.isSignal {
            count.killed[point, default: 0] += 1
        } else if outcome.status != 0 {
            violations.append("\(label): it ended with \(outcome.status): \(outcome.output.suffix(400))")
        }
        absorb(outcome.lines, label)
        if shapes.contains("f") {
            mayGiveWay = true
        } else if outcome.lines.contains(where: { $0.hasPrefix("open") }) {
            mayGiveWay = false
        }
        if !outcome.isSignal, outcome.lines.last != "closed" {
            let told = outcome.lines.filter { !$0.hasPrefix("terminal") }.suffix(12)
            violations.append("\(label): \(told.joined(separator: "; "))")
        }
        if let found = try? folder.text(Self.ignoreFile), found != table.ignored {
            violations.append("\(label): the ignore file is torn: \(found)")
        }
        if violations.count > 0 {
            settle(label)
            try startAnew()
        }
    }

    /// Somebody saves the registry while no writer runs, between a kill and the recovery or between two recoveries. What
    /// somebody writes into a file that an unfinished command has made would stay, and be no state of the table.
    private func edit() throws {
        guard let file = FileHandle(forUpdatingAtPath: folder.path + "/assets/.prometeu/index.json") else { return }
        _ = try file.seekToEnd()
        try file.write(contentsOf: Data("\n".utf8))
        count.edits += 1
    }

    private func startAnew() throws {
        folder = try Fixtures.empty()
        operations = [:]
        standing = 0
        mayGiveWay = false
    }

    // MARK: What a process said

    private func absorb(_ lines: [String], _ label: String) {
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case "op": operations[words[2]] = (Int(words[1])!, .handedIn)
            case "ok": become(.acknowledged, words[2], line, label)
            case "refused": become(.refused, words[2], line, label)
            case "terminal" where words.last == "recovered":
                become(words[2] == "committed" ? .completed : .takenBack, words[1], line, label)
            case "open": opened(Int(words[1]), line, label)
            case "bad", "error": violations.append("\(label): \(line)")
            default: break
            }
        }
    }

    private func become(_ outcome: Outcome, _ id: String, _ line: String, _ label: String) {
        guard let known = operations[id] else {
            violations.append("\(label): nobody handed this in: \(line)")
            return
        }
        switch (known.outcome, outcome) {
        case (.handedIn, _):
            operations[id]?.outcome = outcome
            if outcome.stands { standing += 1 }
        // Its record was not retired yet: a consumer knows the repeat by its id.
        case (.acknowledged, .completed), (.completed, .completed), (.refused, .takenBack), (.takenBack, .takenBack):
            count.operations["told again", default: 0] += 1
        default:
            violations.append("\(label): two outcomes: \(known.number) was \(known.outcome), now \(line)")
        }
    }

    private func opened(_ index: Int?, _ line: String, _ label: String) {
        for (id, operation) in operations where operation.outcome == .handedIn {
            operations[id]?.outcome = .neverAccepted
        }
        if index != standing {
            violations.append("\(label): \(standing) operations were said to stand, and it says \(line.prefix(600))")
        }
    }

    /// Counts what became of every operation.
    private func settle(_ label: String) {
        for (_, operation) in operations { count.operations[operation.outcome.rawValue, default: 0] += 1 }
        let numbers = operations.values.filter(\.outcome.stands).map(\.number).sorted()
        if numbers != Array(0..<numbers.count) { violations.append("\(label): not each once: \(numbers)") }
    }

    /// Opens the project in this process, looks at everything, and ends the account.
    func end(_ label: String) async throws {
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        _ = try await project.refresh().result
        await project.settled()
        let (snapshot, divergences) = (project.snapshot, project.divergences.divergences)
        await project.close()
        let told = sink.events.filter { $0.isTerminal && $0.isRecovered }.map { event in
            if case .operationCommitted = event.kind { return "terminal \(event.operation!) committed recovered" }
            return "terminal \(event.operation!) failed recovered"
        }
        let index = table.keys.firstIndex(of: CrashScript.key(snapshot))
        absorb(told + ["open \(index.map(String.init) ?? "?") \(CrashScript.signature(snapshot))"], label)
        let shadow = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/assets/.prometeu/shadow")
            .filter { !$0.hasPrefix("emptied-") }
        if snapshot.access != .writable || snapshot.diagnostics != [] || divergences != [] || shadow != [] {
            violations.append(
                "\(label): \(snapshot.access), \(snapshot.diagnostics), \(divergences), left in shadow: \(shadow)")
        }
        settle(label)
        operations = [:]
    }

    /// What a project says after 0, 1, 2, … operations that nobody interrupts, also in a file for `crash-child`.
    struct Table {
        let keys: [UInt64]
        let path: String
        /// The ignore file of a project.
        let ignored: String
        private let file: TemporaryFolder

        var count: Int { keys.count }

        init(operations: Int) async throws {
            let folder = try Fixtures.empty()
            let project = try await PackerProject.open(folder)
            var keys = [CrashScript.key(project.snapshot)]
            for number in 0..<operations {
                _ = try await project.submit(CrashScript.operation(number)).result
                keys.append(CrashScript.key(project.snapshot))
            }
            await project.close()
            guard Set(keys).count == keys.count else {
                throw FixtureFailure(command: "table", output: "two operations leave the same")
            }
            self.keys = keys
            ignored = try folder.text(KillChain.ignoreFile)
            file = try TemporaryFolder()
            path = file.path + "/table"
            try file.write(keys.map { "\($0)\n" }.joined(), to: "table")
        }
    }
}

import Foundation
import LinuxFiles
import Packer
import PackerTestSupport

/// Goes on with `CrashScript` where the process before it was killed, whatever state that left, and tells every outcome.
///
///   crash-child chain PROJECT TABLE SEED SHAPES POINT N
///
/// TABLE names a file with the key of what a project says after 0, 1, 2, … operations, one a line. SHAPES are letters:
/// `f` somebody appends to the registry while a commit is at it · `h` somebody holds the registry open for writing ·
/// `d` the disk is full while a commit stages · `j` the journal is removed after the opening · `i` the ignore file is
/// removed before it.
///
/// It prints "terminal ID OUTCOME", with "recovered" behind it where recovery tells it; "open N" once N operations are
/// seen to stand; "op N ID" before an operation can reach the journal; "ok N ID" or "refused N ID CODE" before its record
/// can be retired; "bad …" for what must never be seen.
struct ChainWriter {
    private let folder: String
    private let table: [UInt64]
    private let shapes: Set<Character>
    private let faults: Faults
    private var random: SplitMix

    /// So many operations, unless it is killed before.
    private static let operations = 60
    /// Up to this operation, with room for ten more, the registry has a single segment.
    private static let oneSegment = 140

    init(_ arguments: [String]) throws {
        guard arguments.count == 6, let seed = UInt64(arguments[2]), let count = Int(arguments[5]) else {
            throw FixtureFailure(command: "chain", output: "\(arguments)")
        }
        folder = arguments[0]
        table = try String(contentsOfFile: arguments[1], encoding: .utf8).split(separator: "\n")
            .compactMap { UInt64($0) }
        shapes = Set(arguments[3])
        random = SplitMix(state: seed)
        faults = Faults(KillAt(arguments[4], count), registry: folder + "/assets/.prometeu/index.json")
    }

    mutating func run() async throws {
        let sink = TellingSink()
        if shapes.contains("i") { unlink(folder + "/assets/.prometeu/.gitignore") }
        let project = try await PackerProject.open(
            folder, options: PackerOptions(), sink: sink, disk: LinuxDisk(faults: faults))
        // Takes in what others wrote before the kill; its terminal event stands behind everything that recovery tells.
        let refreshed = try project.refresh()
        _ = try await refreshed.result
        sink.waitForEnd(of: refreshed.id)
        let start = index(project)
        say("open \(start.map(String.init) ?? "? \(CrashScript.signature(project.snapshot))")")
        guard var next = start else { return }
        if shapes.contains("j") { unlink(folder + "/assets/.prometeu/journal") }
        let end = min(next + Self.operations, table.count - 1)
        var held: FileHandle?
        while next < end {
            if shapes.contains("h"), Int.random(in: 0..<3, using: &random) == 0 {
                held = FileHandle(forUpdatingAtPath: folder + "/assets/.prometeu/index.json")
            }
            let disturbance = Disturbance.drawn(shapes, &random)
            faults.arm(disturbance, after: Int.random(in: 1...6, using: &random))
            // What is refused to one operation costs no other one: those behind it would be carried out without it,
            // where not all of them need the registry's first segment.
            let isOnlyOnes = disturbance == .fullDisk || (disturbance == .foreignEdit && next > Self.oneSegment)
            let isAlone = isOnlyOnes || Bool.random(using: &random)
            let together = isAlone ? 1 : Int.random(in: 2...10, using: &random)
            next = try await submit(next..<min(next + together, end), project)
            if disturbance != nil {
                faults.arm(nil, after: 0)
                _ = try await project.refresh().result
                guard let seen = index(project), seen == next else {
                    say("bad after a disturbance: \(String(describing: index(project))), not \(next)")
                    return
                }
            }
            if Bool.random(using: &random) { held = nil }
        }
        withExtendedLifetime(held) {}
        await project.close()
        say("closed")
    }

    /// Hands operations in side by side.
    /// - Returns: the first that was refused, or the end.
    private func submit(_ numbers: Range<Int>, _ project: PackerProject) async throws -> Int {
        let refused = Guarded(numbers.upperBound)
        var running: [PackerOperation] = []
        for number in numbers {
            // No record is written before its operation was named.
            let operation = try faults.holdingJournal {
                let operation = try project.submit(CrashScript.operation(number))
                say("op \(number) \(operation.id)")
                return operation
            }
            operation.whenEnded { result in
                // On the lane: whatever retires the record comes after it.
                switch result {
                case .success: say("ok \(number) \(operation.id)")
                case .failure(let error):
                    say("refused \(number) \(operation.id) \(error.code.rawValue)")
                    refused.withLock { $0 = min($0, number) }
                }
            }
            running.append(operation)
        }
        for operation in running { _ = try? await operation.result }
        return refused.withLock { $0 }
    }

    private func index(_ project: PackerProject) -> Int? {
        let snapshot = project.snapshot
        guard snapshot.access == .writable, snapshot.diagnostics == [] else {
            say("bad \(snapshot.access) \(snapshot.diagnostics)")
            return nil
        }
        return table.firstIndex(of: CrashScript.key(snapshot))
    }
}

/// What happens to a commit beside the kill.
private enum Disturbance {
    case foreignEdit, fullDisk

    static func drawn(_ shapes: Set<Character>, _ random: inout SplitMix) -> Disturbance? {
        guard Int.random(in: 0..<3, using: &random) == 0 else { return nil }
        if shapes.contains("f") { return .foreignEdit }
        return shapes.contains("d") ? .fullDisk : nil
    }
}

private final class Faults: FaultInjector {
    private let kill: KillAt
    private let registry: String
    private let armed = Guarded<(disturbance: Disturbance?, count: Int)>((nil, 0))
    private let journal = Guarded(())

    init(_ kill: KillAt, registry: String) {
        self.kill = kill
        self.registry = registry
    }

    func arm(_ disturbance: Disturbance?, after count: Int) { armed.withLock { $0 = (disturbance, count) } }

    func holdingJournal<Result>(_ body: () throws -> Result) rethrows -> Result {
        try journal.withLock { _ in try body() }
    }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        _ = kill.reached(point, path: path)
        if point.name == "commit.journal.append" { journal.withLock { _ in } }
        let isDue = armed.withLock { armed in
            switch (armed.disturbance, point.name) {
            case (.foreignEdit, "commit.swap.rename"), (.fullDisk, "commit.stage.write"):
                armed.count -= 1
                return armed.count == 0
            default: return false
            }
        }
        guard isDue else { return .proceed }
        if point.name == "commit.stage.write" { return .fail(ENOSPC) }
        if let file = FileHandle(forUpdatingAtPath: registry) {
            _ = try? file.seekToEnd()
            try? file.write(contentsOf: Data("\n".utf8))
        }
        return .proceed
    }
}

/// Prints how each operation ended.
private final class TellingSink: PackerEventSink {
    private let ended = Guarded(Set<OperationID>())

    func publish(_ event: PackerEvent) {
        guard event.isTerminal, let operation = event.operation else { return }
        var outcome = "failed"
        if case .operationCommitted = event.kind { outcome = "committed" }
        say("terminal \(operation) \(outcome)\(event.isRecovered ? " recovered" : "")")
        ended.signal { _ = $0.insert(operation) }
    }

    func waitForEnd(of operation: OperationID) { ended.wait { $0.contains(operation) ? () : nil } }
}

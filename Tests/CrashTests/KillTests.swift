import CommitDirectory
import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("A writer that is killed")
struct KillTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["KILL_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1_000_000)
    /// Processes that are started for kills at any moment; those at the fault points come on top, in the same measure.
    private static let rounds = environment["KILL_ROUNDS"].flatMap(Int.init) ?? usual
    private static let usual = 480
    private static let points =
        // Reading a journal that another process writes changes nothing.
        CommitPoint.allCases.map(\.rawValue).filter { !$0.hasPrefix("commit.follow.") }
        + ["packer.trash.remove", "packer.open.workspace"]

    /// What has to happen for a point to be reached.
    private static func shapes(for point: String) -> String {
        switch point {
        case "commit.stage.discard": "d"
        // A journal is filled where there is none.
        case "commit.journal.fill": "j"
        // More is written where nobody has said yet what version control is to pass by.
        case "packer.open.workspace": ["", "i", "i"].randomElement()!
        case let point where point.hasPrefix("commit.undo."): "f"
        case let point where point.hasPrefix("commit.keep."): "h"
        default: ["", "f", "h", "d"].randomElement()!
        }
    }

    @Test("leaves all or nothing of every command, wherever in the commit it is killed")
    func atPoint() async throws {
        let table = try await KillChain.Table(operations: 200)
        let each = max(6, Self.rounds / 80)
        let (count, violations) = try await Self.sideBySide { lane in
            let chain = try KillChain(table, seed: Self.seed &+ UInt64(lane))
            for (index, point) in Self.points.enumerated() where index % 2 == lane {
                for number in 0..<each {
                    // Something for the next process to recover.
                    let isPrepared = number % 2 == 1
                    if isPrepared { try await chain.round(.at(point: "commit.verify.look", occurrence: 9), shapes: "") }
                    let most = isPrepared || point == "packer.open.workspace" ? 8 : 30
                    let occurrence = number < 2 ? 1 : Int.random(in: 1...most)
                    try await chain.round(.at(point: point, occurrence: occurrence), shapes: Self.shapes(for: point))
                }
            }
            try await chain.end("the end")
            return chain
        }
        print("killed at each of \(Self.points.count) points: \(count), seed \(Self.seed)")
        for violation in violations { Issue.record("\(violation); seed \(Self.seed)") }
        let missed = Self.points.filter { count.killed[$0] == nil }
        #expect(missed == [], "no process came as far as these to be killed there")
    }

    @Test("leaves a workspace that opens and takes commands, and nothing else, wherever the making of it is killed")
    func making() async throws {
        let table = try await KillChain.Table(operations: 3)
        var call = 0
        var isKilled = true
        while isKilled {
            call += 1
            let folder = try TemporaryFolder()
            isKilled = try Programs.run("crash-child", [folder.path, "0", "packer.open.workspace", "\(call)"]).isSignal
            let again = try Programs.run("crash-child", [folder.path, "3"])
            #expect(again.lines == ["open", "ok 0", "ok 1", "ok 2", "closed"], "call \(call)")
            let project = try await PackerProject.open(folder)
            #expect(table.keys.last == CrashScript.key(project.snapshot), "call \(call)")
            #expect(project.snapshot.diagnostics == [] && project.conflicts == [], "call \(call)")
            await project.close()
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/assets/.prometeu")
            #expect(left.sorted() == [".gitignore", "index.json", "journal", "shadow"], "call \(call)")
            #expect(try folder.text(KillChain.ignoreFile) == table.ignored, "call \(call)")
        }
        #expect(call > 15)
    }

    @Test("leaves all or nothing when it is killed at any moment")
    func atRandom() async throws {
        let table = try await KillChain.Table(operations: 300)
        let (count, violations) = try await Self.sideBySide { lane in
            var random = SplitMix(state: Self.seed &+ 100 &+ UInt64(lane))
            let chain = try KillChain(table, seed: random.next())
            for round in 0..<Self.rounds / 2 {
                let kill: KillChain.Kill =
                    round % 3 == 0
                    ? .after(seconds: Double.random(in: 0.01...0.25, using: &random))
                    // Up to the end of an opening, or far into the work.
                    : .at(point: "any", occurrence: Int.random(in: 1...(round % 3 == 1 ? 150 : 3000), using: &random))
                let shapes = ["", "f", "h", "d", "fh", "j"].randomElement(using: &random)!
                try await chain.round(kill, shapes: shapes)
            }
            try await chain.end("the end")
            return chain
        }
        print("killed at any moment: \(count), seed \(Self.seed)")
        for violation in violations { Issue.record("\(violation); seed \(Self.seed)") }
        #expect(count.kills > Self.rounds * 3 / 5, "only \(count.kills) were killed")
    }

    /// Two chains, each on a thread that may block.
    private static func sideBySide(
        _ body: @escaping @Sendable (Int) async throws -> sending KillChain
    ) async throws -> (KillChain.Count, [String]) {
        try await withThrowingTaskGroup(of: (KillChain.Count, [String]).self) { group in
            for lane in 0..<2 {
                group.addTask {
                    let chain = try await body(lane)
                    return (chain.count, chain.violations)
                }
            }
            var (count, violations) = (KillChain.Count(), [String]())
            for try await (other, found) in group {
                count.add(other)
                violations += found
            }
            return (count, violations)
        }
    }
}

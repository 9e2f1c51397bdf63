import CommitDirectory
import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("A writer that is killed")
struct KillTests {
    /// What a project says after 0, 1, 2, … operations of the script that nobody interrupts.
    private static func signatures(_ count: Int) async throws -> [[String]] {
        let folder = try Fixtures.empty()
        let project = try await PackerProject.open(folder)
        var signatures = [CrashScript.signature(project.snapshot)]
        for number in 0..<count {
            _ = try await project.submit(CrashScript.operation(number)).result
            signatures.append(CrashScript.signature(project.snapshot))
        }
        await project.close()
        return signatures
    }

    /// Checks what a killed writer left behind: everything that it acknowledged, and the next one whole or not at all.
    private func check(
        _ folder: TemporaryFolder, _ output: Programs.Outcome, _ signatures: [[String]], _ label: Comment
    ) async throws {
        let acknowledged = output.lines.filter { $0.hasPrefix("ok") }.count
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        let snapshot = project.snapshot
        #expect(snapshot.access == .writable, label)
        #expect(snapshot.diagnostics == [], label)
        let signature = CrashScript.signature(snapshot)
        let wanted = signatures[acknowledged...].prefix(2)
        #expect(wanted.contains(signature), "\(label): after \(acknowledged) operations it says \(signature)")
        await project.settled()
        #expect(project.divergences.divergences == [], label)
        _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "after/crash"), type: .data))).result
        await project.close()
        let staged = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/assets/.prometeu/shadow")
        #expect(staged.filter { !$0.hasPrefix("emptied-") } == [], label)
        // Each operation that recovery speaks of ends once, marked, under the id that it had.
        let own = sink.events.first { if case .operationQueued = $0.kind { true } else { false } }
        let terminal = sink.events.filter { $0.isTerminal && $0.sequence < (own?.sequence ?? .max) }
        #expect(terminal.allSatisfy { $0.isRecovered && $0.operation != nil }, label)
        #expect(Set(terminal.map(\.operation)).count == terminal.count, label)
    }

    @Test(
        "leaves all or nothing of every command, wherever in the commit it is killed", arguments: CommitPoint.allCases)
    func atPoint(_ point: CommitPoint) async throws {
        let count = 20
        let signatures = try await Self.signatures(count)
        for occurrence in [1, 2, 5, 14] {
            let folder = try Fixtures.empty()
            let outcome = try Programs.run("crash-child", [folder.path, "\(count)", point.rawValue, "\(occurrence)"])
            #expect(outcome.isSignal || outcome.lines.last == "closed", "\(point.rawValue) \(outcome.output)")
            try await check(
                folder, outcome, signatures, "killed at \(point.rawValue), occurrence \(occurrence)")
        }
    }

    @Test("leaves all or nothing when it is killed at any moment")
    func atRandom() async throws {
        let signatures = try await Self.signatures(400)
        for round in 0..<12 {
            let project = try Fixtures.empty()
            let delay = Double.random(in: 0...0.12)
            let outcome = try Programs.run("crash-child", [project.path, "400"]) { process in
                let id = process.processIdentifier
                DispatchQueue.global().asyncAfter(deadline: .now() + 0.05 + delay) { kill(id, SIGKILL) }
            }
            #expect(outcome.isSignal)
            try await check(project, outcome, signatures, "round \(round), killed after \(delay) s")
        }
    }
}

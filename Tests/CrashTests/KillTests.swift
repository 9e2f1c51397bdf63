import CommitDirectory
import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("A writer that is killed")
struct KillTests {
    /// Checks what a killed writer left behind: all or nothing, and everything that it acknowledged.
    private func check(_ folder: TemporaryFolder, acknowledged: [String], _ label: Comment) async throws {
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        let snapshot = project.snapshot
        #expect(snapshot.access == .writable, label)
        #expect(snapshot.allDiagnostics == [], label)
        var expected = Set<String>()
        for line in acknowledged {
            let words = line.split(separator: " ").map(String.init)
            if words[1] == "create" {
                expected.insert(words[2])
            } else {
                expected.remove(words[2])
                expected.insert(words[3])
            }
        }
        let roots = Set(snapshot.list(limit: 10_000).assets.map(\.root.path))
        // The one command under way may have been committed without being told.
        let surplus = roots.subtracting(expected)
        let lost = expected.subtracting(roots)
        #expect(surplus.count <= 1, label)
        #expect(lost.isEmpty || (lost.count == 1 && surplus.first?.hasPrefix("moved/") == true), label)
        await project.settled()
        #expect(project.divergences.divergences == [], label)
        let staged = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/assets/.prometeu/shadow")
        #expect(staged == [], label)
        _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "after/crash"), type: .data))).result
        await project.close()
    }

    @Test(
        "leaves all or nothing of every command, wherever in the commit it is killed", arguments: CommitPoint.allCases)
    func atPoint(_ point: CommitPoint) async throws {
        for occurrence in [1, 2, 5] {
            let folder = try Fixtures.empty()
            let outcome = try Programs.run("crash-child", [folder.path, "4", point.rawValue, "\(occurrence)"])
            #expect(outcome.isSignal || outcome.lines.last == "closed", "\(point.rawValue) \(outcome.output)")
            let acknowledged = outcome.lines.filter { $0.hasPrefix("ok") }
            try await check(folder, acknowledged: acknowledged, "killed at \(point.rawValue), occurrence \(occurrence)")
        }
    }

    @Test("leaves all or nothing when it is killed at any moment")
    func atRandom() async throws {
        for round in 0..<12 {
            let project = try Fixtures.empty()
            let delay = Double.random(in: 0...0.12)
            let outcome = try Programs.run("crash-child", [project.path, "100000"]) { process in
                let id = process.processIdentifier
                DispatchQueue.global().asyncAfter(deadline: .now() + 0.05 + delay) { kill(id, SIGKILL) }
            }
            #expect(outcome.isSignal)
            let acknowledged = outcome.lines.filter { $0.hasPrefix("ok") }
            try await check(project, acknowledged: acknowledged, "round \(round), killed after \(delay) s")
        }
    }
}

import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("A folder that becomes a link to somewhere else under our hands")
struct SymlinkSwapTests {
    /// Every call where the variable says so, else every so many-th.
    private static func numbers(upTo count: Int) -> [Int] {
        if ProcessInfo.processInfo.environment["HOSTILE_EVERY_CALL"] != nil { return Array(0..<count) }
        let step = max(1, count / 12)
        return Array(stride(from: 0, to: count, by: step))
    }

    private static func swap(_ place: String, in project: HostileProject) -> @Sendable () -> Void {
        let (path, outside) = (project.path(place), project.folder.path + "/outside")
        return {
            rename(path, path + "-aside")
            symlink(outside, path)
        }
    }

    @Test(
        "swapped during a scan, it is never followed, whichever call it comes before",
        arguments: ["group", "group/victim", "other", ".prometeu", ".prometeu/shadow"]
    )
    func scan(_ place: String) async throws {
        let isScan: @Sendable (FaultPoint) -> Bool = { $0.name.hasPrefix("packer.scan") }
        let counting = ActAt(-1, where: isScan) {}
        await (try HostileProject().open(faults: counting)).close()
        #expect(counting.count > 20)
        for number in Self.numbers(upTo: counting.count) {
            let hostile = try await HostileProject()
            let faults = ActAt(number, where: isScan, Self.swap(place, in: hostile))
            let project = try await hostile.open(faults: faults)
            hostile.expectNothingOutside(project.snapshot, "before call \(number)")
            await project.settled()
            _ = try await project.refresh().result
            hostile.expectNothingOutside(project.snapshot, "refreshed, before call \(number)")
            if !place.hasPrefix(".") {
                let told = project.snapshot.allDiagnostics.map(Told.init).filter { $0.code == "entry.symlink" }
                #expect(told == [Told(.entrySymlink, place)], "before call \(number)")
            }
            await project.close()
            hostile.expectNothingOutside(nil, "closed, before call \(number)")
        }
    }

    @Test(
        "swapped during a commit, nothing is read or written through it, whichever call it comes before",
        arguments: ["group", "group/victim", "other", ".prometeu", ".prometeu/shadow"]
    )
    func commit(_ place: String) async throws {
        let isCommit: @Sendable (FaultPoint) -> Bool = { point in
            let atOpening = ["commit.open", "commit.journal.open", "commit.journal.fill", "commit.journal.header"]
            return ["commit.", "packer.check", "packer.adopt"].contains { point.name.hasPrefix($0) }
                && !atOpening.contains { point.name.hasPrefix($0) }
        }
        func change(_ hostile: HostileProject, _ project: PackerProject) async throws -> Bool {
            let operation = try project.submit([
                .update(.root(hostile.victim), [.name("Ours")]),
                .create(NewAsset(root: AssetRoot(validating: "group/fresh"), type: .data)),
                .relocate(.root(hostile.other), to: AssetRoot(validating: "group/moved")),
            ])
            do throws(PackerError) {
                _ = try await operation.result
                return true
            } catch {
                #expect(!error.remedy.isEmpty && !error.message.isEmpty)
                return false
            }
        }
        let counting = ActAt(-1, where: isCommit) {}
        let hostile = try await HostileProject()
        let project = try await hostile.open(faults: counting)
        #expect(try await change(hostile, project))
        await project.close()
        #expect(counting.count > 40)
        var outcomes: [Bool: Int] = [:]
        for number in Self.numbers(upTo: counting.count) {
            let hostile = try await HostileProject()
            let faults = ActAt(number, where: isCommit, Self.swap(place, in: hostile))
            var isDone = false
            do {
                let project = try await hostile.open(faults: faults)
                isDone = try await change(hostile, project)
                hostile.expectNothingOutside(project.snapshot, "before call \(number)")
                await project.close()
            } catch let error as PackerError {
                // A few of the calls are the opening's.
                #expect(place == ".prometeu" && !error.remedy.isEmpty && !error.paths.isEmpty, "before call \(number)")
            }
            outcomes[isDone, default: 0] += 1
            hostile.expectNothingOutside(nil, "closed, before call \(number)")
            // Put right again, the next opening shows all of it or none of it.
            let path = hostile.path(place)
            if (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil {
                unlink(path)
                if rename(path + "-aside", path) != 0 { continue }
            }
            let again = try await hostile.open()
            hostile.expectNothingOutside(again.snapshot, "opened again, before call \(number)")
            let hasFresh = again.snapshot.asset(at: try AssetRoot(validating: "group/fresh")) != nil
            let name = again.snapshot.asset(at: hostile.victim)?.name
            #expect(hasFresh == isDone, "before call \(number)")
            #expect(name == (isDone ? "Ours" : "victim"), "before call \(number)")
            await again.close()
        }
        print("\(place) swapped before \(outcomes.values.reduce(0, +)) calls of a commit: \(outcomes[true] ?? 0) done")
    }
}

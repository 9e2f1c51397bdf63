import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Another process acts on the files of a transaction while the writer is held up at a fault point, and goes on only
/// when that process has said that it is done.
@Suite("An editor in another process")
struct ForeignProcessTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["EDITOR_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1_000_000)
    /// How many edits each of the two tests makes; at least each action at each point is made.
    private static let rounds = environment["EDITOR_ROUNDS"].flatMap(Int.init) ?? 0

    @Test("loses nothing of what it does at any fault point of a commit, and every last byte is found")
    func duringCommit() async throws {
        let start = try await EditedProject.contents()
        let calls = try await Self.calls { disk in
            try await Self.commit(EditedProject.make(start), disk, whileClosing: {})
        }
        var random = SplitMix(state: Self.seed)
        let (editor, account) = (try EditorProcess(), Account())
        for (number, plan) in Self.plans(calls, &random).enumerated() {
            let folder = try EditedProject.make(start)
            let edit = plan.edit(number, start)
            let pause = PauseAt(plan.call) { editor.act(edit, on: folder.path + "/assets/" + plan.place) }
            let sink = EventRecorder()
            let failure = try await Self.commit(folder, pause, sink) { pause.disarm() }
            try await account.close(plan, edit, pause, folder, sink, failure)
        }
        account.report("while a transaction was committed", calls.count, Self.seed)
    }

    @Test("loses nothing of what it does at any fault point of a recovery, and every last byte is found")
    func duringRecovery() async throws {
        let start = try await EditedProject.contents()
        var random = SplitMix(state: Self.seed &+ 1)
        let (editor, account) = (try EditorProcess(), Account())
        // Before anything is swapped, in the middle, before the verification of the last step, and after all of it.
        let kills = [
            ("commit.swap.rename", 1), ("commit.swap.rename", 4), ("commit.verify.read", 2),
            ("commit.checkpoint.flush", 1), ("commit.checkpoint.lease", 1),
        ]
        var seen = 0
        for (index, kill) in kills.enumerated() {
            func killed() throws -> TemporaryFolder {
                let folder = try EditedProject.make(start)
                let outcome = try Programs.run("crash-child", ["edited", folder.path, kill.0, "\(kill.1)"])
                #expect(outcome.isSignal, "\(kill): \(outcome.output)")
                return folder
            }
            let calls = try await Self.calls { pause in try await Self.recover(killed(), pause, EventRecorder()) }
            seen += calls.count
            let plans = Self.plans(calls, &random).enumerated().filter {
                Self.rounds > 0 || $0.offset % kills.count == index
            }
            for (number, plan) in plans {
                let folder = try killed()
                let edit = plan.edit(number, start)
                let pause = PauseAt(plan.call) { editor.act(edit, on: folder.path + "/assets/" + plan.place) }
                let sink = EventRecorder()
                let failure = try await Self.recover(folder, pause, sink)
                try await account.close(plan, edit, pause, folder, sink, failure, killedAt: "\(kill)")
            }
        }
        account.report("while a killed transaction was recovered", seen, Self.seed)
    }

    // MARK: What is disturbed

    /// Every place where the writer can be held up, in the order in which it comes there.
    private static func calls(_ run: (PauseAt) async throws -> PackerError?) async throws -> [Call] {
        let pause = PauseAt(nil) { nil }
        if let failure = try await run(pause) { throw failure }
        return pause.calls
    }

    private static func commit(
        _ folder: TemporaryFolder, _ pause: PauseAt, _ sink: EventRecorder = EventRecorder(),
        whileClosing: () -> Void
    ) async throws -> PackerError? {
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: sink, disk: LinuxDisk(faults: pause))
        pause.arm()
        let transaction = try EditedProject.transaction()
        var failure: PackerError?
        do throws(PackerError) {
            _ = try await project.submit(transaction).result
        } catch {
            failure = error
        }
        await project.close()
        whileClosing()
        return failure
    }

    private static func recover(
        _ folder: TemporaryFolder, _ pause: PauseAt, _ sink: EventRecorder
    ) async throws -> PackerError? {
        pause.arm()
        do throws(PackerError) {
            let project = try await PackerProject.open(
                folder.path, options: PackerOptions(settleTime: .zero), sink: sink, disk: LinuxDisk(faults: pause))
            pause.disarm()
            await project.close()
            return nil
        } catch {
            // It was disturbed: the next opening sees what stands there now.
            return error
        }
    }

    private static func plans(_ calls: [Call], _ random: inout SplitMix) -> [Plan] {
        let places = EditedProject.places.indices
        var plans: [Plan] = []
        for point in Set(calls.map(\.point)).sorted() {
            let there = calls.filter { $0.point == point }
            for action in ForeignEdit.actions {
                // The files that are exchanged stand at stake most.
                let isExchanged = Bool.random(using: &random)
                let file = isExchanged ? Int.random(in: 0...1, using: &random) : places.randomElement(using: &random)!
                plans.append(Plan(call: there.randomElement(using: &random)!, action: action, file: file))
            }
        }
        while plans.count < rounds {
            plans.append(
                Plan(
                    call: calls.randomElement(using: &random)!,
                    action: ForeignEdit.actions.randomElement(using: &random)!,
                    file: places.randomElement(using: &random)!))
        }
        return plans
    }
}

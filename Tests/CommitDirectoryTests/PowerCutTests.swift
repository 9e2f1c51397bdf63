import Foundation
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("A crash at every call, on a modelled disk")
struct PowerCutTests {
    /// A run can be repeated, and made longer, from outside.
    private static let seed =
        ProcessInfo.processInfo.environment["POWER_CUT_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1_000_000)
    private static let recoveries =
        ProcessInfo.processInfo.environment["POWER_CUT_RECOVERIES"].flatMap(Int.init) ?? 400

    private static func explore(
        _ workload: Workload,
        _ crash: Exploration.Crash,
        flushesLastFirst: Bool = false
    ) throws {
        var exploration = Exploration(workload, crash, seed: seed)
        exploration.limits.recoveries = recoveries
        exploration.limits.depth = 3
        exploration.flushesLastFirst = flushesLastFirst
        try exploration.run()
        print(
            "\(workload.name), \(crash): \(exploration.distinct.count) distinct states, "
                + "\(exploration.recoveries) recoveries, seed \(seed)"
        )
        for violation in exploration.violations { Issue.record("\(violation); seed \(seed)") }
        #expect(exploration.distinct.count > 100)
    }

    /// Parts of the protocol that a broken build leaves out, and a workload that needs them.
    enum Mistake: String, CaseIterable, Sendable {
        case noJournalFlush, noStagedFlush, noFlushOfSlotNames, noParentFlush, noFlushAtOpen, noHeaderFlush
        case noFlushAfterUndo, noFlushOfRestaged, noBarrier, noBarrierOfUndo

        /// The ones that may notice it, quickest first.
        var workloads: [Workload] {
            switch self {
            case .noBarrier, .noBarrierOfUndo: Workload.ordered.reversed()
            default: Workload.all
            }
        }

        func drops(_ call: DiskCall) -> Bool {
            guard call.name == .flush else { return false }
            let point = call.point
            return switch self {
            case .noJournalFlush: point == CommitPoint.journalFlush.fault
            case .noStagedFlush: point == CommitPoint.stageFlush.fault
            case .noFlushOfSlotNames: point == CommitPoint.stageFlush.fault && call.path == "shadow"
            case .noParentFlush: point == CommitPoint.checkpointFlush.fault
            case .noFlushAtOpen: point == CommitPoint.openFlush.fault
            case .noHeaderFlush: point == CommitPoint.journalHeader.fault
            case .noBarrier: point == CommitPoint.swapFlush.fault
            case .noBarrierOfUndo: point == CommitPoint.undoFlush.fault
            case .noFlushAfterUndo: point == CommitPoint.undoRename.fault
            case .noFlushOfRestaged:
                point == CommitPoint.stageFlush.fault && call.path.bytes.starts(with: "00000001".utf8)
            }
        }
    }

    @Test("a build that leaves a flush out is caught", arguments: Mistake.allCases)
    func caught(_ mistake: Mistake) throws {
        var found: [String] = []
        for crash in [Exploration.Crash.cut(.weak), .cut(.ordered)] where found.isEmpty {
            for workload in mistake.workloads where found.isEmpty {
                // Always the same: what is proved is that the exploration can fail.
                var exploration = Exploration(workload, crash, seed: 1)
                exploration.limits.recoveries = 1500
                exploration.limits.stopsAtFirst = true
                exploration.mutation = { mistake.drops($0) ? .swallow : .proceed }
                try exploration.run()
                if let violation = exploration.violations.first {
                    found.append(violation)
                    print(
                        "\(mistake) caught by \(workload.name), \(crash), after \(exploration.recoveries): \(violation)"
                    )
                }
            }
        }
        #expect(!found.isEmpty, "nothing noticed it")
    }

    @Test("a killed process leaves every group before or after, and what was acknowledged", arguments: Workload.all)
    func killed(_ workload: Workload) throws { try Self.explore(workload, .kill) }

    @Test(
        "a power cut on a disk that orders names leaves every group before or after",
        arguments: Workload.all,
        [false, true]
    )
    func ordered(_ workload: Workload, flushesLastFirst: Bool) throws {
        try Self.explore(workload, .cut(.ordered), flushesLastFirst: flushesLastFirst)
    }

    @Test(
        "a power cut on a disk that orders nothing leaves every group before or after",
        arguments: Workload.all,
        [false, true]
    )
    func weak(_ workload: Workload, flushesLastFirst: Bool) throws {
        try Self.explore(workload, .cut(.weak), flushesLastFirst: flushesLastFirst)
    }
}

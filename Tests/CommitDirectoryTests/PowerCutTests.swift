import Foundation
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("A crash at every call, on a modelled disk")
struct PowerCutTests {
    /// A run can be repeated, and made longer, from outside.
    private static let seed =
        ProcessInfo.processInfo.environment["POWER_CUT_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1_000_000)
    /// How many each exploration runs, each of another state: eleven workloads, four explorations of cuts and a quarter
    /// as much for each of the others make more than 100,000.
    private static let usual = 2400
    private static let cuts =
        ProcessInfo.processInfo.environment["POWER_CUT_RECOVERIES"].flatMap(Int.init) ?? usual

    private static let total = Guarded(0)

    private static func share(_ crash: Exploration.Crash, of cuts: Int) -> Int {
        if case .cut = crash { cuts } else { cuts / 4 }
    }

    private static func explore(_ workload: Workload, _ crashes: [(crash: Exploration.Crash, isReversed: Bool)]) {
        let states = Exploration.States([])
        let found = Guarded((recoveries: [String](), violations: [String]()))
        DispatchQueue.concurrentPerform(iterations: crashes.count) { index in
            let (crash, isReversed) = crashes[index]
            var exploration = Exploration(workload, crash, seed: seed, states: states)
            exploration.limits.recoveries = share(crash, of: cuts)
            exploration.limits.depth = 3
            exploration.flushesLastFirst = isReversed
            do {
                try exploration.run()
            } catch {
                found.withLock { $0.violations.append("it could not run: \(error)") }
            }
            let (recoveries, violations) = (exploration.recoveries, exploration.violations)
            found.withLock {
                $0.recoveries.append("\(recoveries) \(crash)")
                $0.violations += violations
            }
        }
        let count = states.withLock { $0.count }
        let sum = total.withLock {
            // Images that were counted already.
            $0 += crashes.contains { $0.crash == .killElsewhere } ? 0 : count
            return $0
        }
        let (recoveries, violations) = found.withLock { $0 }
        print(
            "\(workload.name): \(count) distinct states (\(recoveries.sorted().joined(separator: ", "))), "
                + "\(sum) in total so far, seed \(seed)"
        )
        for violation in violations { Issue.record("\(violation); seed \(seed)") }
        // A longer run may come to the end of what there is.
        let wanted = crashes.reduce(0) { $0 + share($1.crash, of: min(cuts, usual)) }
        #expect(count >= wanted * 95 / 100, "only \(count) distinct states of \(wanted)")
    }

    /// Parts of the protocol that a broken build leaves out, and a workload that needs them.
    enum Mistake: String, CaseIterable, Sendable {
        case noJournalFlush, noStagedFlush, noFlushOfSlotNames, noParentFlush, noFlushAtOpen, noHeaderFlush
        case noFlushAfterUndo, noFlushOfRestaged, noBarrier, noBarrierOfUndo
        /// Every mount looks like the one that the journal speaks of.
        case noMountNumber

        /// The ones that may notice it, quickest first.
        var workloads: [Workload] {
            switch self {
            case .noBarrier, .noBarrierOfUndo: Workload.ordered.reversed()
            case .noFlushAfterUndo: [.conflict, .movesTakenBack]
            default: Workload.all
            }
        }

        var crashes: [Exploration.Crash] {
            self == .noMountNumber ? [.pulled(.weak), .pulled(.ordered)] : [.cut(.weak), .cut(.ordered)]
        }

        func drops(_ call: DiskCall) -> Bool {
            if self == .noMountNumber { return call.name == .mount }
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
            case .noMountNumber: false
            case .noFlushOfRestaged:
                point == CommitPoint.stageFlush.fault && call.path.bytes.starts(with: "00000001".utf8)
            }
        }
    }

    @Test(
        "a build that leaves a flush out, or does not ask which mount it is on, is caught", arguments: Mistake.allCases)
    func caught(_ mistake: Mistake) throws {
        var found: [String] = []
        // Always the same ones: what is proved is that the exploration can fail.
        for seed in 2...5 as ClosedRange<UInt64> where found.isEmpty {
            for crash in mistake.crashes where found.isEmpty {
                for workload in mistake.workloads where found.isEmpty {
                    var exploration = Exploration(workload, crash, seed: seed)
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
        }
        #expect(!found.isEmpty, "nothing noticed it")
    }

    @Test("a killed process leaves every group before or after, and what was acknowledged", arguments: Workload.all)
    func killed(_ workload: Workload) {
        Self.explore(workload, [(.kill, false)])
        // The same images, judged without the knowledge that nothing was forgotten.
        Self.explore(workload, [(.killElsewhere, false)])
    }

    @Test(
        "a power cut leaves every group before or after, on a disk that orders names and on one that orders nothing",
        arguments: Workload.all
    )
    func cut(_ workload: Workload) {
        Self.explore(
            workload,
            [
                (.cut(.ordered), false), (.cut(.ordered), true), (.cut(.weak), false), (.cut(.weak), true),
                (.pulled(.ordered), false), (.pulled(.weak), true),
            ]
        )
    }
}

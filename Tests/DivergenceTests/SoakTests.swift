import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// The soak: writers of every kind, our own commits and refreshes and forced overflows between them; at each quiet
/// point the flags have to be a diff from scratch.
///
/// `PACKER_SOAK_SECONDS` says how long (20 unless told), `PACKER_SOAK_SEED` repeats a run's choices: the order in
/// which the writers meet is the scheduler's, their operations are the seed's. Filesystems are mounted and unmounted
/// where namespaces can be had: the run has mounts of its own then.
@Suite("Soak", .serialized)
struct SoakTests {
    @Test(
        "several writers, our own commits, refreshes and overflows: at each quiet point the flags are a diff from scratch"
    )
    func soak() throws { try OwnProcess.run("soak", unsharing: OwnProcess.canUnshare ? "-Urm" : nil) }
}

enum Soak {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["PACKER_SOAK_SECONDS"].flatMap(UInt64.init) ?? 20
    private static let seed = environment["PACKER_SOAK_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)

    static func run() async throws {
        let seed = Self.seed
        var random = SplitMix(state: seed)
        var counts = SoakCounts()
        let folder = try Fixtures.game()
        let hold = HoldMonitor()
        let bench = try await Bench.open(folder, disk: LinuxDisk(faults: hold))
        let end = MonotonicClock.now() + Self.seconds * 1_000_000_000
        let original = try SoakWriter.copy(of: folder)
        let mounts = OwnProcess.canUnshare ? SoakMounts(assets: bench.assets) : nil
        while MonotonicClock.now() < end {
            counts.rounds += 1
            let round = UInt64(counts.rounds)
            let hasRefresh = Int.random(in: 0..<4, using: &random) == 0
            let overflows = Int.random(in: 0..<12, using: &random) == 0
            if overflows {
                // The monitor's thread is held while the kernel's queue fills and events are dropped.
                try await hold.hold(bench)
                counts.overflows += 1
            }
            let writers = (0..<3).map { number in
                SoakWriter(
                    assets: bench.assets, original: original, seed: seed &* 1_000_003 &+ round &* 31 &+ UInt64(number),
                    steps: Int.random(in: 1...60, using: &random), floods: overflows && number == 0,
                    mounts: mounts
                )
            }
            let threads = writers.map { writer in DedicatedThread(name: "soak-writer") { writer.run() } }
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                if await Self.commit(bench, &random) { counts.commits += 1 } else { counts.refusals += 1 }
            }
            if hasRefresh, !overflows {
                _ = try await bench.project.refresh().result
                bench.forgetInputs()
                counts.refreshes += 1
            }
            for thread in threads { thread.join() }
            hold.release()
            counts.operations += writers.reduce(0) { $0 + $1.done }
            counts.flags += await bench.check("seed \(seed), round \(round)", coverage: ["complete", "degraded"])
            if Int.random(in: 0..<3, using: &random) == 0 {
                if Int.random(in: 0..<2, using: &random) == 0 {
                    mounts?.removeAll()
                    // Taken back: the tree as it was, by another program.
                    try SoakWriter.restore(original, to: folder)
                    counts.flags += await bench.check(
                        "seed \(seed), round \(round), restored", coverage: ["complete", "degraded"])
                }
                _ = try await bench.project.refresh().result
                await bench.rebase()
                let left = await bench.check(
                    "seed \(seed), round \(round), refreshed", coverage: ["complete", "degraded"])
                #expect(left == 0, "seed \(seed), round \(round)")
                counts.refreshes += 1
            }
        }
        mounts?.removeAll()
        await bench.close()
        counts.mounts = mounts?.count ?? 0
        print("measured: soak: seed \(seed), \(counts)")
        #expect(counts.operations > 0 && counts.flags > 0 && counts.commits > 0)
    }

    /// One command, which may be refused where others have been.
    private static func commit(_ bench: Bench, _ random: inout SplitMix) async -> Bool {
        let snapshot = bench.project.snapshot
        let groups = ["own", "own/b", "tiles", "data", "wild"]
        let name = "\(groups.randomElement(using: &random) ?? "own")/own-\(Int.random(in: 0..<1000, using: &random))"
        do {
            let root = try AssetRoot(validating: name)
            let mutation: Mutation
            let others = snapshot.list(limit: 100).assets
            if Bool.random(using: &random), let asset = others.randomElement(using: &random) {
                mutation = .relocate(.root(asset.root), to: root)
            } else {
                mutation = .create(NewAsset(root: root, type: .data))
            }
            _ = try await bench.project.submit(mutation).result
            return true
        } catch {
            return false
        }
    }
}

struct SoakCounts: CustomStringConvertible {
    var rounds = 0
    var operations = 0
    var commits = 0
    var refusals = 0
    var refreshes = 0
    var overflows = 0
    var mounts = 0
    var flags = 0

    var description: String {
        "\(rounds) quiet points, \(operations) foreign operations, \(commits) commits (\(refusals) refused), "
            + "\(refreshes) refreshes, \(overflows) overflows, \(mounts) mounts, \(flags) flags compared"
    }
}

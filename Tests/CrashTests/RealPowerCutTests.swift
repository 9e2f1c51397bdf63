import CommitDirectory
import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Every write and flush that reaches a real filesystem's device is noted while a project works on it; then the device
/// is set to what a power cut may have left, the kernel mounts that, and the project is opened.
@Suite("A power cut on a real disk", .serialized)
struct RealPowerCutTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["REAL_CUT_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1_000_000)
    /// How often the work is done: each time the device sees other writes.
    private static let rounds = environment["REAL_CUT_ROUNDS"].flatMap(Int.init) ?? 1

    private static let obstacles = (
        ext4: CutDisk.Kind.ext4.obstacle, xfs: CutDisk.Kind.xfs.obstacle, btrfs: CutDisk.Kind.btrfs.obstacle
    )

    @Test(
        "leaves every operation whole or absent on ext4, and all that were acknowledged",
        .enabled(if: obstacles.ext4 == nil, "\(obstacles.ext4 ?? "")"))
    func ext4() async throws { try await Self.explore(.ext4, images: 180) }

    @Test(
        "leaves every operation whole or absent on xfs, and all that were acknowledged",
        .enabled(if: obstacles.xfs == nil, "\(obstacles.xfs ?? "")"))
    func xfs() async throws { try await Self.explore(.xfs, images: 80) }

    @Test(
        "leaves every operation whole or absent on btrfs, and all that were acknowledged",
        .enabled(if: obstacles.btrfs == nil, "\(obstacles.btrfs ?? "")"))
    func btrfs() async throws { try await Self.explore(.btrfs, images: 110) }

    @Test(
        "is noticed where the disk lies about its flushes",
        .enabled(if: obstacles.ext4 == nil, "\(obstacles.ext4 ?? "")"))
    func lyingDisk() async throws {
        let run = try await Run(.ext4)
        var random = SplitMix(state: 1)
        for round in 1...30 {
            let (image, _) = run.base.cut(run.log[...], flushed: 0) { UInt8.random(in: 0..<8, using: &random) > 0 }
            if let violation = try await run.violation(of: image, after: run.log.count, inBootOfWriter: false) {
                print("a lying disk was noticed in round \(round): \(violation.prefix(120))")
                return
            }
        }
        Issue.record("nothing noticed it")
    }

    private static func explore(_ kind: CutDisk.Kind, images wanted: Int) async throws {
        for round in 0..<rounds { try await explore(kind, images: wanted, seed: seed &+ UInt64(round)) }
    }

    private static func explore(_ kind: CutDisk.Kind, images wanted: Int, seed: UInt64) async throws {
        let run = try await Run(kind)
        var random = SplitMix(state: seed)
        var (seen, checked, nested) = (Set<[Int]>(), 0, 0)
        // Of eight pieces that were not flushed so many are kept. Nothing of them, right after an operation was
        // acknowledged, is the sharpest question; else now and then nothing or all, and mostly some.
        var cuts = run.acknowledgements.map { (end: $0, share: 0) }
        for _ in 0..<max(0, wanted - cuts.count) {
            let share = Bool.random(using: &random) ? Int.random(in: 1...7, using: &random) : 0
            let end = Int.random(in: 0...run.log.count, using: &random)
            cuts.append((end, Int.random(in: 0..<8, using: &random) == 0 ? 8 : share))
        }
        for (end, share) in cuts {
            let flushed = run.flushed(before: end)
            let (image, key) = run.base.cut(run.log[..<end], flushed: flushed) {
                Int.random(in: 0..<8, using: &random) < share
            }
            guard seen.insert(key).inserted else { continue }
            checked += 1
            let inBootOfWriter = checked % 2 == 0
            let what =
                "\(inBootOfWriter ? "pulled out" : "cut") at \(end) of \(run.log.count), \(key.count - 1) pieces since the flush at \(flushed)"
            if let violation = try await run.violation(of: image, after: end, inBootOfWriter: inBootOfWriter) {
                Issue.record("\(violation); \(kind.name), \(what), seed \(seed)")
            }
            guard checked % 4 == 0 else { continue }
            // The power goes again while this one is recovered.
            let log = run.disk.device.log
            let again = Int.random(in: 0...log.count, using: &random)
            let (second, _) = image.cut(log[..<again], flushed: Run.flushed(log, before: again)) {
                Bool.random(using: &random)
            }
            nested += 1
            if let violation = try await run.violation(of: second, after: end, inBootOfWriter: nested % 2 == 0) {
                Issue.record("\(violation); \(kind.name), \(what), then at \(again) of its recovery, seed \(seed)")
            }
        }
        print(
            "\(kind.name): \(checked) images of \(run.log.count) writes and flushes, "
                + "\(nested) more cut while they were recovered, seed \(seed)"
        )
        #expect(checked > wanted / 3)
    }

    /// A project's work on a device, with what had been acknowledged when.
    private struct Run {
        let disk: CutDisk
        let base: BlockImage
        let log: [BlockEvent]
        private let progress: [Progress]
        private let signatures: [[String]]

        /// How long the log was when an operation was handed in and when it was acknowledged.
        private struct Progress {
            var submitted: Int
            var acknowledged: Int
        }

        var acknowledgements: [Int] { progress.map(\.acknowledged) }

        init(_ kind: CutDisk.Kind) async throws {
            disk = try CutDisk(kind)
            try disk.mount()
            let folder = TemporaryFolder(at: disk.path)
            try folder.write(
                "{\"schema_version\":1,\"next_asset_id\":1,\"assets\":[\n]}\n", to: "assets/.prometeu/index.json")
            try disk.unmount()
            base = disk.device.image
            disk.device.put(base, isLogging: true)
            try disk.mount()
            progress = try await Self.work(folder, disk.device)
            try disk.unmount()
            log = disk.device.log
            signatures = try await Self.signatures()
        }

        /// How far the log is on the medium for certain, whatever became of the rest.
        func flushed(before end: Int) -> Int { Self.flushed(log, before: end) }

        static func flushed(_ log: [BlockEvent], before end: Int) -> Int {
            let last = log[..<end].lastIndex { if case .flush = $0 { true } else { false } }
            return last.map { $0 + 1 } ?? 0
        }

        private static let operations = 20

        /// Half of the operations one by one, half of them together, so that they share records.
        ///
        /// Nothing of the project is left when it returns: what is open cannot be unmounted.
        private static func work(_ folder: TemporaryFolder, _ device: LoggedDevice) async throws -> [Progress] {
            let project = try await PackerProject.open(folder)
            var progress: [Progress] = []
            for number in 0..<operations / 2 {
                let submitted = device.logged
                _ = try await project.submit(CrashScript.operation(number)).result
                progress.append(Progress(submitted: submitted, acknowledged: device.logged))
            }
            let submitted = device.logged
            var running: [PackerOperation] = []
            for number in operations / 2..<operations {
                running.append(try project.submit(CrashScript.operation(number)))
            }
            for operation in running {
                _ = try await operation.result
                progress.append(Progress(submitted: submitted, acknowledged: device.logged))
            }
            await project.close()
            return progress
        }

        /// What a project says after 0, 1, 2, … operations.
        private static func signatures() async throws -> [[String]] {
            let folder = try Fixtures.empty()
            let project = try await PackerProject.open(folder)
            var signatures = [CrashScript.signature(project.snapshot)]
            for number in 0..<operations {
                _ = try await project.submit(CrashScript.operation(number)).result
                signatures.append(CrashScript.signature(project.snapshot))
            }
            await project.close()
            return signatures
        }

        /// What the project says after its recovery, which must not take the cut for a kill: in the boot of the writer
        /// the mount alone tells, as it does for a disk that was pulled out and put back.
        private static func snapshot(_ folder: TemporaryFolder, inBootOfWriter: Bool) async throws -> Snapshot {
            let disk = LinuxDisk()
            var host = HostIdentity.current()
            if !inBootOfWriter { host.bootID = "\(UInt64.random(in: 1 ... .max))" }
            let (directory, _) = try CommitDirectory.open(
                tree: try disk.openTop(folder.path + "/assets"), controlName: ".prometeu", disk: disk, host: host,
                slotSeed: .random(in: .min ... .max)
            )
            try directory.close()
            let project = try await PackerProject.open(folder)
            let snapshot = project.snapshot
            await project.close()
            return snapshot
        }

        /// What is wrong with a project on this image, nil where nothing is.
        func violation(of image: BlockImage, after cut: Int, inBootOfWriter: Bool) async throws -> String? {
            disk.device.put(image, isLogging: true)
            do throws(SystemError) { try disk.mount() } catch { return "it cannot be mounted: \(error)" }
            var violation: String?
            do {
                let snapshot = try await Self.snapshot(TemporaryFolder(at: disk.path), inBootOfWriter: inBootOfWriter)
                let (least, most) = (progress.count { $0.acknowledged <= cut }, progress.count { $0.submitted < cut })
                let signature = CrashScript.signature(snapshot)
                if snapshot.access != .writable || snapshot.diagnostics != [] {
                    violation = "\(snapshot.access) with \(snapshot.diagnostics)"
                } else if !signatures[least...max(least, most)].contains(signature) {
                    violation = "after \(least) acknowledged operations of \(most) it says \(signature)"
                }
            } catch {
                violation = "it cannot be opened: \(error)"
            }
            try disk.unmount()
            return violation
        }
    }
}

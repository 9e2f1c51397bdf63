import Foundation
import LinuxFiles
import Packer
import PackerModel
import PackerTestSupport
import Testing

/// Writes a file anew right before it is looked at for the first time, and keeps the reader, once it has all of its
/// bytes, until the tick of that write is long over.
private final class SlowReading: FaultInjector {
    private let path: BytePath
    /// The system call on the file that meets its end.
    private let lastCall: Int
    private let calls = Guarded(0)

    init(of path: String, lastCall: Int) {
        self.path = BytePath(path)
        self.lastCall = lastCall
    }

    func reached(_ point: FaultPoint, path reached: BytePath) -> FaultAction {
        guard point.name.hasPrefix("packer.scan."), reached.name == path.name else { return .proceed }
        let call = calls.withLock { calls in
            calls += 1
            return calls
        }
        if call == 1 { path.withCString { _ = utimensat(AT_FDCWD, $0, nil, 0) } }
        if call == lastCall {
            let end = MonotonicClock.fileTime() + 100_000_000
            while MonotonicClock.fileTime() < end { sched_yield() }
        }
        return .proceed
    }
}

@Suite("Two writes within one tick of the clock")
struct SameTickTests {
    /// Kernels before 6.13 give two writes within a tick one stamp: all that can be seen everywhere is whether the
    /// stamp is believed.
    @Test(
        "a file that changed within the tick of its reading is judged by its bytes alone, however long the reading took",
        arguments: [("sprites/hero/asset.json", 5), (".prometeu/index.json", 4)])
    func readingIsSlow(path: String, lastCall: Int) async throws {
        let folder = try Fixtures.game()
        // One declaration: its calls are counted.
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/assets") {
            if name != "sprites" && name != ".prometeu" { try folder.remove("assets/" + name) }
        }
        try folder.remove("assets/sprites/slime")
        let slow = SlowReading(of: folder.path + "/assets/" + path, lastCall: lastCall)
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(), sink: EventRecorder(), disk: LinuxDisk(faults: slow))
        let expected = try #require(
            project.snapshot.expectedFiles(at: path, .deep).first { $0.path == path }?.fingerprint)
        #expect(expected.digest != nil && expected.changed == 0)
        await project.close()
    }

    @Test("a commit's own files are judged by their bytes alone")
    func ownFiles() async throws {
        let folder = try Fixtures.game()
        let project = try await PackerProject.open(folder)
        let root = try AssetRoot(validating: "own/made")
        _ = try await project.submit(.create(NewAsset(root: root, type: .data))).result
        for path in ["own/made/asset.json", ".prometeu/index.json"] {
            let expected = project.snapshot.expectedFiles(at: path, .deep).first { $0.path == path }?.fingerprint
            #expect(expected?.digest != nil && expected?.changed == 0)
        }
        await project.close()
    }
}

import Foundation
import LinuxFiles
import Testing

@testable import TreeMonitor

extension TreeMonitorTests {
    @Suite("coverage")
    struct Coverage {
        @Test("a top that is deleted or moved is lost, and nothing is said after that", arguments: TopLoss.allCases)
        func lostTop(_ loss: TopLoss) async throws {
            let outer = try TemporaryFolder()
            try outer.makeFolder("top/a")
            let top = try outer.disk.open("top", in: outer.top, .folder, at: FaultPoint("test"))
            let recorder = Recorder()
            let watch = try TreeMonitor.shared.watch(
                top,
                disk: outer.disk,
                ignoring: { _ in false },
                hints: { hint in recorder.hints.signal { $0.append(hint) } }
            )
            _ = await recorder.settle(watch)
            switch loss {
            case .deleted: try outer.remove("top")
            case .moved: try outer.rename("top", "elsewhere")
            case .replaced:
                try outer.makeFolder("other")
                try outer.disk.rename(
                    "top",
                    in: outer.top,
                    to: "other",
                    in: outer.top,
                    .exchange,
                    at: FaultPoint("test")
                )
            }
            let said = await recorder.settle(watch)
            guard case .coverage(.lost) = said.last else {
                Issue.record("said \(said)")
                return
            }
            if loss == .moved { try outer.write("elsewhere/a/file") }
            #expect(await recorder.settle(watch).isEmpty)
            watch.stop()
        }

        enum TopLoss: CaseIterable { case deleted, moved, replaced }

        @Test("a folder that cannot be opened is said to be unwatched, is polled, and is watched when it can be")
        func unreadableFolder() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a/b")
            try folder.makeFolder("c")
            let failing = FailingOpens(["a"], EACCES)
            let recorder = Recorder()
            let watch = try recorder.watch(folder, pacing: .quick, disk: LinuxDisk(faults: failing))
            #expect(recorder.wait { $0.contains { $0.isDegraded(["a"]) } })
            // Each poll has the folder looked at, and what is beneath it as far as it can be.
            #expect(recorder.wait { $0.armed.count { $0 == "a" } >= 3 })
            failing.paths.withLock { $0 = [] }
            #expect(recorder.waitForCoverage(.complete))
            _ = await recorder.settle(watch)
            try folder.write("a/b/file")
            #expect(await recorder.settle(watch).changed == ["a/b/file"])
            watch.stop()
        }

        @Test("a listing that fails leaves the folder unwatched, and it recovers")
        func unlistableFolder() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a/b")
            let failing = FailingOpens(["a"], EIO, at: MonitorPoint.listFolder)
            let recorder = Recorder()
            let watch = try recorder.watch(folder, pacing: .quick, disk: LinuxDisk(faults: failing))
            #expect(recorder.wait { $0.contains { $0.isDegraded(["a"]) } })
            failing.paths.withLock { $0 = [] }
            #expect(recorder.waitForCoverage(.complete))
            #expect(recorder.take().armed.contains("a/b"))
            watch.stop()
        }
    }
}

extension MonitorPacing {
    static let quick = MonitorPacing(pollInterval: 1_000_000, firstBackoff: 1_000_000, longestBackoff: 20_000_000)
}

extension TreeHint {
    func isDegraded(_ paths: [BytePath]) -> Bool {
        if case .coverage(.degraded(paths, _)) = self { true } else { false }
    }
}

func queueLimit() throws -> Int {
    let text = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
    return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
}

/// A disk on which some paths cannot be opened.
final class FailingOpens: FaultInjector {
    let paths: Guarded<Set<BytePath>>
    private let code: CInt
    private let point: FaultPoint

    init(_ paths: Set<BytePath>, _ code: CInt, at point: FaultPoint = MonitorPoint.openFolder) {
        self.paths = Guarded(paths)
        self.code = code
        self.point = point
    }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        point == self.point && paths.withLock { $0.contains(path) } ? .fail(code) : .proceed
    }
}

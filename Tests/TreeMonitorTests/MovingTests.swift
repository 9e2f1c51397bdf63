import Foundation
import LinuxFiles
import PackerTestSupport
import Testing

@testable import TreeMonitor

extension TreeMonitorTests {
    @Suite("moving folders")
    struct Moving {
        @Test("a folder renamed and its old name made again: both are watched under their names")
        func renamedAndRemade() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("old/deep")
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            try folder.rename("old", "new")
            try folder.makeFolder("old/deep")
            let said = await recorder.settle(watch)
            #expect(said.changed.isSuperset(of: ["old", "new"]))
            try folder.write("old/deep/file")
            #expect(await recorder.settle(watch).changed == ["old/deep/file"])
            try folder.write("new/deep/file")
            #expect(await recorder.settle(watch).changed == ["new/deep/file"])
            watch.stop()
        }

        @Test("a tree of fifty folders renamed: an edit in a leaf is reported under the new path")
        func renamedTree() async throws {
            let folder = try TemporaryFolder()
            for index in 0..<50 { try folder.makeFolder("old/\(index % 7)/\(index)") }
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            try folder.rename("old", "new")
            _ = await recorder.settle(watch)
            for index in 0..<50 {
                try folder.write("new/\(index % 7)/\(index)/leaf")
                #expect(await recorder.settle(watch).changed == [BytePath("new/\(index % 7)/\(index)/leaf")])
            }
            watch.stop()
        }

        @Test("a folder moved out of the tree and edited outside raises no hint")
        func movedOut() async throws {
            let folder = try TemporaryFolder()
            let outside = try TemporaryFolder()
            try folder.makeFolder("gone/deep")
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            try #require(rename(folder.full("gone"), outside.full("gone")) == 0)
            #expect(await recorder.settle(watch).changed == ["gone"])
            try outside.write("gone/deep/file")
            try outside.write("gone/file")
            #expect(await recorder.settle(watch).isEmpty)
            // And back, under another name.
            try #require(rename(outside.full("gone"), folder.full("back")) == 0)
            #expect(await recorder.settle(watch).armed.sorted() == ["back", "back/deep"])
            try folder.write("back/deep/file")
            #expect(await recorder.settle(watch).changed == ["back/deep/file"])
            watch.stop()
        }

        @Test("two folders exchanged in one call are both watched under their new names")
        func exchanged() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a/in-a")
            try folder.makeFolder("b/in-b")
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            try folder.disk.rename("a", in: folder.top, to: "b", in: folder.top, .exchange, at: FaultPoint("test"))
            _ = await recorder.settle(watch)
            for path in ["a/in-b/file", "b/in-a/file"] {
                try folder.write(path)
                #expect(await recorder.settle(watch).changed == [BytePath(path)])
            }
            watch.stop()
        }

        @Test("a file and a folder exchanged in one call: the folder is watched under its new name")
        func exchangedWithFile() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a/deep")
            try folder.write("b")
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            try folder.disk.rename("a", in: folder.top, to: "b", in: folder.top, .exchange, at: FaultPoint("test"))
            _ = await recorder.settle(watch)
            try folder.write("b/deep/file")
            #expect(await recorder.settle(watch).changed == ["b/deep/file"])
            watch.stop()
        }

        @Test("a folder replaced by a symbolic link is neither watched nor entered")
        func replacedByLink() async throws {
            let folder = try TemporaryFolder()
            let outside = try TemporaryFolder()
            try outside.makeFolder("deep")
            try folder.makeFolder("a/deep")
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            try folder.remove("a")
            try #require(symlink(outside.path, folder.full("a")) == 0)
            let said = await recorder.settle(watch)
            #expect(said.changed.contains("a"))
            #expect(said.armed.isEmpty)
            try outside.write("deep/file")
            #expect(await recorder.settle(watch).isEmpty)
            watch.stop()
        }

        @Test("after many moves at random, an edit in every folder is reported under its path, and only there")
        func manyMoves() async throws {
            let folder = try TemporaryFolder()
            for index in 0..<12 { try folder.makeFolder("f\(index)/g\(index)") }
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            var random = SplitMix(state: 42)
            for _ in 0..<400 {
                let paths = try folder.folders()
                let old = paths.randomElement(using: &random) ?? "f0"
                let home = (paths + [""]).randomElement(using: &random)!
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    try? folder.makeFolder("\(home.isEmpty ? "" : home + "/")n\(Int.random(in: 0..<9, using: &random))")
                case 1 where paths.count > 8: try? folder.remove(old)
                default:
                    // The kernel refuses a folder moved into itself, and a name that is taken.
                    _ = rename(
                        folder.full(old),
                        folder.full("\(home.isEmpty ? "" : home + "/")m\(Int.random(in: 0..<9, using: &random))")
                    )
                }
            }
            #expect(await recorder.settle(watch).coverages.last == .complete)
            for path in try folder.folders() {
                try folder.write("\(path)/edited")
                #expect(await recorder.settle(watch).changed == [BytePath("\(path)/edited")])
            }
            watch.stop()
        }
    }
}

extension TemporaryFolder {
    /// Every folder beneath it, sorted.
    func folders() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: full($0), isDirectory: &isFolder) && isFolder.boolValue
        }.sorted()
    }
}

/// Exchanges two folders while the monitor opens a path beneath one of them, and exchanges them back right after.
private final class ExchangeMeanwhile: FaultInjector {
    private let folder: TemporaryFolder
    private let stage = Guarded(0)

    init(_ folder: TemporaryFolder) { self.folder = folder }

    func start() { stage.withLock { $0 = 1 } }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        let isDue = stage.withLock { stage in
            let isOpening = stage == 1 && point == MonitorPoint.openFolder && path == "one/deep"
            let isListing = stage == 2 && point == MonitorPoint.listFolder
            if isOpening || isListing { stage += 1 }
            return isOpening || isListing
        }
        if isDue {
            try? folder.disk.rename(
                "one", in: folder.top, to: "two", in: folder.top, .exchange, at: FaultPoint("test"))
        }
        return .proceed
    }
}

extension TreeMonitorTests {
    @Test("a folder whose parent was away while it was looked up goes on being watched")
    func parentAway() async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("one/deep")
        try folder.makeFolder("two/deep")
        let exchange = ExchangeMeanwhile(folder)
        let recorder = Recorder()
        let watch = try recorder.watch(folder, disk: LinuxDisk(faults: exchange))
        _ = await recorder.settle(watch)
        exchange.start()
        try #require(chmod(folder.full("one/deep"), 0o700) == 0)
        _ = await recorder.settle(watch)
        for name in ["one", "two"] {
            try folder.write("\(name)/deep/file")
            #expect(await recorder.settle(watch).changed == [BytePath("\(name)/deep/file")])
        }
        watch.stop()
    }
}

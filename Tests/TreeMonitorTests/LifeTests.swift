import Foundation
import LinuxFiles
import Testing

@testable import TreeMonitor

extension TreeMonitorTests {
    @Suite("the life of a watch")
    struct Life {
        @Test("arming folders leaves the process in its working directory, and the monitor in no folder of the tree")
        func workingDirectory() async throws {
            let folder = try TemporaryFolder()
            for index in 0..<5 { try folder.makeFolder("f\(index)/deep") }
            func directories() throws -> [String: Set<String>] {
                var found: [String: Set<String>] = [:]
                for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
                    // A thread may end in between.
                    let path = "/proc/self/task/" + task
                    guard let name = try? String(contentsOfFile: path + "/comm", encoding: .utf8),
                        let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: path + "/cwd")
                    else { continue }
                    found[name == "packer-monitor\n" ? "monitor" : "others", default: []].insert(directory)
                }
                return found
            }
            let before = FileManager.default.currentDirectoryPath
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            let after = try directories()
            #expect(after["others"] == [before])
            #expect(after["monitor"] == ["/"] || after["monitor"] == [before])
            watch.stop()
        }

        @Test("two trees, stopped in either order, do not hear of each other", arguments: [false, true])
        func twoTrees(firstStopsFirst: Bool) async throws {
            let (one, two) = (try TemporaryFolder(), try TemporaryFolder())
            let (first, second) = (Recorder(), Recorder())
            let firstWatch = try first.watch(one)
            let secondWatch = try second.watch(two)
            _ = await first.settle(firstWatch)
            _ = await second.settle(secondWatch)
            try one.write("file")
            #expect(await first.settle(firstWatch).changed == ["file"])
            #expect(await second.settle(secondWatch).isEmpty)
            let (stopped, stays) = firstStopsFirst ? (firstWatch, secondWatch) : (secondWatch, firstWatch)
            stopped.stop()
            let (folder, recorder) = firstStopsFirst ? (two, second) : (one, first)
            try folder.makeFolder("new")
            try folder.write("new/file")
            #expect(await recorder.settle(stays).cover("new/file"))
            stays.stop()
        }

        @Test("trees inside each other share watches; each is told in its own terms, and one stops without the other")
        func nestedTrees() async throws {
            let outer = try TemporaryFolder()
            try outer.makeFolder("in/deep")
            let (whole, part, same) = (Recorder(), Recorder(), Recorder())
            let top = try outer.disk.open("in", in: outer.top, .folder, at: FaultPoint("test"))
            let partWatch = try TreeMonitor.shared.watch(
                top,
                disk: outer.disk,
                ignoring: { _ in false },
                hints: { hint in part.hints.signal { $0.append(hint) } }
            )
            let wholeWatch = try whole.watch(outer)
            let sameWatch = try same.watch(outer)
            _ = await (part.settle(partWatch), whole.settle(wholeWatch), same.settle(sameWatch))
            try outer.write("in/deep/file")
            try outer.write("file")
            #expect(await part.settle(partWatch).changed == ["deep/file"])
            #expect(await whole.settle(wholeWatch).changed == ["in/deep/file", "file"])
            #expect(await same.settle(sameWatch).changed == ["in/deep/file", "file"])
            wholeWatch.stop()
            partWatch.stop()
            #expect(await same.settle(sameWatch).isEmpty)
            try outer.write("in/deep/file", "again")
            #expect(await same.settle(sameWatch).changed == ["in/deep/file"])
            #expect(await part.settle(partWatch).isEmpty)
            sameWatch.stop()
        }

        @Test("no hint comes after stop has returned, whatever is going on")
        func stopIsFinal() throws {
            let folder = try TemporaryFolder()
            for index in 0..<200 { try folder.makeFolder("f\(index)") }
            for _ in 0..<50 {
                let isStopped = Guarded(false)
                let late = Guarded(0)
                let watch = try TreeMonitor.shared.watch(
                    folder.top,
                    disk: folder.disk,
                    ignoring: { _ in false },
                    hints: { _ in if isStopped.withLock({ $0 }) { late.withLock { $0 += 1 } } }
                )
                try folder.write("f7/file")
                watch.stop()
                isStopped.withLock { $0 = true }
                #expect(late.withLock { $0 } == 0)
            }
        }

        @Test("stop waits for the hint that is being delivered")
        func stopWaits() async throws {
            let folder = try TemporaryFolder()
            let (hold, stopped) = (Hold(), Guarded(false))
            let stoppedEarly = Guarded<Bool?>(nil)
            // With the last watch, stop would wait for the thread to end as well.
            let other = try Recorder().watch(try TemporaryFolder())
            let watch = try TreeMonitor.shared.watch(
                folder.top,
                disk: folder.disk,
                ignoring: { _ in false },
                hints: { hint in
                    guard hint == .changed("file") else { return }
                    hold.pass()
                    // A stop that does not wait has this long to give itself away.
                    let early = stopped.wait(until: MonotonicClock.now() + 50_000_000) { $0 ? true : nil }
                    stoppedEarly.withLock { $0 = early ?? false }
                }
            )
            await watch.barrier()
            try hold.close { try folder.write("file") }
            let stopper = DedicatedThread(name: "stopper") {
                watch.stop()
                stopped.signal { $0 = true }
            }
            hold.open()
            stopper.join()
            #expect(stoppedEarly.withLock { $0 } == false)
            other.stop()
        }

        @Test("a hint may stop its own watch: it is the last")
        func stopInsideHint() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a")
            let state = Guarded<(watch: TreeWatch?, hints: Int)>((nil, 0))
            // The first hint waits until there is a watch to stop.
            let watch = try TreeMonitor.shared.watch(
                folder.top,
                disk: folder.disk,
                ignoring: { _ in false },
                hints: { _ in
                    state.wait { state -> TreeWatch? in
                        guard let watch = state.watch else { return nil }
                        state.hints += 1
                        return watch
                    }.stop()
                }
            )
            state.signal { $0.watch = watch }
            await watch.barrier()
            try folder.write("file")
            await watch.barrier()
            #expect(state.withLock { $0.hints } == 1)
            state.withLock { $0.watch = nil }
        }

        @Test("a barrier asked of a stopped watch opens, too")
        func barrierAfterStop() async throws {
            let folder = try TemporaryFolder()
            let watch = try Recorder().watch(folder)
            watch.stop()
            await watch.barrier()
            watch.stop()
        }

        @Test("letting go of a watch stops it")
        func letGo() async throws {
            let folder = try TemporaryFolder()
            let (recorder, other) = (Recorder(), Recorder())
            let otherWatch = try other.watch(folder)
            do { await (try recorder.watch(folder)).barrier() }
            _ = recorder.take()
            try folder.write("file")
            #expect(await other.settle(otherWatch).changed == ["file"])
            // A tree's hints may come after those of another: one round more.
            await otherWatch.barrier()
            #expect(recorder.take().isEmpty)
            otherWatch.stop()
        }

        @Test("names that are not UTF-8 are reported as they are, for files and folders")
        func byteNames() async throws {
            let folder = try TemporaryFolder()
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            let name = BytePath(bytes: [0xff, 0xfe, 0x0a])
            let point = FaultPoint("test")
            try folder.disk.makeFolder(name, in: folder.top, permissions: 0o777, at: point)
            #expect(await recorder.settle(watch).armed == [name])
            let inner = try folder.disk.open(name, in: folder.top, .folder, at: point)
            // The longest name that a filesystem takes, decomposed: 64 times e and a combining accent, and a rest.
            let decomposed = BytePath(bytes: Array((String(repeating: "e\u{301}", count: 84) + "abc").utf8))
            _ = try folder.disk.open(decomposed, in: inner, .create(permissions: 0o666), at: point)
            #expect(await recorder.settle(watch).changed == [name.appending(decomposed)])
            watch.stop()
        }

        @Test("a folder that is to be ignored is asked for before it is entered, and neither watched nor listed")
        func ignored() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("keep/skip/deep")
            let asked = Guarded<Set<BytePath>>([])
            let recorder = Recorder()
            let watch = try recorder.watch(folder) { path in
                asked.withLock { _ = $0.insert(path) }
                return path.name == "skip"
            }
            #expect(await recorder.settle(watch).armed.sorted() == [.root, "keep"])
            try folder.write("keep/skip/file")
            try folder.makeFolder("keep/skip/more")
            #expect(await recorder.settle(watch).isEmpty)
            try folder.makeFolder("skip/more")
            #expect(await recorder.settle(watch).armed.isEmpty)
            #expect(asked.withLock { $0 } == ["keep", "keep/skip", "skip"])
            watch.stop()
        }
    }
}

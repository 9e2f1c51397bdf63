import Foundation
import LinuxFiles
import Testing

@testable import TreeMonitor

extension TreeMonitorTests {
    @Suite(.serialized, .enabled(if: Isolated.isInside, "these run in a process of their own, started by 'Outside'"))
    struct Inside {
        @Test
        func leaks() async throws {
            let folder = try TemporaryFolder()
            for index in 0..<20 { try folder.makeFolder("f\(index)/deep") }
            let other = try TemporaryFolder()
            func round() async throws {
                let (one, two) = (Recorder(), Recorder())
                let (first, second) = (try one.watch(folder), try two.watch(other))
                _ = await one.settle(first)
                try folder.write("f3/deep/file")
                #expect(await one.settle(first).changed == ["f3/deep/file"])
                first.stop()
                second.stop()
            }
            for _ in 0..<5 { try await round() }
            let before = (try open(), try threads())
            for _ in 0..<300 { try await round() }
            // The last thread may still be about to return; the next watch waits for it.
            try await round()
            #expect(try open() <= before.0 + 3)
            #expect(try threads() <= before.1 + 1)
        }

        private func open() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }

        private func threads() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
        }

        @Test
        func overflow() async throws {
            let folder = try TemporaryFolder()
            let outside = try TemporaryFolder()
            for index in 0..<20 { try folder.makeFolder("f\(index)") }
            for index in 0..<3 { try folder.makeFolder("up\(index)/in") }
            let recorder = Recorder()
            let hold = Hold()
            let watch = try TreeMonitor.shared.watch(
                folder.top,
                disk: folder.disk,
                pacing: .quick,
                ignoring: { _ in false },
                hints: { hint in
                    hold.pass()
                    recorder.hints.signal { $0.append(hint) }
                }
            )
            _ = await recorder.settle(watch)
            for round in 0..<3 {
                // The monitor's thread waits in a hint while the kernel's queue fills.
                try hold.close { try folder.write("f0/start") }
                let limit = try queueLimit()
                for index in 0...(limit / 2 + 10) {
                    // Two files in turn: the kernel folds equal neighbours into one event.
                    try #require(utimensat(AT_FDCWD, folder.full("f\(index % 2)"), nil, 0) == 0)
                    try #require(utimensat(AT_FDCWD, folder.full("f\(2 + index % 2)"), nil, 0) == 0)
                }
                // None of these has an event of its own any more.
                try folder.makeFolder("late\(round)/deep")
                try folder.rename("f\(10 + round)", "moved\(round)")
                try folder.rename("up\(round)/in", "between")
                try folder.remove("up\(round)")
                try folder.rename("between", "up\(round)")
                try #require(Glibc.rename(folder.full("f\(15 + round)"), outside.full("\(round)")) == 0)
                hold.open()
                let said = await recorder.settle(watch)
                let verifying = try #require(
                    said.firstIndex { if case .coverage(.verifying) = $0 { true } else { false } }
                )
                let after = Array(said[verifying...])
                #expect(after.last == .coverage(.complete))
                #expect(Set(after.armed) == Set(try folder.folders().map { BytePath($0) } + [.root]))
                try folder.write("late\(round)/deep/file")
                try folder.write("moved\(round)/file")
                try folder.write("up\(round)/file")
                try outside.write("\(round)/file")
                #expect(
                    await recorder.settle(watch).changed
                        == [
                            BytePath("late\(round)/deep/file"), BytePath("moved\(round)/file"),
                            BytePath("up\(round)/file"),
                        ]
                )
            }
            watch.stop()
        }

        @Test
        func endlessOverflow() async throws {
            let folder = try TemporaryFolder()
            for index in 0..<4 { try folder.makeFolder("f\(index)") }
            let recorder = Recorder()
            let hold = Hold()
            let watch = try TreeMonitor.shared.watch(
                folder.top,
                disk: folder.disk,
                pacing: MonitorPacing(firstBackoff: 200_000_000, longestBackoff: 800_000_000),
                ignoring: { _ in false },
                hints: { hint in
                    hold.pass()
                    recorder.hints.signal { $0.append(hint) }
                }
            )
            _ = await recorder.settle(watch)
            let limit = try queueLimit()
            // The walk after the first follows at once, after each further one later, up to the longest time.
            for wait in [0, 200, 400, 800, 800] as [UInt64] {
                try hold.close { try folder.write("f0/start") }
                for index in 0...(limit + 20) {
                    try #require(utimensat(AT_FDCWD, folder.full("f\(index % 4)"), nil, 0) == 0)
                }
                let opened = MonotonicClock.now()
                hold.open()
                let said = await recorder.settle(watch)
                #expect(MonotonicClock.now() - opened >= wait * 1_000_000)
                // One walk for it, and the watch is whole again.
                #expect(said.armed.count { $0.isRoot } == 1 && said.coverages.last == .complete)
            }
            try folder.write("f3/file")
            #expect(await recorder.settle(watch).changed == ["f3/file"])
            watch.stop()
        }

        @Test
        func startedAfresh() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("stays")
            let recorder = Recorder()
            var pacing = MonitorPacing.quick
            pacing.endedWatches = 100
            let watch = try recorder.watch(folder, pacing: pacing)
            _ = await recorder.settle(watch)
            for round in 0..<400 {
                try folder.makeFolder("n\(round)")
                await watch.barrier()
                try folder.remove("n\(round)")
            }
            let said = await recorder.settle(watch)
            let restarts = said.coverages.count { if case .verifying = $0 { true } else { false } }
            #expect((2...4).contains(restarts))
            #expect(said.coverages.last == .complete)
            try folder.write("stays/file")
            #expect(await recorder.settle(watch).changed == ["stays/file"])
            watch.stop()
        }

        @Test
        func idle() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a")
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            try folder.write("a/file")
            _ = await recorder.settle(watch)
            let tasks = "/proc/self/task"
            let thread = try #require(
                try FileManager.default.contentsOfDirectory(atPath: tasks).first {
                    try String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8) == "packer-monitor\n"
                }
            )
            let deadline = MonotonicClock.now() + 20_000_000_000
            var waiting = ""
            // proc_pid_syscall(5): the number of the call (7 is poll on x86-64), then its arguments; the third is the timeout.
            while !(waiting.hasPrefix("7 ") && waiting.split(separator: " ")[3] == "0xffffffff"),
                MonotonicClock.now() < deadline
            {
                waiting = try String(contentsOfFile: "\(tasks)/\(thread)/syscall", encoding: .utf8)
            }
            #expect(MonotonicClock.now() < deadline, "\(waiting)")
            watch.stop()
        }

        @Test
        func quiet() async throws {
            let (folder, other, log) = (try TemporaryFolder(), try TemporaryFolder(), try TemporaryFolder())
            try folder.makeFolder("gone/deep")
            let recorder = Recorder()
            let hold = Hold()
            let watch = try recorder.watch(folder)
            let otherWatch = try TreeMonitor.shared.watch(
                other.top,
                disk: other.disk,
                ignoring: { _ in false },
                hints: { _ in hold.pass() }
            )
            _ = await recorder.settle(watch)
            await otherWatch.barrier()
            let terminal = dup(2)
            dup2(Glibc.open(log.full("stderr"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600), 2)
            // The watch is stopped before the monitor has heard that its folders are gone.
            try hold.close { try other.write("file") }
            try folder.remove("gone")
            watch.stop()
            hold.open()
            await otherWatch.barrier()
            dup2(terminal, 2)
            #expect(try String(contentsOfFile: log.full("stderr"), encoding: .utf8).isEmpty)
            otherWatch.stop()
        }

        @Test
        func kernelWatches() async throws {
            let (folder, outside) = (try TemporaryFolder(), try TemporaryFolder())
            for index in 0..<10 { try folder.makeFolder("f\(index)/deep") }
            let (one, two) = (Recorder(), Recorder())
            let first = try one.watch(folder)
            let second = try two.watch(try folder.disk.openTop(folder.full("f0")), folder.disk)
            _ = await (one.settle(first), two.settle(second))
            // Every folder once, and the one that holds the top; the second tree's folders are the first's.
            #expect(try watchesInKernel() == 22)
            for index in 3..<6 { try #require(rename(folder.full("f\(index)"), outside.full("\(index)")) == 0) }
            try folder.remove("f6")
            try folder.rename("f7", "f8/deep/in")
            _ = await one.settle(first)
            #expect(try watchesInKernel() == 14)
            first.stop()
            await second.barrier()
            #expect(try watchesInKernel() == 3)
            second.stop()
            #expect(try watchesInKernel() == 0)
        }

        /// proc_pid_fdinfo(5): one line for each watch of each instance of this process.
        private func watchesInKernel() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fdinfo").reduce(0) { sum, number in
                // The descriptor of the listing itself is gone by now.
                let text = (try? String(contentsOfFile: "/proc/self/fdinfo/\(number)", encoding: .utf8)) ?? ""
                return sum + text.split(separator: "\n").count { $0.hasPrefix("inotify wd:") }
            }
        }

        @Test
        func highDescriptor() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a/b")
            var taken: [CInt] = []
            while taken.last ?? 0 < 1030 { taken.append(dup(0)) }
            let recorder = Recorder()
            let watch = try recorder.watch(folder, pacing: .quick)
            #expect(recorder.wait { $0.contains { $0.isDegraded([.root]) } })
            #expect(recorder.wait { $0.armed.count { $0 == "a/b" } >= 3 })
            for descriptor in taken { close(descriptor) }
            #expect(recorder.waitForCoverage(.complete))
            _ = await recorder.settle(watch)
            try folder.write("a/b/file")
            #expect(await recorder.settle(watch).changed == ["a/b/file"])
            watch.stop()
        }

        @Test
        func noDescriptor() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a/b")
            let recorder = Recorder()
            var taken: [CInt] = []
            while taken.last != -1 { taken.append(dup(folder.top.number)) }
            let watch = try recorder.watch(folder, pacing: .quick)
            #expect(recorder.wait { $0.contains { $0.isDegraded([.root]) } })
            for descriptor in taken where descriptor >= 0 { close(descriptor) }
            #expect(recorder.waitForCoverage(.complete))
            _ = await recorder.settle(watch)
            try folder.write("a/b/file")
            #expect(await recorder.settle(watch).changed == ["a/b/file"])
            watch.stop()
        }

        @Test
        func watchLimit() async throws {
            let folder = try TemporaryFolder()
            for index in 0..<300 { try folder.makeFolder("f\(index)/deep") }
            let recorder = Recorder()
            let watch = try recorder.watch(folder, pacing: .quick)
            #expect(recorder.wait { $0.coverages.contains { if case .degraded = $0 { true } else { false } } })
            let said = recorder.take()
            guard case .degraded(let unwatched, let reason) = said.coverages.last else {
                Issue.record("the last word is not 'degraded'")
                return
            }
            #expect(reason.contains("max_user_watches"))
            #expect(unwatched.count > 200)
            // Every folder is watched or polled: nothing falls between.
            #expect(Set(said.armed) == Set(try folder.folders().map { BytePath($0) } + [.root]))
            let polled = try #require(unwatched.first)
            #expect(recorder.wait { $0.armed.count { $0 == polled.appending("deep") } >= 3 })
            try raiseLimit("watches", to: 100_000)
            #expect(recorder.waitForCoverage(.complete))
            _ = await recorder.settle(watch)
            for index in 0..<300 { try folder.write("f\(index)/deep/file") }
            let changed = await recorder.settle(watch).changed
            #expect(changed == Set((0..<300).map { BytePath("f\($0)/deep/file") }))
            watch.stop()
        }

        @Test
        func instanceLimit() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a")
            let recorder = Recorder()
            let watch = try recorder.watch(folder, pacing: .quick)
            #expect(recorder.wait { $0.contains { $0.isDegraded([.root]) } })
            #expect(recorder.wait { $0.armed.count { $0 == "a" } >= 3 })
            try raiseLimit("instances", to: 100)
            #expect(recorder.waitForCoverage(.complete))
            _ = await recorder.settle(watch)
            try folder.write("a/file")
            #expect(await recorder.settle(watch).changed == ["a/file"])
            watch.stop()
        }

        private func raiseLimit(_ name: String, to limit: Int) throws {
            let file = try #require(fopen("/proc/sys/user/max_inotify_\(name)", "w"))
            fputs("\(limit)", file)
            fclose(file)
        }

        @Test
        func mountOver() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a sub/deep")
            let recorder = Recorder()
            let watch = try recorder.watch(folder, pacing: .quick)
            _ = await recorder.settle(watch)
            try shell("mount -t tmpfs none '\(folder.full("a sub"))'")
            let said = await recorder.settle(watch)
            #expect(said.changed == ["a sub"])
            #expect(said.last?.isDegraded(["a sub"]) == true || said.contains { $0.isDegraded(["a sub"]) })
            try shell("umount '\(folder.full("a sub"))'")
            #expect(recorder.waitForCoverage(.complete))
            #expect(await recorder.settle(watch).changed.contains("a sub"))
            try folder.write("a sub/deep/file")
            #expect(await recorder.settle(watch).changed == ["a sub/deep/file"])
            watch.stop()
        }

        @Test
        func mountMoved() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a/in/deep")
            let recorder = Recorder()
            // No poll finds it before the mount table has told of it.
            let watch = try recorder.watch(folder, pacing: MonitorPacing(pollInterval: 600_000_000_000))
            _ = await recorder.settle(watch)
            try shell("mount -t tmpfs none '\(folder.full("a/in"))'")
            _ = await recorder.settle(watch)
            try folder.rename("a", "b")
            let moved = await recorder.settle(watch)
            #expect(moved.contains { $0.isDegraded(["b/in"]) })
            try shell("umount '\(folder.full("b/in"))'")
            let said = await recorder.settle(watch)
            #expect(said.armed.contains("b/in/deep") && said.coverages.last == .complete)
            try folder.write("b/in/deep/file")
            #expect(await recorder.settle(watch).changed == ["b/in/deep/file"])
            watch.stop()
        }

        @Test
        func unmountedTop() async throws {
            let folder = try TemporaryFolder()
            try shell("mount -t tmpfs none '\(folder.path)'")
            let top = try folder.disk.openTop(folder.path)
            let recorder = Recorder()
            let watch = try recorder.watch(top, folder.disk)
            _ = await recorder.settle(watch)
            try shell("umount -l '\(folder.path)'")
            let said = await recorder.settle(watch)
            if case .coverage(.lost) = said.last {} else { Issue.record("said \(said)") }
            watch.stop()
        }

        @Test
        func hiddenTop() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("top")
            let recorder = Recorder()
            let watch = try recorder.watch(try folder.disk.openTop(folder.full("top")), folder.disk)
            _ = await recorder.settle(watch)
            try shell("mount -t tmpfs none '\(folder.path)'")
            let said = await recorder.settle(watch)
            if case .coverage(.lost) = said.last {} else { Issue.record("said \(said)") }
            try shell("umount '\(folder.path)'")
            watch.stop()
        }

        private func shell(_ command: String) throws {
            let result = try runProgram("/bin/sh", ["-c", command])
            try #require(result.status == 0, "\(result.output)")
        }
    }
}

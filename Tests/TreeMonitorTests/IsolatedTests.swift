import Foundation
import LinuxFiles
import Testing

@testable import TreeMonitor

/// Where a test needs a process, a limit or a mount table of its own, this program runs itself again inside one.
enum Isolated {
    private static let marker = "TREE_MONITOR_ISOLATED"

    static let isInside = ProcessInfo.processInfo.environment[marker] != nil

    static let canUnshare = (try? runProgram("/usr/bin/unshare", ["-Urm", "true"]).status) == 0

    /// Runs one test of `Inside` (by the name of its function) after a shell has prepared its surroundings.
    static func run(_ test: String, unsharing: String? = nil, after preparation: String = "true") throws {
        let program = try #require(CommandLine.arguments.first)
        var command = ["\(marker)=1"]
        if let unsharing { command += ["/usr/bin/unshare", unsharing] }
        command += ["/bin/sh", "-c", "\(preparation) && exec \"$0\" \"$@\"", program]
        command += ["--testing-library", "swift-testing", "--filter", "Inside/\(test)"]
        let result = try runProgram("/usr/bin/env", command)
        #expect(result.status == 0, "\(result.output)")
        // A filter that matches nothing passes, too.
        #expect(result.output.contains("with 1 test"), "\(result.output)")
    }
}

extension TreeMonitorTests {
    @Suite("in surroundings of its own")
    struct Outside {
        @Test("hundreds of watches, started and stopped, leave no descriptor, thread or line on stderr behind")
        func leaks() throws { try Isolated.run("leaks") }

        @Test(
            "with descriptors up to 1024 taken, the tree is polled and that is said; it is watched once there is room"
        )
        func highDescriptor() throws { try Isolated.run("highDescriptor", after: "ulimit -n 4096") }

        @Suite(.enabled(if: Isolated.canUnshare, "user and mount namespaces (unshare -Urm) are needed"))
        struct Namespaces {
            @Test("past the watch limit: what is unwatched is named and polled, and it recovers")
            func watchLimit() throws {
                try Isolated.run("watchLimit", unsharing: "-Ur", after: "echo 100 > /proc/sys/user/max_inotify_watches")
            }

            @Test("no inotify instance at all: the whole tree is polled, and it recovers")
            func instanceLimit() throws {
                try Isolated.run(
                    "instanceLimit",
                    unsharing: "-Ur",
                    after: "echo 0 > /proc/sys/user/max_inotify_instances"
                )
            }

            @Test("a filesystem mounted over a watched folder is noticed, and that it went again")
            func mountOver() throws { try Isolated.run("mountOver", unsharing: "-Urm") }

            @Test("a top whose filesystem is unmounted, though we hold it open, is lost")
            func unmountedTop() throws { try Isolated.run("unmountedTop", unsharing: "-Urm") }

            @Test("a top that another filesystem was mounted over is lost")
            func hiddenTop() throws { try Isolated.run("hiddenTop", unsharing: "-Urm") }
        }
    }

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

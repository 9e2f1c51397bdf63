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
        command += ["--testing-library", "swift-testing", "--filter", "TreeMonitorTests/Inside/\(test)"]
        let result = try runProgram("/usr/bin/env", command)
        #expect(result.status == 0, "\(result.output)")
        // A filter that matches nothing passes, too.
        #expect(result.output.contains("with 1 test"), "\(result.output)")
    }
}

extension TreeMonitorTests {
    @Suite("in surroundings of its own")
    struct Outside {
        @Test("the kernel holds a watch for each folder of the trees, and for no other")
        func kernelWatches() throws { try Isolated.run("kernelWatches") }

        @Test("ending a watch that the kernel has ended first writes nothing to stderr")
        func quiet() throws { try Isolated.run("quiet") }

        @Test("hundreds of watches, started and stopped, leave no descriptor and no thread behind")
        func leaks() throws { try Isolated.run("leaks") }

        @Test(
            "with descriptors up to 1024 taken, the tree is polled and that is said; it is watched once there is room"
        )
        func highDescriptor() throws { try Isolated.run("highDescriptor", after: "ulimit -n 4096") }

        @Test("with no descriptor left at all, the tree is polled and that is said; it is watched once there is room")
        func noDescriptor() throws { try Isolated.run("noDescriptor", after: "ulimit -n 256") }

        @Test("an overflow is said, everything is armed again, and the watch is complete again and works")
        func overflow() throws { try Isolated.run("overflow") }

        @Test(
            "after overflows that follow each other the walks wait longer, up to a bound, and it recovers each time (watchman 1354)"
        )
        func endlessOverflow() throws { try Isolated.run("endlessOverflow") }

        @Test("past the bound of ended watches the library is started afresh, and nothing is missed meanwhile")
        func startedAfresh() throws { try Isolated.run("startedAfresh") }

        #if arch(x86_64)
            @Test("with nothing to do, the thread waits in poll(2) without a timeout")
            func idle() throws { try Isolated.run("idle") }
        #endif

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

            @Test("a filesystem mounted in a folder that was renamed since is noticed when it goes")
            func mountMoved() throws { try Isolated.run("mountMoved", unsharing: "-Urm") }

            @Test("a top whose filesystem is unmounted, though we hold it open, is lost")
            func unmountedTop() throws { try Isolated.run("unmountedTop", unsharing: "-Urm") }

            @Test("a top that another filesystem was mounted over is lost")
            func hiddenTop() throws { try Isolated.run("hiddenTop", unsharing: "-Urm") }
        }
    }
}

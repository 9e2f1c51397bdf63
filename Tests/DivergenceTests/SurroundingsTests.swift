import PackerTestSupport
import Testing

@Suite("In surroundings of its own", .serialized)
struct Surroundings {
    /// On a filesystem in memory where there is one: what is measured is not the disk.
    private static let inMemory = "{ [ ! -w /dev/shm ] || export TMPDIR=/dev/shm; }"

    @Test(
        "hundreds of rounds of opening and closing projects in any order leave no descriptor, watch, thread or memory")
    func rounds() throws { try OwnProcess.run("rounds", after: Self.inMemory) }

    @Test("an idle project of thousands of assets wakes none of its threads")
    func idle() throws {
        // Others' mounts wake the monitor of everyone who shares their table.
        try OwnProcess.run("idle", unsharing: OwnProcess.canUnshare ? "-Urm" : nil, after: Self.inMemory)
    }

    @Test("a watched folder costs a bounded number of bytes")
    func memory() throws { try OwnProcess.run("memory", after: Self.inMemory) }

    @Test(
        "ten thousand files switched and switched back with git end exact and empty, batched and in bounded memory",
        .enabled(if: Fixtures.has("git"), "git is not installed")
    )
    func storm() throws { try OwnProcess.run("storm", after: Self.inMemory) }

    @Suite(.enabled(if: OwnProcess.canUnshare, "user and mount namespaces (unshare -Urm) are needed"))
    struct Namespaces {
        @Test("past the watch limit flags come by polling, folders that vanish included, and complete comes back")
        func watchLimit() throws {
            try OwnProcess.run("watchLimit", unsharing: "-Ur", after: "echo 9 > /proc/sys/user/max_inotify_watches")
        }

        @Test("five thousand folders and a hundred watches are polled without spinning (syncthing 4833, 5731)")
        func fewWatches() throws {
            try OwnProcess.run("fewWatches", unsharing: "-Ur", after: "echo 100 > /proc/sys/user/max_inotify_watches")
        }

        @Test("without an inotify instance flags come by polling, and complete comes back")
        func noInstance() throws {
            try OwnProcess.run("noInstance", unsharing: "-Ur", after: "echo 0 > /proc/sys/user/max_inotify_instances")
        }

        @Test("without the library the project opens, flags come by polling, and complete comes with the library")
        func noLibrary() throws {
            // An empty file stands where the library is.
            let hide =
                "LIBRARY=$(readlink -f \"$(/sbin/ldconfig -p | sed -n 's/.*libinotifytools.so.0 .*=> //p' | head -1)\")"
            try OwnProcess.run(
                "noLibrary", unsharing: "-Urm", after: "export \(hide) && mount --bind /dev/null \"$LIBRARY\"")
        }

        @Test("a filesystem mounted over an asset's folder hides its files, and gives them back (e-dant/watcher 67)")
        func mountOver() throws { try OwnProcess.run("mountOver", unsharing: "-Urm") }

        @Test("a project whose filesystem is unmounted is lost (notify 627)")
        func unmountedRoot() throws { try OwnProcess.run("unmountedRoot", unsharing: "-Urm") }
    }
}

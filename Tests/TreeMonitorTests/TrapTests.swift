import Foundation
import LinuxFiles
import Testing

extension TreeMonitorTests {
    /// What the library does to those who use it as its manual says. Each of these is why something here is done in
    /// another way; when one of them fails, a newer library may have made that needless.
    @Suite(
        "traps of libinotifytools 3.22.6",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"),
            "a C compiler as /usr/bin/cc is needed"
        )
    )
    struct Traps {
        enum Trap: String, CaseIterable {
            case keepsOldNameAfterMove, answersDeadDescriptor, writesToStderrOnRemoval, replaysEventsAfterCleanup
            case leavesDescriptorInheritable, cannotTellTheQueueLimit, keepsEndedWatches
        }

        @Test("the trap is there", arguments: Trap.allCases)
        func isThere(_ trap: Trap) throws {
            let folder = try TemporaryFolder()
            try folder.write("trap.c", Self.program)
            let compiled = try runProgram(
                "/usr/bin/cc",
                ["-o", folder.full("trap"), "-DTRAP=\(trap.rawValue)", folder.full("trap.c"), "-linotifytools"]
            )
            try #require(compiled.status == 0, "\(compiled.output)")
            try folder.makeFolder("in/a")
            let ran = try runProgram(folder.full("trap"), [folder.full("in")])
            #expect(ran.status == 0)
            #expect(ran.output.contains("Failed to remove watch") == (trap == .writesToStderrOnRemoval))
        }

        static let program = #"""
            #include <fcntl.h>
            #include <inotifytools/inotifytools.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/inotify.h>
            #include <sys/stat.h>
            #include <unistd.h>

            static int is_there(int trap) { return trap ? 0 : 1; }
            static int watch(const char *path) { return inotifytools_watch_file(path, IN_ALL_EVENTS); }

            int keepsOldNameAfterMove(void) {
                watch("a");
                int wd = inotifytools_wd_from_filename("a/");
                rename("a", "b");
                while (inotifytools_next_events(0, 1)) {}
                return is_there(strcmp(inotifytools_filename_from_wd(wd), "a/") == 0);
            }

            int answersDeadDescriptor(void) {
                watch("a");
                int before = inotifytools_wd_from_filename("a/");
                rmdir("a");
                mkdir("a", 0777);
                while (inotifytools_next_events(0, 1)) {}
                watch("a");
                return is_there(inotifytools_wd_from_filename("a/") == before);
            }

            int writesToStderrOnRemoval(void) {
                watch("a");
                int wd = inotifytools_wd_from_filename("a/");
                rmdir("a");
                return is_there(!inotifytools_remove_watch_by_wd(wd));
            }

            int replaysEventsAfterCleanup(void) {
                watch("a");
                close(open("a/one", O_CREAT | O_WRONLY, 0666));
                close(open("a/two", O_CREAT | O_WRONLY, 0666));
                inotifytools_next_events(0, 1);
                inotifytools_cleanup();
                inotifytools_initialize();
                struct inotify_event *event = inotifytools_next_events(0, 1);
                return is_there(event && event->len);
            }

            int leavesDescriptorInheritable(void) {
                return is_there((fcntl(3, F_GETFD) & FD_CLOEXEC) == 0);
            }

            int cannotTellTheQueueLimit(void) { return is_there(inotifytools_get_max_queued_events() == -1); }

            int keepsEndedWatches(void) {
                for (int round = 0; round < 100; round++) {
                    char name[16];
                    snprintf(name, sizeof name, "n%d", round);
                    mkdir(name, 0777);
                    watch(name);
                    rmdir(name);
                    while (inotifytools_next_events(0, 1)) {}
                }
                return is_there(inotifytools_get_num_watches() == 100);
            }

            int main(int count, char **arguments) {
                if (count != 2 || chdir(arguments[1]) != 0) return 64;
                for (int number = 3; number < 64; number++) close(number);
                return inotifytools_initialize() ? TRAP() : 65;
            }
            """#
    }
}

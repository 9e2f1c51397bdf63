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
            case secondInitializeIsTheFirst, watchesAFolderAfterItsChildren, keepsPartOfWhatFailed
            case replacesSomeOfTheNames, takesOneFolderForTwo, blocksWithoutATimeout, spinsForSeveralEvents
            case holdsEventsThatPollCannotSee, abortsOnAHighDescriptor, hidesTheOverflowBehindARegex
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

        @Test(
            "the trap is there: fanotify hides what the own process does",
            .enabled(if: getuid() == 0, "fanotify needs root")
        )
        func fanotify() throws {
            let folder = try TemporaryFolder()
            try folder.write("trap.c", Self.program)
            let compiled = try runProgram(
                "/usr/bin/cc",
                ["-o", folder.full("trap"), "-DTRAP=fanotifyHidesOwnEvents", folder.full("trap.c"), "-linotifytools"]
            )
            try #require(compiled.status == 0, "\(compiled.output)")
            try folder.makeFolder("in/a")
            #expect(try runProgram(folder.full("trap"), [folder.full("in")]).status == 0)
        }

        /// Its fanotify mode, its regex, its names of watches and its limits are traps whichever way they are asked for.
        /// `filename_from_wd` is asked whether it knows a descriptor at all, and what it answers is not read.
        @Test("of the library's functions only the few are looked up that no trap forbids")
        func functions() throws {
            let tests = URL(filePath: #filePath).deletingLastPathComponent()
            let shim = tests.appending(path: "../../Sources/CInotifyTools/cinotifytools.c").standardizedFileURL
            let names = try String(contentsOf: shim, encoding: .utf8).matches(of: /"inotifytools_([a-z_]+)"/).map(
                \.output.1)
            #expect(
                Set(names) == [
                    "initialize", "cleanup", "error", "watch_file", "wd_from_filename", "filename_from_wd",
                    "remove_watch_by_wd", "next_events",
                ])
        }

        static let program = #"""
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <inotifytools/inotifytools.h>
            #include <poll.h>
            #include <regex.h>
            #include <signal.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/inotify.h>
            #include <sys/resource.h>
            #include <sys/stat.h>
            #include <sys/time.h>
            #include <sys/wait.h>
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

            int secondInitializeIsTheFirst(void) {
                return is_there(inotifytools_initialize() && fcntl(3, F_GETFD) >= 0 && fcntl(4, F_GETFD) < 0);
            }

            // The library's own calls come through here: the program's symbol goes before the C library's.
            static int (*before_watch)(const char *path);
            int inotify_add_watch(int instance, const char *path, uint32_t mask) {
                int (*real)(int, const char *, uint32_t) = dlsym(RTLD_NEXT, "inotify_add_watch");
                if (before_watch && !before_watch(path)) return -1;
                return real(instance, path, mask);
            }

            static int make_late(const char *path) {
                if (strcmp(path, "a/") == 0) mkdir("a/late", 0777);
                return 1;
            }
            int watchesAFolderAfterItsChildren(void) {
                mkdir("a/b", 0777);
                before_watch = make_late;
                if (!inotifytools_watch_recursively("a", IN_CREATE)) return 1;
                close(open("a/late/file", O_CREAT | O_WRONLY, 0666));
                return is_there(!inotifytools_next_events(0, 1) && inotifytools_get_num_watches() == 2);
            }

            static int refuse_top(const char *path) {
                if (strcmp(path, "a/") != 0) return 1;
                errno = ENOSPC;
                return 0;
            }
            int keepsPartOfWhatFailed(void) {
                mkdir("a/b", 0777);
                before_watch = refuse_top;
                return is_there(!inotifytools_watch_recursively("a", IN_CREATE) && inotifytools_get_num_watches() == 1);
            }

            int replacesSomeOfTheNames(void) {
                int renamed = 0;
                char name[32];
                for (int number = 0; number < 50; number++) {
                    snprintf(name, sizeof name, "a/%d", number);
                    mkdir(name, 0777);
                    watch(name);
                }
                inotifytools_replace_filename("a/", "z/");
                for (int wd = 1; wd <= 50; wd++) {
                    const char *known = inotifytools_filename_from_wd(wd);
                    renamed += known && known[0] == 'z';
                }
                return is_there(renamed < 50);
            }

            int takesOneFolderForTwo(void) {
                watch("a");
                int wd = inotifytools_wd_from_filename("a/");
                watch("./a");
                return is_there(strcmp(inotifytools_filename_from_wd(wd), "a/") != 0
                    || inotifytools_wd_from_filename("./a/") != wd || inotifytools_get_num_watches() != 1);
            }

            static void is_waiting(int number) { _exit(number ? 0 : 1); }
            static void expect_to_wait(int milliseconds) {
                struct itimerval time = {{0, 0}, {milliseconds / 1000, milliseconds % 1000 * 1000}};
                signal(SIGALRM, is_waiting);
                setitimer(ITIMER_REAL, &time, NULL);
            }
            int blocksWithoutATimeout(void) {
                watch("a");
                expect_to_wait(300);
                inotifytools_next_event(0);
                return is_there(0);
            }
            int spinsForSeveralEvents(void) {
                watch("a");
                mkdir("a/b", 0777);
                expect_to_wait(1800);
                inotifytools_next_events(1, 10);
                return is_there(0);
            }

            int holdsEventsThatPollCannotSee(void) {
                watch("a");
                mkdir("a/b", 0777);
                mkdir("a/c", 0777);
                if (!inotifytools_next_events(0, 1)) return 1;
                struct pollfd source = {3, POLLIN, 0};
                return is_there(poll(&source, 1, 0) == 0 && inotifytools_next_events(0, 1));
            }

            int abortsOnAHighDescriptor(void) {
                struct rlimit limit = {4096, 4096};
                inotifytools_cleanup();
                setrlimit(RLIMIT_NOFILE, &limit);
                while (open("/", O_RDONLY) < 1030) {}
                pid_t child = fork();
                if (child == 0) {
                    struct rlimit none = {0, 0};
                    setrlimit(RLIMIT_CORE, &none);
                    dup2(open("/dev/null", O_WRONLY), 2);
                    if (inotifytools_initialize() && watch("a")) inotifytools_next_events(0, 1);
                    _exit(0);
                }
                int status;
                waitpid(child, &status, 0);
                return is_there(WIFSIGNALED(status));
            }

            static int overflows(void) {
                char text[32] = {0};
                int file = open("/proc/sys/fs/inotify/max_queued_events", O_RDONLY);
                if (read(file, text, sizeof text - 1) < 0) return -1;
                close(file);
                for (int number = atoi(text); number >= 0; number--) {
                    const char *name = number % 2 ? "a/one" : "a/two";
                    utimensat(AT_FDCWD, name, NULL, 0);
                }
                int seen = 0;
                struct inotify_event *event;
                while ((event = inotifytools_next_events(0, 1))) seen += (event->mask & IN_Q_OVERFLOW) != 0;
                return seen;
            }
            int hidesTheOverflowBehindARegex(void) {
                close(open("a/one", O_CREAT | O_WRONLY, 0666));
                close(open("a/two", O_CREAT | O_WRONLY, 0666));
                watch("a");
                if (overflows() != 1) return 1;
                inotifytools_ignore_events_by_inverted_regex("one|two", REG_EXTENDED);
                return is_there(overflows() == 0);
            }

            int fanotifyHidesOwnEvents(void) {
                inotifytools_cleanup();
                if (!inotifytools_init(1, 0, 0) || !watch("a")) return 1;
                mkdir("a/b", 0777);
                return is_there(!inotifytools_next_events(0, 1));
            }

            int main(int count, char **arguments) {
                if (count != 2 || chdir(arguments[1]) != 0) return 64;
                for (int number = 3; number < 64; number++) close(number);
                sigset_t none;
                sigemptyset(&none);
                sigprocmask(SIG_SETMASK, &none, NULL);
                alarm(20);
                return inotifytools_initialize() ? TRAP() : 65;
            }
            """#
    }
}

import Foundation
import LinuxFiles
import Testing

extension TreeMonitorTests {
    @Suite(
        "symbols of the library and the host",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"),
            "a C compiler as /usr/bin/cc is needed"
        )
    )
    struct SymbolClash {
        struct Host: CustomTestStringConvertible {
            var testDescription: String
            var flags: [String]
            var status: Int32
        }

        static let hosts = [
            Host(
                testDescription: "a linked library takes the host's global for its own, and sees nothing",
                flags: ["-DLINKED", "-DHOST_GLOBAL", "-linotifytools"],
                status: 1
            ),
            Host(
                testDescription: "a host whose global is exported is refused",
                flags: ["-DHOST_GLOBAL", "-rdynamic"],
                status: 13
            ),
            Host(
                testDescription: "a host whose global is not exported is watched, and keeps its value",
                flags: ["-DHOST_GLOBAL"],
                status: 0
            ),
            Host(
                testDescription: "a host that links the library itself is refused",
                flags: ["-DALSO_LINKED", "-Wl,--no-as-needed", "-linotifytools"],
                status: 14
            ),
            Host(testDescription: "a host without any of these is watched", flags: ["-rdynamic"], status: 0),
        ]

        @Test("the library and the host keep their globals apart", arguments: hosts)
        func apart(_ host: Host) throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("watched")
            let tests = URL(filePath: #filePath).deletingLastPathComponent()
            try folder.write("host.c", Self.program)
            let room = tests.appending(path: "../../Sources/CInotifyTools").standardizedFileURL.path
            var sources = [folder.full("host.c")]
            if !host.flags.contains("-DLINKED") { sources.append("\(room)/cinotifytools.c") }
            let compiled = try runProgram(
                "/usr/bin/cc",
                ["-o", folder.full("host"), "-I\(room)/include"] + sources + host.flags + ["-ldl"]
            )
            try #require(compiled.status == 0, "\(compiled.output)")
            let ran = try runProgram(folder.full("host"), [folder.full("watched")])
            #expect(ran.status == host.status)
            #expect(ran.output.isEmpty)
        }

        /// A Swift target may not hold a C file.
        static let program = #"""
            // A host with a global of its own named like one of libinotifytools's.
            //   linked:  uses the library as a linked program does
            //   loaded:  uses it through CInotifyTools
            // Exit status: 0 an event was seen; 1 it was not; 10 + the code when CInotifyTools refuses; 2 host's global was changed.
            #include <fcntl.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/inotify.h>
            #include <unistd.h>

            #ifndef HOST_VALUE
            #define HOST_VALUE 1
            #endif
            #ifdef HOST_GLOBAL
            int initialized = HOST_VALUE;
            #endif

            #ifdef LINKED
            #include <inotifytools/inotifytools.h>
            static int watch(const char *folder) {
                return inotifytools_initialize() && inotifytools_watch_file(folder, IN_CREATE);
            }
            static int saw_event(void) { return inotifytools_next_events(1, 1) != NULL; }
            #else
            #include "cinotifytools.h"
            static int watch(const char *folder) {
                int descriptor, wd, existed;
                if (cinotify_initialize(&descriptor) != 0) return 0;
                return cinotify_watch(open(folder, O_RDONLY | O_DIRECTORY), 0, IN_CREATE, &wd, &existed) == 0;
            }
            static int saw_event(void) {
                cinotify_event event;
                while (cinotify_next(&event)) {
                    if (event.mask & IN_CREATE) return 1;
                }
                return 0;
            }
            #endif

            #ifdef ALSO_LINKED
            int inotifytools_get_num_watches(void);
            void *keep_linked = (void *)&inotifytools_get_num_watches;
            #endif

            int main(int count, char **arguments) {
                if (count != 2) return 64;
            #ifndef LINKED
                char detail[256];
                cinotify_load_result result = cinotify_load(detail, sizeof detail);
                if (result != CINOTIFY_LOADED) return 10 + (int)result;
            #endif
                if (!watch(arguments[1])) return 1;
                char path[4096];
                snprintf(path, sizeof path, "%s/made", arguments[1]);
                close(open(path, O_CREAT | O_WRONLY, 0666));
                int seen = saw_event();
            #ifdef HOST_GLOBAL
                if (initialized != HOST_VALUE) return 2;
            #endif
                return seen ? 0 : 1;
            }
            """#
    }
}

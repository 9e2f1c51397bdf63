import Foundation
import LinuxFiles
import PackerTestSupport
import Testing

@Suite("Signals during a commit")
struct InterruptionTests {
    /// Whether strace(1) is there, and allowed to trace.
    static let canTrace = (try? Fixtures.run("/usr/bin/env", ["strace", "-o", "/dev/null", "true"])) != nil

    @Test(
        "the first signal lets a commit that has begun finish, the second ends it and the next opening recovers",
        .enabled(if: canTrace, "needs strace(1) to hold a rename"),
        arguments: [[SIGINT], [SIGTERM], [SIGINT, SIGTERM]]
    )
    func interrupted(signals: [Int32]) async throws {
        let command = Command(folder: try Fixtures.game())
        // The folder is moved into its place first; the rename after it waits.
        let ending = try await create(command, holding: 3, at: "new", in: "assets", signals)
        if signals.count == 1 {
            #expect(ending == Ending(reason: .exit, status: 0))
        } else {
            #expect(ending.reason == .uncaughtSignal)
            let next = try await command("refresh", "--json").objects()
            #expect(next.first?.kind == "recovery")
        }
        #expect(try await command("show", "new", "--json").object()["validity"] == "valid")
    }

    @Test(
        "a signal while the project is opened takes the command back",
        .enabled(if: canTrace, "needs strace(1) to hold a rename")
    )
    func takenBack() async throws {
        let command = Command(folder: try Fixtures.game())
        #expect(try await command("refresh").status == 0)
        // Opening tries out an exchange; it waits.
        let ending = try await create(command, holding: 1, at: "probe-b", in: "assets/.prometeu/shadow", [SIGINT])
        #expect(ending == Ending(reason: .exit, status: 1))
        #expect(!command.folder.exists("assets/new"))
    }

    private struct Ending: Equatable {
        var reason: Process.TerminationReason
        var status: Int32
    }

    /// Creates the asset `new`, holds one of its renames, and sends the signals when a name has arrived in a folder.
    private func create(
        _ command: Command,
        holding rename: Int,
        at name: String,
        in folder: String,
        _ signals: [Int32]
    ) async throws -> Ending {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["strace", "-f", "-o", "/dev/null", "-e", "inject=renameat2:delay_enter=2000000:when=\(rename)"]
            + [try Programs.path("prometeu-packer"), "create", command.project, "new", "--type", "map"]
        // The address sanitizer cannot look for leaks in a process that is traced, and ends it with an error.
        process.environment = ProcessInfo.processInfo.environment.merging(["ASAN_OPTIONS": "detect_leaks=0"]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let (ended, end) = AsyncStream<Ending>.makeStream()
        process.terminationHandler = {
            end.yield(Ending(reason: $0.terminationReason, status: $0.terminationStatus))
            end.finish()
        }
        let tracer = Guarded<Int32?>(nil)
        try onArrival(of: name, in: command.project + "/" + folder) {
            guard let traced = Self.child(of: tracer.wait { $0 }) else { return }
            for signal in signals { kill(traced, signal) }
        }
        try process.run()
        tracer.signal { [number = process.processIdentifier] in $0 = number }
        return try #require(await ended.first { _ in true })
    }

    private static func child(of tracer: Int32) -> Int32? {
        let children = try? String(contentsOfFile: "/proc/\(tracer)/task/\(tracer)/children", encoding: .utf8)
        return children?.split(separator: " ").first.flatMap { Int32($0) }
    }

    /// Calls `body` when a name has arrived in a folder, on a thread of its own: the pool may be busy with tests.
    private func onArrival(of name: String, in folder: String, _ body: @escaping @Sendable () -> Void) throws {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC))
        guard descriptor >= 0, inotify_add_watch(descriptor, folder, UInt32(IN_MOVED_TO | IN_CREATE)) >= 0 else {
            throw CocoaError(.fileReadUnknown)
        }
        Thread.detachNewThread {
            defer { close(descriptor) }
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
                // A name follows a header of 16 bytes, padded with zeros (inotify(7)).
                var rest = buffer[..<count]
                while rest.count >= 16 {
                    let length = rest.dropFirst(12).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
                    if String(decoding: rest.dropFirst(16).prefix(length).prefix { $0 != 0 }, as: UTF8.self) == name {
                        return body()
                    }
                    rest = rest.dropFirst(16 + length)
                }
            }
        }
    }
}

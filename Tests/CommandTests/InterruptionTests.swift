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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // The folder is moved into its place first; the rename after it waits, and the signals come meanwhile.
        process.arguments =
            ["strace", "-f", "-o", "/dev/null", "-e", "inject=renameat2:delay_enter=2000000:when=3"]
            + [try Programs.path("prometeu-packer"), "create", command.project, "new", "--type", "map"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let (ended, end) = AsyncStream<Process>.makeStream()
        process.terminationHandler = {
            end.yield($0)
            end.finish()
        }
        let tracer = Guarded<Int32?>(nil)
        try onArrival(of: "new", in: command.project + "/assets") {
            guard let traced = Self.child(of: tracer.wait { $0 }) else { return }
            for signal in signals { kill(traced, signal) }
        }
        try process.run()
        tracer.signal { [number = process.processIdentifier] in $0 = number }
        let ending = try #require(await ended.first { _ in true })
        if signals.count == 1 {
            #expect(ending.terminationReason == .exit)
            #expect(ending.terminationStatus == 0)
        } else {
            #expect(ending.terminationReason == .uncaughtSignal)
            let next = try await command("refresh", "--json").objects()
            #expect(next.first?.kind == "recovery")
        }
        #expect(try await command("show", "new", "--json").object()["validity"] == "valid")
    }

    private static func child(of tracer: Int32) -> Int32? {
        let children = try? String(contentsOfFile: "/proc/\(tracer)/task/\(tracer)/children", encoding: .utf8)
        return children?.split(separator: " ").first.flatMap { Int32($0) }
    }

    /// Calls `body` when a name has arrived in a folder, on a thread of its own: the pool may be busy with tests.
    private func onArrival(of name: String, in folder: String, _ body: @escaping @Sendable () -> Void) throws {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC))
        guard descriptor >= 0, inotify_add_watch(descriptor, folder, UInt32(IN_MOVED_TO)) >= 0 else {
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

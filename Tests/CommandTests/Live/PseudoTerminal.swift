import Foundation
import LinuxFiles
import PackerTestSupport

/// A terminal of a test's own, with a command that has it as its controlling one.
final class PseudoTerminal: Sendable {
    private let main: Int32
    private let side: Int32
    private let process: Process
    private let ended: AsyncStream<Process>
    /// Before the command began.
    let settingsAtFirst: [UInt32]
    private let received = Guarded(Received())
    /// Tells the thread that reads to close the terminal: a read(2) that waits would keep it open.
    private let hangingUp = Pipe()

    private struct Received {
        var bytes: [UInt8] = []
        var isOver = false
    }

    private static let patience: UInt64 = 60_000_000_000

    init(
        _ command: Command, _ arguments: [String], columns: Int = 80, rows: Int = 24,
        environment: [String: String] = [:], in folder: String? = nil, ignoresHangUp: Bool = false
    ) throws {
        var (main, side): (Int32, Int32) = (-1, -1)
        guard openpty(&main, &side, nil, nil, nil) == 0 else { throw CocoaError(.fileReadUnknown) }
        for end in [main, side] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (self.main, self.side) = (main, side)
        settingsAtFirst = Self.settings(of: side)
        let process = Process()
        // setsid(1) makes it the controlling terminal: Ctrl-C and a change of size are signals only then.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.arguments =
            (ignoresHangUp ? ["--ignore-signal=HUP"] : []) + [
                "setsid", "--ctty", "--wait", try Programs.path("prometeu-packer"),
            ] + arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["TERM": "xterm", "NO_COLOR": "1"]) { $1 }.merging(environment) { $1 }
        let handle = FileHandle(fileDescriptor: side, closeOnDealloc: false)
        process.standardInput = handle
        process.standardOutput = handle
        process.standardError = handle
        let (ended, end) = AsyncStream<Process>.makeStream()
        process.terminationHandler = {
            end.yield($0)
            end.finish()
        }
        self.process = process
        self.ended = ended
        resize(columns: columns, rows: rows)
        try process.run()
        Thread.detachNewThread { [main, received, stop = hangingUp.fileHandleForReading] in
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            var waited = [main, stop.fileDescriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            while poll(&waited, 2, -1) >= 0 || errno == EINTR, waited[1].revents == 0 {
                let count = read(main, &buffer, buffer.count)
                if count <= 0 { break }
                received.signal { $0.bytes += buffer[..<count] }
            }
            close(main)
            received.signal { $0.isOver = true }
        }
    }

    deinit {
        if process.isRunning { process.terminate() }
        hangUp()
        close(side)
    }

    func type(_ text: String) { _ = write(main, text, text.utf8.count) }

    func resize(columns: Int, rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(main, UInt(TIOCSWINSZ), &size)
    }

    /// As if the program that shows it had been killed.
    func hangUp() { try? hangingUp.fileHandleForWriting.close() }

    func signal(_ number: Int32) { kill(command, number) }

    /// The process id of the command.
    var command: Int32 {
        let number = process.processIdentifier
        // setsid(1) goes on as the command, or waits for it, by whether it leads its group.
        let children = try? String(contentsOfFile: "/proc/\(number)/task/\(number)/children", encoding: .utf8)
        return (children ?? "").split(separator: " ").first.flatMap { Int32($0) } ?? number
    }

    /// Its status when it has ended and all that it wrote has been received; one that goes on for too long is killed.
    func status() async -> Int32? {
        let deadline = Task { [number = command] in
            try await Task.sleep(for: .nanoseconds(Self.patience))
            kill(number, SIGKILL)
        }
        defer { deadline.cancel() }
        let status = await ended.first { _ in true }?.terminationStatus
        await receiveAll()
        return status
    }

    /// What it wrote has come through when a byte has that is written behind it, and that it never writes itself.
    private func receiveAll() async {
        _ = write(side, [0], 1)
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread { [received] in
                _ = received.wait(until: MonotonicClock.now() + Self.patience) { received -> Bool? in
                    guard received.bytes.last == 0 else { return received.isOver ? true : nil }
                    received.bytes.removeLast()
                    return true
                }
                done.resume()
            }
        }
    }

    var output: String { String(decoding: received.withLock { $0.bytes }, as: UTF8.self) }

    /// How the terminal is set: the flags that a view changes.
    var settings: [UInt32] { Self.settings(of: side) }

    private static func settings(of side: Int32) -> [UInt32] {
        var settings = termios()
        tcgetattr(side, &settings)
        return [settings.c_iflag, settings.c_oflag, settings.c_lflag]
            + withUnsafeBytes(of: &settings.c_cc) { $0.map(UInt32.init) }
    }

    /// Waits for a frame.
    /// - Returns: its lines; nil when there was none in time.
    func frame(where isWanted: @escaping @Sendable ([String]) -> Bool) async -> [String]? {
        await withCheckedContinuation { done in
            Thread.detachNewThread { [received] in
                let found = received.wait(until: MonotonicClock.now() + Self.patience) { received -> [String]?? in
                    if let frame = Self.lastFrame(received.bytes), isWanted(frame) { return .some(frame) }
                    return received.isOver ? .some(nil) : nil
                }
                done.resume(returning: found ?? nil)
            }
        }
    }

    /// What the newest whole frame shows, from the cursor's way home to the erasing of what is below.
    private static func lastFrame(_ bytes: [UInt8]) -> [String]? {
        let text = String(decoding: bytes.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        guard let end = text.range(of: "\u{1b}[J", options: [.backwards, .literal]),
            let start = text.range(
                of: "\u{1b}[H", options: [.backwards, .literal], range: text.startIndex..<end.lowerBound)
        else { return nil }
        return text[start.upperBound..<end.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0).replacing("\u{1b}[K", with: "") }
    }
}

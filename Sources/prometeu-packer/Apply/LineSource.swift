import Foundation

/// The input cannot be read.
struct InputUnreadable: Error {
    let path: String
    /// errno of open(2) or read(2).
    let number: Int32
}

/// The lines of a file or of standard input, as they come. A line that is longer than it may be is not kept.
///
/// One thread reads; `stop` may be called from any.
final class LineSource: @unchecked Sendable {
    // Unchecked: `stopped` is touched only with `lock` held; what else changes, by the reading thread alone.
    enum Line: Equatable {
        case bytes([UInt8])
        case tooLong
    }

    enum Stop: Sendable {
        case interrupted, readerIsGone
    }

    /// Without its end. A transaction that is larger would be no unit that anybody can look at.
    static let longestLine = 8 << 20
    private static let chunk = 1 << 16

    private let path: String
    private let descriptor: Int32
    private let limit: Int
    /// A byte in it wakes the reading thread.
    private let wake: (reading: Int32, writing: Int32)
    private let lock = NSLock()
    /// Guarded by `lock`.
    private var stopped: Stop?
    // From here on the reading thread's alone.
    private var buffer: [UInt8] = []
    private var start = 0
    private var searched = 0
    private var isSkipping = false
    private var isAtEnd = false

    /// - Parameter path: `-` is standard input.
    /// - Throws: `InputUnreadable`.
    init(path: String, limit: Int = LineSource.longestLine) throws {
        self.path = path
        self.limit = limit
        // A pipe with a name is not waited for here: that could not be interrupted.
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 { throw InputUnreadable(path: path, number: errno) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            let number = errno
            if path != "-" { close(descriptor) }
            throw InputUnreadable(path: path, number: number)
        }
        wake = (ends[0], ends[1])
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
        close(wake.reading)
        close(wake.writing)
    }

    /// Why no more lines come, where that is not the end of the input.
    var stop: Stop? { lock.withLock { stopped } }

    /// No line is given out after this.
    func stop(_ reason: Stop) {
        lock.withLock { stopped = stopped ?? reason }
        // Twice or three times at most: the pipe is never full.
        var byte: UInt8 = 0
        _ = write(wake.writing, &byte, 1)
    }

    /// The next line, without its end; nil at the end of the input or after `stop`. Blocks the thread.
    /// - Throws: `InputUnreadable`.
    func next() throws -> Line? {
        while stop == nil {
            if let newline = firstNewline() {
                defer {
                    start = newline + 1
                    searched = start
                    isSkipping = false
                }
                return line(upTo: newline)
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count || isSkipping else { return nil }
                defer {
                    start = buffer.count
                    isSkipping = false
                }
                return line(upTo: buffer.count)
            }
            if buffer.count - start > limit {
                isSkipping = true
                start = buffer.count
            }
            buffer.removeFirst(start)
            (start, searched) = (0, buffer.count)
            try readMore()
        }
        return nil
    }

    private func line(upTo end: Int) -> Line {
        isSkipping || end - start > limit ? .tooLong : .bytes(Array(buffer[start..<end]))
    }

    private func firstNewline() -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, searched < bytes.count,
                let found = memchr(base + searched, Int32(UInt8(ascii: "\n")), bytes.count - searched)
            else { return nil }
            return found - UnsafeMutableRawPointer(mutating: base)
        }
    }

    private func readMore() throws {
        var watched = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.reading, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&watched, 2, -1) > 0, watched[0].revents != 0 else { return }
        let length = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + length, Self.chunk) }
        let number = errno
        buffer.removeLast(Self.chunk - max(0, count))
        if count == 0 { isAtEnd = true }
        if count < 0, number != EINTR, number != EAGAIN { throw InputUnreadable(path: path, number: number) }
    }
}

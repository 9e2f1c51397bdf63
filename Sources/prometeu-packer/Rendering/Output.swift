import Glibc

enum OutputError: Error, Equatable {
    /// Whoever read it has closed its end: nothing is wrong, and nobody listens.
    case readerIsGone
    /// errno of write(2).
    case failed(Int32)
}

/// A descriptor that text is written to, whole or with an error.
struct Output: Sendable {
    let descriptor: Int32

    func write(_ text: String) throws(OutputError) {
        var text = text
        let failure: Int32? = text.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR {
                    return errno
                }
            }
            return nil
        }
        if let failure { throw failure == EPIPE ? .readerIsGone : .failed(failure) }
    }

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Waits until whoever reads the descriptor has closed its end; returns at once where it is neither pipe nor
    /// socket. Blocks the thread.
    /// - Returns: whether the reader is gone.
    func waitForReaderToLeave() -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0, [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) else {
            return false
        }
        // POLLERR needs no asking for (poll(2)): a pipe without readers raises it on its writing end.
        var watched = pollfd(fd: descriptor, events: 0, revents: 0)
        while poll(&watched, 1, -1) < 0 && errno == EINTR {}
        return watched.revents != 0
    }
}

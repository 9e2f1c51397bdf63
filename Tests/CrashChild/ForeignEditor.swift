import Glibc

/// Acts on files as a program that knows nothing of the packer, each time that it is told to, and says what it did.
///
///   crash-child editor
///
/// It reads "ACTION PATH [TEXT]" from standard input, a line each, and answers "did INODE" with the file that it left
/// or took away, or "nothing" where there was nothing to act on.
enum ForeignEditor {
    static func serve() {
        while let line = readLine() {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count >= 2 else { continue }
            let text = words.count == 3 ? words[2].replacing("\\n", with: "\n") : ""
            say(act(words[0], words[1], text).map { "did \($0)" } ?? "nothing")
        }
    }

    private static func act(_ action: String, _ path: String, _ text: String) -> UInt64? {
        switch action {
        case "write": return write(text, to: path, O_WRONLY | O_TRUNC)
        case "replace":
            guard let inode = write(text, to: path + "~", O_WRONLY | O_CREAT | O_TRUNC) else { return nil }
            return Glibc.rename(path + "~", path) == 0 ? inode : nil
        case "delete":
            let inode = inode(path)
            return unlink(path) == 0 ? inode : nil
        case "rename": return Glibc.rename(path, path + ".theirs") == 0 ? inode(path + ".theirs") : nil
        case "chmod":
            let file = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            var raw = stat()
            guard file >= 0, fstat(file, &raw) == 0, fchmod(file, mode_t(text, radix: 8) ?? 0) == 0 else { return nil }
            return UInt64(raw.st_ino)
        default: return nil
        }
    }

    private static func write(_ text: String, to path: String, _ flags: CInt) -> UInt64? {
        let file = open(path, flags | O_CLOEXEC, 0o644)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let count = text.utf8.count
        return text.withCString { Glibc.write(file, $0, count) } == count ? inode(path) : nil
    }

    private static func inode(_ path: String) -> UInt64? {
        var raw = stat()
        return lstat(path, &raw) == 0 ? UInt64(raw.st_ino) : nil
    }
}

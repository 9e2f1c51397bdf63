import Foundation

/// The terminal of the process while a view has all of it: the alternate screen, no cursor, and keys that come at once.
final class Terminal: @unchecked Sendable {
    // Unchecked: `saved` is touched only with `lock` held.
    private let lock = NSLock()
    /// As the terminal was; nil while it is in its own state.
    private var saved: termios?
    private let input: Int32
    private let output: Output

    // xterm's control sequences: alternate screen, cursor, and no wrapping where a line turns out wider than was counted.
    private static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"
    private static let leave = "\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"
    private static let top = "\u{1b}[H"
    private static let eraseToEndOfLine = "\u{1b}[K"
    private static let eraseBelow = "\u{1b}[J"

    /// - Returns: nil where the process has none that could show a view.
    init?(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO, environment: [String: String]) {
        guard isatty(input) == 1, isatty(output) == 1, !["", "dumb"].contains(environment["TERM", default: ""])
        else { return nil }
        self.input = input
        self.output = Output(descriptor: output)
    }

    deinit { leave() }

    /// Shows the empty screen.
    func enter() throws(OutputError) {
        lock.lock()
        defer { lock.unlock() }
        var settings = termios()
        guard saved == nil, tcgetattr(input, &settings) == 0 else { return }
        saved = settings
        // Keys come one by one and are not shown; Ctrl-C stays a signal. Ctrl-Z and Ctrl-\ would leave the screen as it
        // is, Ctrl-S would stop it.
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        settings.c_iflag &= ~tcflag_t(IXON)
        withUnsafeMutableBytes(of: &settings.c_cc) { keys in
            for (key, value) in [(VMIN, 1), (VTIME, 0), (VSUSP, 0), (VQUIT, 0)] { keys[Int(key)] = UInt8(value) }
        }
        tcsetattr(input, TCSANOW, &settings)
        try output.write(Self.enter)
    }

    /// Gives the terminal back as it was; nothing is drawn afterwards.
    func leave() {
        lock.lock()
        defer { lock.unlock() }
        restore()
    }

    /// As `leave`, but where something is being drawn at this moment: whoever draws then leaves. Never waits, so that
    /// a terminal that takes nothing more holds up nobody.
    func leaveAtOnce() {
        guard lock.try() else { return }
        defer { lock.unlock() }
        restore()
    }

    /// Called with the lock held.
    private func restore() {
        guard var settings = saved else { return }
        saved = nil
        // Where it is gone, there is nothing to give back.
        try? output.write(Self.leave)
        tcsetattr(input, TCSANOW, &settings)
    }

    /// Draws over the whole screen, in one write.
    func draw(_ lines: [String]) throws(OutputError) {
        lock.lock()
        defer { lock.unlock() }
        guard saved != nil else { return }
        let text = lines.map { $0 + Self.eraseToEndOfLine }.joined(separator: "\r\n")
        try output.write(Self.top + text + Self.eraseBelow)
    }

    /// Columns and rows; what a terminal has that does not know its own.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(output.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// What was typed; empty where nothing was, nil where nobody can type any more. Call it when there is something.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = Foundation.read(input, &buffer, buffer.count)
        if count > 0 { return Array(buffer[..<count]) }
        return count < 0 && errno == EINTR ? [] : nil
    }

    var inputDescriptor: Int32 { input }
}

import Packer

/// What is shown of the text of a flagged file.
enum TextChange: Equatable, Sendable {
    /// Lines of a unified diff, made safe for a terminal, and how many more there are.
    case lines([String], more: Int)
    /// Why there are none.
    case note(String)
    /// The text is the same, or there is nothing to compare.
    case none

    /// Lines that are shown of one file.
    static let shownLines = 16
    /// Bytes that are shown of one line.
    static let shownBytes = 512

    /// How many lines of the screen it takes.
    var height: Int {
        switch self {
        case .lines(let lines, let more): lines.count + (more > 0 ? 1 : 0)
        case .note: 1
        case .none: 0
        }
    }

    /// Compares the text that a flag's path had with the one that it has.
    /// - Parameter earlier: what is kept of the file as the snapshot knows it.
    /// - Parameter now: the bytes that stand there, where they are few and could be read.
    init(_ divergence: Divergence, earlier: [UInt8]?, now: [UInt8]?) {
        guard let observed = divergence.observed, observed.kind == .file else {
            self = .none
            return
        }
        if let expected = divergence.expected {
            guard expected.kind == .file, expected.digest == nil || expected.digest != observed.digest else {
                self = .none
                return
            }
            guard expected.size <= EarlierTexts.largestFile else {
                self = .note(Self.tooLarge)
                return
            }
            guard earlier != nil else {
                self = .note("no earlier text kept")
                return
            }
        }
        guard observed.size <= EarlierTexts.largestFile else {
            self = .note(Self.tooLarge)
            return
        }
        guard let now else {
            self = .note("it cannot be read")
            return
        }
        self.init(from: earlier, to: now)
    }

    init(from old: [UInt8]?, to new: [UInt8]) {
        guard Self.isText(new), old.map(Self.isText) ?? true else {
            self = .note("binary: no lines to show")
            return
        }
        let lines = LineDifference.lines(from: old, to: new)
        let shown = lines.prefix(Self.shownLines).map { Self.shown($0) }
        self = lines.isEmpty ? .none : .lines(shown, more: lines.count - shown.count)
    }

    private static let tooLarge = "larger than \(Quantity.size(UInt64(EarlierTexts.largestFile))): no lines are shown"

    /// UTF-8 without a NUL.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
    }

    private static func shown(_ line: String) -> String {
        let cut = line.utf8.count > shownBytes ? String(decoding: line.utf8.prefix(shownBytes), as: UTF8.self) : line
        // A tab is as wide as what is before it: an arrow shows it in any column.
        return cut.replacing("\t", with: "→   ").terminalSafe
    }
}

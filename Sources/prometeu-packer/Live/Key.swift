/// What a person can ask of the live view.
enum Key: Equatable, Sendable {
    case up, down, pageUp, pageDown, home, end, quit
}

/// Makes keys of the bytes that a terminal sends, however they come in.
struct KeyReader {
    private var rest: [UInt8] = []

    private static let keys: [(bytes: [UInt8], key: Key)] = spellings.map { (Array($0.utf8), $1) }

    private static let spellings: [(String, Key)] = [
        ("\u{1b}[A", .up), ("\u{1b}OA", .up), ("k", .up), ("\u{1b}[B", .down), ("\u{1b}OB", .down), ("j", .down),
        ("\u{1b}[5~", .pageUp), ("b", .pageUp), ("\u{1b}[6~", .pageDown), (" ", .pageDown),
        ("\u{1b}[H", .home), ("\u{1b}OH", .home), ("\u{1b}[1~", .home), ("g", .home),
        ("\u{1b}[F", .end), ("\u{1b}OF", .end), ("\u{1b}[4~", .end), ("G", .end),
        // Ctrl-C is a signal, but where the terminal has another key for that.
        ("q", .quit), ("Q", .quit), ("\u{3}", .quit),
    ]

    mutating func read(_ bytes: [UInt8]) -> [Key] {
        rest += bytes
        var keys: [Key] = []
        while let first = rest.first {
            if let found = Self.keys.first(where: { rest.starts(with: $0.bytes) }) {
                keys.append(found.key)
                rest.removeFirst(found.bytes.count)
            } else if first == 0x1b, rest.count == 1 || Self.keys.contains(where: { $0.bytes.starts(with: rest) }) {
                // The other bytes are under way.
                break
            } else {
                rest.removeFirst(first == 0x1b ? sequenceLength : 1)
            }
        }
        return keys
    }

    /// Of an escape sequence that means nothing here (ECMA-48): up to its final byte.
    private var sequenceLength: Int {
        guard rest.count > 1, rest[1] == UInt8(ascii: "[") else { return min(2, rest.count) }
        let end = rest.dropFirst(2).firstIndex { (0x40...0x7e).contains($0) }
        return end.map { $0 + 1 } ?? rest.count
    }
}

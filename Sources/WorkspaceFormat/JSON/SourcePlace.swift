/// A place in a file as an editor shows it: line and column from 1, the column in bytes.
package struct SourcePlace: Equatable, Sendable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    /// O(offset).
    init(of offset: Int, in source: UnsafeBufferPointer<UInt8>) {
        self.init()
        advance(from: 0, to: offset, in: source)
    }

    /// The start of the file.
    init() {
        line = 1
        column = 1
    }

    /// To a later offset, from the one that this is the place of. A line ends with LF, CR LF or a CR alone. O(distance).
    mutating func advance(from start: Int, to offset: Int, in source: UnsafeBufferPointer<UInt8>) {
        var lineStart = start - column + 1
        for index in start..<max(start, min(offset, source.count)) {
            let isEnd =
                source[index] == UInt8(ascii: "\n")
                || source[index] == UInt8(ascii: "\r")
                    && (index + 1 == source.count || source[index + 1] != UInt8(ascii: "\n"))
            guard isEnd else { continue }
            line += 1
            lineStart = index + 1
        }
        column = offset - lineStart + 1
    }

    package var description: String { "line \(line), column \(column)" }
}

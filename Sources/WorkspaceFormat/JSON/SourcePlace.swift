/// A place in a file as an editor shows it: line and column from 1, the column in bytes.
package struct SourcePlace: Equatable, Sendable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    /// A line ends with LF, CR LF or a CR alone. O(offset).
    init(of offset: Int, in source: UnsafeBufferPointer<UInt8>) {
        var line = 1
        var lineStart = 0
        for index in 0..<min(offset, source.count) {
            let isEnd =
                source[index] == UInt8(ascii: "\n")
                || source[index] == UInt8(ascii: "\r")
                    && (index + 1 == source.count || source[index + 1] != UInt8(ascii: "\n"))
            guard isEnd else { continue }
            line += 1
            lineStart = index + 1
        }
        self.line = line
        column = offset - lineStart + 1
    }

    package var description: String { "line \(line), column \(column)" }
}

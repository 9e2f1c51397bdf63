/// Swift source with its comments and string contents told apart from its code.
///
/// Regex literals are not understood; the sources have none.
struct SwiftText {
    struct Comment: Equatable {
        /// Counted from 1.
        var line: Int
        var text: String

        var isDocumentation: Bool { text.hasPrefix("///") || text.hasPrefix("/**") }
    }

    /// The source line by line, comments and string contents left out. What is interpolated into a string is code.
    let code: [String]
    /// One for each line of each comment.
    let comments: [Comment]

    init(_ source: String) {
        var reader = Reader(bytes: Array(source.utf8))
        reader.readCode(until: nil)
        code = String(decoding: reader.code, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        comments = reader.comments
    }
}

private struct Reader {
    let bytes: [UInt8]
    var position = 0
    var line = 1
    var code: [UInt8] = []
    var comments: [SwiftText.Comment] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    private func starts(_ text: StaticString, at index: Int) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return bytes[min(index, bytes.count)...].starts(with: wanted)
    }

    private func starts(_ text: StaticString) -> Bool { starts(text, at: position) }

    private mutating func advance(_ count: Int, asCode: Bool) {
        for byte in bytes[position..<min(position + count, bytes.count)] {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if asCode || byte == UInt8(ascii: "\n") { code.append(byte) }
        }
        position += count
    }

    /// Reads to the end, or past the parenthesis that closes an interpolation.
    mutating func readCode(until closing: UInt8?) {
        var depth = 0
        while position < bytes.count {
            if starts("//") {
                readLineComment()
            } else if starts("/*") {
                readBlockComment()
            } else if let hashes = openingHashes() {
                readString(hashes: hashes)
            } else {
                let byte = bytes[position]
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    if closing != nil, depth == 0 { return }
                    depth -= 1
                }
                advance(1, asCode: true)
            }
        }
    }

    private mutating func readLineComment() {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        comments.append(.init(line: line, text: String(decoding: bytes[position..<end], as: UTF8.self)))
        position = end
    }

    private mutating func readBlockComment() {
        let first = position
        let firstLine = line
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                advance(2, asCode: false)
            } else if starts("*/") {
                depth -= 1
                advance(2, asCode: false)
            } else {
                advance(1, asCode: false)
            }
        } while depth > 0 && position < bytes.count
        let text = String(decoding: bytes[first..<min(position, bytes.count)], as: UTF8.self)
        for (offset, part) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            comments.append(.init(line: firstLine + offset, text: String(part)))
        }
    }

    /// How many `#` stand before the quote that starts here; nil where no string starts.
    private func openingHashes() -> Int? {
        var hashes = 0
        while starts("#", at: position + hashes) { hashes += 1 }
        return starts("\"", at: position + hashes) ? hashes : nil
    }

    private mutating func readString(hashes: Int) {
        let quotes = starts("\"\"\"", at: position + hashes) ? 3 : 1
        let delimiter = Array(repeating: UInt8(ascii: "\""), count: quotes)
        let end = delimiter + Array(repeating: UInt8(ascii: "#"), count: hashes)
        let escape = [UInt8(ascii: "\\")] + Array(repeating: UInt8(ascii: "#"), count: hashes)
        advance(hashes + quotes, asCode: true)
        while position < bytes.count {
            let rest = bytes[position...]
            if rest.starts(with: end) { return advance(end.count, asCode: true) }
            if rest.starts(with: escape + [UInt8(ascii: "(")]) {
                advance(escape.count, asCode: false)
                advance(1, asCode: true)
                readCode(until: UInt8(ascii: ")"))
                advance(1, asCode: true)
            } else if rest.starts(with: escape) {
                advance(escape.count + 1, asCode: false)
            } else {
                advance(1, asCode: false)
            }
        }
    }
}

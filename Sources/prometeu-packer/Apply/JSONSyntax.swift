import Foundation

/// Whether bytes are one JSON value (RFC 8259), and where they are not: Foundation's decoder takes trailing commas and
/// repeated members, and names no place.
struct JSONSyntax {
    struct Problem: Error, Equatable {
        /// In bytes, from 1.
        var column: Int
        var message: String
    }

    private static let deepest = 64

    private let bytes: [UInt8]
    private var index = 0

    /// - Parameter bytes: valid UTF-8.
    static func check(_ bytes: [UInt8]) throws(Problem) {
        var syntax = JSONSyntax(bytes: bytes)
        try syntax.value(depth: 1)
        syntax.skipSpace()
        if let byte = syntax.peek { throw syntax.problem("\(shown(byte)) stands behind the value") }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func problem(_ message: String) -> Problem { Problem(column: index + 1, message: message) }

    private func unexpected(_ wanted: String) -> Problem {
        problem(
            peek.map { "\(Self.shown($0)) stands where \(wanted) should" } ?? "it ends where \(wanted) should stand")
    }

    private static func shown(_ byte: UInt8) -> String {
        (0x21..<0x7f).contains(byte) ? "\"\(Character(Unicode.Scalar(byte)))\"" : "the byte \(byte)"
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || (0x09...0x0d).contains(byte) && byte != 0x0b && byte != 0x0c {
            index += 1
        }
    }

    private mutating func take(_ byte: Character) -> Bool {
        guard peek == byte.asciiValue else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(Problem) {
        skipSpace()
        if depth > Self.deepest { throw problem("it is nested more than \(Self.deepest) deep") }
        switch peek.map({ Character(Unicode.Scalar($0)) }) {
        case "{": try object(depth)
        case "[": try array(depth)
        case "\"": _ = try string()
        case "t": try word("true")
        case "f": try word("false")
        case "n": try word("null")
        case "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": try number()
        default: throw unexpected("a value")
        }
    }

    private mutating func object(_ depth: Int) throws(Problem) {
        index += 1
        skipSpace()
        if take("}") { return }
        var names = Set<[UInt8]>()
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw unexpected("the name of a member") }
            let start = index
            let name = try string()
            if !names.insert(Array(name.utf8)).inserted {
                throw Problem(column: start + 1, message: "the member \"\(name)\" stands twice")
            }
            skipSpace()
            guard take(":") else { throw unexpected("a colon") }
            try value(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("}") else { throw unexpected("a comma or }") }
    }

    private mutating func array(_ depth: Int) throws(Problem) {
        index += 1
        skipSpace()
        if take("]") { return }
        repeat {
            try value(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("]") else { throw unexpected("a comma or ]") }
    }

    private mutating func string() throws(Problem) -> String {
        let start = index
        index += 1
        var hasEscapes = false
        while let byte = peek, byte != UInt8(ascii: "\"") {
            if byte < 0x20 { throw problem("the control character \(byte) is not escaped") }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index += 1
                guard let escaped = peek, "\"\\/bfnrtu".utf8.contains(escaped) else { throw unexpected("an escape") }
            }
            index += 1
        }
        guard take("\"") else { throw unexpected("the end of a text") }
        if !hasEscapes { return String(decoding: bytes[(start + 1)..<(index - 1)], as: UTF8.self) }
        guard let text = try? JSONDecoder().decode(String.self, from: Data(bytes[start..<index])) else {
            throw Problem(column: start + 1, message: "the text has an escape that is no character")
        }
        return text
    }

    private mutating func word(_ word: String) throws(Problem) {
        guard bytes[index...].starts(with: word.utf8) else { throw unexpected("a value") }
        index += word.utf8.count
    }

    private mutating func number() throws(Problem) {
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
    }

    private mutating func digits() throws(Problem) {
        let start = index
        while let byte = peek, (0x30...0x39).contains(byte) { index += 1 }
        if start == index { throw unexpected("a digit") }
    }
}

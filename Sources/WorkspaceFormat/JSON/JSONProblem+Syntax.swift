import CJSON

extension JSONProblem {
    /// What the parser found wrong, with what stood there and what to write instead.
    init(fault: CJSONFault, offset: Int, in source: UnsafeBufferPointer<UInt8>) {
        let offset = fault == .value ? Self.startOfWord(at: offset, in: source) : offset
        let found = Found(at: offset, in: source)
        let (message, remedy) = Self.explanation(fault, found)
        let kind: Kind =
            switch fault {
            case .nul: .nul
            case .depth: .tooDeep
            case .memory: .noMemory
            default: .syntax
            }
        self.init(kind: kind, offset: fault == .memory ? nil : offset, message: message, remedy: remedy)
    }

    /// The parser stops at the letter that no longer fits `true`, `false` or `null`.
    private static func startOfWord(at offset: Int, in source: UnsafeBufferPointer<UInt8>) -> Int {
        var start = offset
        while start > 0, source[start - 1].isWord || source[start - 1] == UInt8(ascii: "-") { start -= 1 }
        return start
    }

    private static func explanation(_ fault: CJSONFault, _ found: Found) -> (message: String, remedy: String) {
        switch fault {
        case .empty:
            ("the file has no content", "Restore the file, or delete it.")
        case .trailing:
            ("\(found) stands after the end of the document", "Remove everything after the last bracket.")
        case .value:
            ("a value is expected, but \(found) stands here", valueRemedy(found))
        case .key:
            (
                "a member's name in double quotes is expected, but \(found) stands here",
                found.first == UInt8(ascii: "}")
                    ? "Remove the comma after the last member." : "Write the name in double quotes."
            )
        case .colon:
            ("a colon is expected after the member's name, but \(found) stands here", "Write a colon after the name.")
        case .commaOrBrace:
            (
                "a comma or } is expected, but \(found) stands here",
                "Separate members with commas, and close the object with }."
            )
        case .commaOrBracket:
            (
                "a comma or ] is expected, but \(found) stands here",
                "Separate elements with commas, and close the array with ]."
            )
        case .escape:
            (
                "the string has an escape that JSON does not know",
                "Write a backslash as \\\\; known escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX."
            )
        case .hex:
            ("the escape \\u needs four hexadecimal digits", "Write it as \\uXXXX.")
        case .surrogate:
            (
                "the escape is one half of a surrogate pair without the other",
                "Write both halves, or the character itself in UTF-8."
            )
        case .controlCharacter:
            found.isLineEnd
                ? ("a string is not closed on its line", "Close the string with \", or write the line break as \\n.")
                : ("the string contains \(found)", "Write control characters as escapes, a tab as \\t.")
        case .unclosedString:
            ("the string that starts here is never closed", "Close the string with \".")
        case .encoding:
            ("\(found) is not valid UTF-8", "Save the file as UTF-8.")
        case .numberRange:
            ("the number is too large for a double", "Write a smaller number, or a string.")
        case .fraction:
            ("a digit is expected after the decimal point, but \(found) stands here", "Write a digit, or no point.")
        case .exponent:
            ("a digit is expected in the exponent, but \(found) stands here", "Write a digit, or no exponent.")
        case .nul:
            ("the file contains a NUL character", "Remove the NUL; text cannot contain one.")
        case .depth:
            (
                "objects and arrays are nested deeper than \(CJSON_MAXIMUM_DEPTH) levels",
                "Flatten the structure, or move it into an input file of the asset."
            )
        case .memory, .none:
            ("there was not enough memory to read the file", "Close other programs and refresh.")
        }
    }

    private static func valueRemedy(_ found: Found) -> String {
        switch found.first {
        case UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ","):
            "Write the missing value, or remove the comma before it."
        case UInt8(ascii: "'"): "Write strings in double quotes."
        case UInt8(ascii: "/"), UInt8(ascii: "#"): "Remove the comment: JSON has none."
        default: "Write a string in double quotes, a number, true, false, null, an object or an array."
        }
    }
}

/// What stands at a place, for a message: a word, a character, or a byte that is neither.
private struct Found: CustomStringConvertible {
    let rest: Slice<UnsafeBufferPointer<UInt8>>

    init(at offset: Int, in source: UnsafeBufferPointer<UInt8>) {
        rest = source[min(offset, source.count)...]
    }

    var first: UInt8? { rest.first }

    var isLineEnd: Bool { first == UInt8(ascii: "\n") || first == UInt8(ascii: "\r") }

    var description: String {
        guard let first else { return "the end of the file" }
        if isLineEnd { return "the end of the line" }
        if first.isWord || first == UInt8(ascii: "-") {
            let word = rest.prefix(24).prefix { $0.isWord || $0 == UInt8(ascii: "-") }
            return "`\(String(decoding: word, as: UTF8.self))`"
        }
        let width = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
        if first >= 0x20, first != 0x7f, let character = String(validating: rest.prefix(width), as: UTF8.self) {
            return "`\(character)`"
        }
        let digits = String(first, radix: 16, uppercase: true)
        return "the byte 0x" + (digits.count == 1 ? "0" : "") + digits
    }
}

extension UInt8 {
    fileprivate var isWord: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "+"):
            true
        default: false
        }
    }
}

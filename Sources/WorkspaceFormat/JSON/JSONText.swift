/// A value that is to be written.
indirect enum JSONText {
    case string(String)
    case bool(Bool)
    case integer(Int)
    case array([JSONText])
    case object([(name: String, value: JSONText)])
    /// Text that is JSON already, written as it is.
    case raw(String)
}

/// How a file is formatted; the default is that of the files we make.
struct JSONLayout {
    var newline: [UInt8] = [UInt8(ascii: "\n")]
    /// What one level is indented by.
    var unit: [UInt8] = Array("  ".utf8)
    /// What stands between a name and its value.
    var colon: [UInt8] = Array(": ".utf8)
    /// One member or element a line.
    var isMultiline = true

    /// After a comma on the same line.
    var gap: [UInt8] { colon.last == UInt8(ascii: " ") ? [UInt8(ascii: " ")] : [] }
}

extension [UInt8] {
    /// - Parameter indentation: that of the line where the value starts.
    mutating func append(_ value: JSONText, _ layout: JSONLayout, indentation: [UInt8] = []) {
        switch value {
        case .string(let text): appendJSONString(text)
        case .bool(let flag): append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let number): append(contentsOf: String(number).utf8)
        case .raw(let text): append(contentsOf: text.utf8)
        case .array(let elements):
            appendContainer("[", elements, "]", layout, indentation) { bytes, element, indentation in
                bytes.append(element, layout, indentation: indentation)
            }
        case .object(let members):
            appendContainer("{", members, "}", layout, indentation) { bytes, member, indentation in
                bytes.appendJSONString(member.name)
                bytes.append(contentsOf: layout.colon)
                bytes.append(member.value, layout, indentation: indentation)
            }
        }
    }

    private mutating func appendContainer<Item>(
        _ open: Unicode.Scalar,
        _ items: [Item],
        _ close: Unicode.Scalar,
        _ layout: JSONLayout,
        _ indentation: [UInt8],
        _ append: (inout [UInt8], Item, [UInt8]) -> Void
    ) {
        let inner = indentation + layout.unit
        self.append(UInt8(ascii: open))
        for (index, item) in items.enumerated() {
            if index > 0 { self.append(UInt8(ascii: ",")) }
            if layout.isMultiline {
                self += layout.newline + inner
            } else if index > 0 {
                self += layout.gap
            }
            append(&self, item, inner)
        }
        if layout.isMultiline, !items.isEmpty { self += layout.newline + indentation }
        self.append(UInt8(ascii: close))
    }

    /// With the escapes that JSON demands and no others (RFC 8259, section 7).
    mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            append(contentsOf: text.utf8)
            return append(UInt8(ascii: "\""))
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x08: append(contentsOf: "\\b".utf8)
            case 0x09: append(contentsOf: "\\t".utf8)
            case 0x0a: append(contentsOf: "\\n".utf8)
            case 0x0c: append(contentsOf: "\\f".utf8)
            case 0x0d: append(contentsOf: "\\r".utf8)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                append(contentsOf: "\\u00".utf8)
                append(contentsOf: (digits.count == 1 ? "0" : "").utf8)
                append(contentsOf: digits.utf8)
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}

extension Unicode.Scalar {
    /// Moves the cursor, ends the line or turns the direction of what follows it.
    fileprivate var disturbsTerminal: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl
        }
    }
}

extension String {
    /// Fit for a terminal: what would act on it instead of being shown stands as `\u{N}`.
    var terminalSafe: String {
        escapingDisturbances { "\\u{\(String($0.value, radix: 16))}" }
    }

    /// JSON text with the same scalars as `\uNNNN`. They stand in strings only, so the values remain the same.
    var terminalSafeJSON: String {
        escapingDisturbances { scalar in
            String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }
    }

    private func escapingDisturbances(_ escape: (Unicode.Scalar) -> String) -> String {
        guard utf8.contains(where: { $0 < 0x20 || $0 >= 0x7f }) else { return self }
        var safe = ""
        for scalar in unicodeScalars {
            if scalar.disturbsTerminal { safe += escape(scalar) } else { safe.unicodeScalars.append(scalar) }
        }
        return safe
    }

    /// Columns that the text takes on a terminal.
    var terminalWidth: Int {
        if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
        return reduce(0) { width, character in width + character.unicodeScalars.first!.columns }
    }
}

extension Unicode.Scalar {
    /// What is wide or fullwidth (Unicode Annex 11) takes two columns. What combines is counted with its base.
    fileprivate var columns: Int {
        switch value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff,
            0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x20000...0x3fffd:
            2
        default: properties.isEmojiPresentation ? 2 : 1
        }
    }
}

extension Sequence<UInt8> {
    /// The text, with `\xNN` for bytes that are not UTF-8.
    var shownAsText: String {
        var shown = ""
        var rest = Array(self)[...]
        while let first = rest.first {
            let width = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
            if rest.count >= width, let text = String(validating: rest.prefix(width), as: UTF8.self) {
                shown += text
                rest = rest.dropFirst(width)
            } else {
                shown += "\\x" + String(first, radix: 16)
                rest = rest.dropFirst()
            }
        }
        return shown
    }
}

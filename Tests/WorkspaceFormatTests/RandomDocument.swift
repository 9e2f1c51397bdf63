import PackerTestSupport

/// Valid JSON with every spelling that the grammar allows, no key twice in an object, and nothing that we refuse.
struct RandomDocument {
    private var random: SplitMix
    private var bytes: [UInt8] = []

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func value() -> [UInt8] {
        bytes = []
        space()
        value(depth: 0)
        space()
        return bytes
    }

    mutating func object() -> [UInt8] {
        bytes = []
        space()
        object(depth: 0)
        space()
        return bytes
    }

    private mutating func value(depth: Int) {
        switch Int.random(in: 0..<(depth < 6 ? 9 : 6), using: &random) {
        case 0: write("true")
        case 1: write("false")
        case 2: write("null")
        case 3: number()
        case 4, 5: string()
        case 6: array(depth: depth)
        default: object(depth: depth)
        }
    }

    private mutating func array(depth: Int) {
        write("[")
        list { $0.value(depth: depth + 1) }
        write("]")
    }

    private mutating func object(depth: Int) {
        write("{")
        var index = 0
        list { document in
            // The number keeps the keys apart, whatever their decoded text.
            document.string(prefix: String(index) + ":")
            index += 1
            document.space()
            document.write(":")
            document.space()
            document.value(depth: depth + 1)
        }
        write("}")
    }

    private mutating func list(_ item: (inout RandomDocument) -> Void) {
        space()
        // Sometimes above 16, where duplicate keys are searched another way.
        let count = Int.random(in: 0..<20, using: &random) == 0 ? 24 : Int.random(in: 0...4, using: &random)
        for index in 0..<count {
            if index > 0 {
                write(",")
                space()
            }
            item(&self)
            space()
        }
    }

    private mutating func string(prefix: String = "") {
        write("\"" + prefix)
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            write(
                [
                    "a", "Z", " ", "{", "]", ",", ":", "/", "\u{7f}", "ä", "€", "😀", "\u{301}", "\u{fffe}", "\u{2028}",
                    "\\\"", "\\\\",
                    "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0041", "\\u00E4", "\\ud83D\\uDe00", "\\u001f",
                    "\\uFfFf",
                ].randomElement(using: &random)!
            )
        }
        write("\"")
    }

    private mutating func number() {
        write(["", "-"].randomElement(using: &random)!)
        write(["0", "7", "10", "123456789", "9007199254740993"].randomElement(using: &random)!)
        write(["", "", ".0", ".50", ".000123"].randomElement(using: &random)!)
        write(["", "", "e0", "E+1", "e-12", "e005"].randomElement(using: &random)!)
    }

    private mutating func space() {
        write(["", "", "", " ", "\n", "\r\n  ", "\t"].randomElement(using: &random)!)
    }

    private mutating func write(_ text: String) { bytes += text.utf8 }
}

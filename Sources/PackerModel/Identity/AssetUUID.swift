/// An asset's random identity, written in lower case in the registry and in the declaration.
///
/// It stands in both places so that a folder that was moved by hand is recognised.
public struct AssetUUID: Hashable, Sendable, Comparable, Codable, LosslessStringConvertible {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A version 4 UUID (RFC 9562, section 5.4) from a source of randomness.
    package init(using generator: inout some RandomNumberGenerator) {
        high = generator.next() & 0xffff_ffff_ffff_0fff | 0x4000
        low = generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    }

    /// Reads `8-4-4-4-12` lower-case hexadecimal digits; nil for anything else, upper case included.
    public init?(_ text: String) {
        var text = text
        guard let uuid = text.withUTF8({ AssetUUID(utf8: $0) }) else { return nil }
        self = uuid
    }

    package init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        guard text.count == 36 else { return nil }
        var parts: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for index in 0..<36 {
            let byte = text[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if digits < 16 { parts.0 = parts.0 << 4 | UInt64(digit) } else { parts.1 = parts.1 << 4 | UInt64(digit) }
            digits += 1
        }
        self.init(high: parts.0, low: parts.1)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = AssetUUID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a lower-case UUID: \(text)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let half = index < 16 ? high : low
                buffer[position] = digits[Int(half >> UInt64(60 - (index & 15) * 4) & 15)]
                position += 1
            }
            return 36
        }
    }

    public static func < (left: AssetUUID, right: AssetUUID) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}

extension AssetUUID {
    /// Its 128 bits, the first 8 bytes first.
    package var halves: (high: UInt64, low: UInt64) { (high, low) }

    package init(halves: (high: UInt64, low: UInt64)) { self.init(high: halves.high, low: halves.low) }
}

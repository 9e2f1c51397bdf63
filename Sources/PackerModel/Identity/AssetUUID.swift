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
        let dash = UInt8(ascii: "-")
        guard text[8] == dash, text[13] == dash, text[18] == dash, text[23] == dash else { return nil }
        let bytes = UnsafeRawBufferPointer(text)
        func four(_ start: Int) -> UInt64 {
            UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
        }
        func eight(_ start: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
        guard let first = Self.value(ofDigits: eight(0)), let second = Self.value(ofDigits: four(9) | four(14) << 32),
            let third = Self.value(ofDigits: four(19) | four(24) << 32), let fourth = Self.value(ofDigits: eight(28))
        else { return nil }
        self.init(high: first << 32 | second, low: third << 32 | fourth)
    }

    /// Of eight digits at once, the first in the lowest byte: a bootstrap reads two uuids an asset. Nil where one is none.
    private static func value(ofDigits digits: UInt64) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // A letter has bit 6, and 1 for "a".
        let nibbles = (digits & (0x0f * ones)) &+ 9 * ((digits >> 6) & ones)
        let letters = ((nibbles &+ 6 * ones) >> 4) & ones
        guard nibbles & (0xf0 * ones) == 0, nibbles &+ 0x30 * ones &+ 0x27 * letters == digits else { return nil }
        var value = nibbles.byteSwapped
        value = (value | value >> 4) & 0x00ff_00ff_00ff_00ff
        value = (value | value >> 8) & 0x0000_ffff_0000_ffff
        return (value | value >> 16) & 0xffff_ffff
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

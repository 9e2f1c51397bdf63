/// Writes numbers and texts one after the other, small numbers in few bytes.
struct PackedWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits a byte, the lowest first (LEB128).
    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// The distance to a number that the reader knows: short for neighbours on both sides, exact for all others.
    mutating func number(_ value: UInt64, near base: UInt64) {
        let distance = Int64(bitPattern: value &- base)
        number(UInt64(bitPattern: distance << 1 ^ distance >> 63))
    }

    /// Eight bytes.
    mutating func whole(_ value: UInt64) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    mutating func text(_ text: String) {
        number(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

/// Reads what a `PackedWriter` wrote, in the same order.
struct PackedReader {
    private var next: UnsafePointer<UInt8>

    /// Good while the memory behind the pointer is.
    init(_ start: UnsafePointer<UInt8>) { next = start }

    @inline(__always)
    mutating func byte() -> UInt8 {
        defer { next += 1 }
        return next.pointee
    }

    @inline(__always)
    mutating func number() -> UInt64 {
        var byte = byte()
        if byte < 0x80 { return UInt64(byte) }
        var value = UInt64(byte & 0x7f)
        var shift: UInt64 = 7
        while byte >= 0x80 {
            byte = self.byte()
            value |= UInt64(byte & 0x7f) &<< shift
            shift += 7
        }
        return value
    }

    @inline(__always)
    mutating func number(near base: UInt64) -> UInt64 {
        let folded = number()
        return base &+ (folded >> 1 ^ (0 &- (folded & 1)))
    }

    @inline(__always)
    mutating func whole() -> UInt64 {
        defer { next += 8 }
        return UnsafeRawPointer(next).loadUnaligned(as: UInt64.self)
    }

    @inline(__always)
    mutating func text() -> String {
        let count = Int(number())
        defer { next += count }
        let bytes = UnsafeBufferPointer(start: next, count: count)
        if count > 15 { return String(decoding: bytes, as: UTF8.self) }
        // One that has no memory of its own is made in a third of the time this way.
        return String(unsafeUninitializedCapacity: 15) { $0.initialize(fromContentsOf: bytes) }
    }

    @inline(__always)
    mutating func skipText() {
        let count = Int(number())
        next += count
    }
}

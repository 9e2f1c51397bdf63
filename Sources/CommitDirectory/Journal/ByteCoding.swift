import LinuxFiles

/// Little-endian fields, one after the other.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(counted part: [UInt8]) {
        put(UInt32(part.count))
        bytes.append(contentsOf: part)
    }

    mutating func put(raw part: some Sequence<UInt8>) { bytes.append(contentsOf: part) }

    mutating func pad(to multiple: Int) {
        while bytes.count % multiple != 0 { bytes.append(0) }
    }
}

/// Nil from any read past the end, so that damaged bytes never trap.
struct ByteReader {
    let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func take<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value? {
        guard let part = take(count: MemoryLayout<Value>.size) else { return nil }
        return part.reversed().reduce(0) { Value(truncatingIfNeeded: UInt64($0) << 8 | UInt64($1)) }
    }

    mutating func take(count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, bytes.endIndex - position >= count else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    mutating func takeCounted() -> [UInt8]? {
        guard let count: UInt32 = take() else { return nil }
        return take(count: Int(count)).map(Array.init)
    }

    /// A path that leads to something beneath the folder that it is relative to. A checksum does not vouch for that:
    /// whoever writes a journal can compute one, and a name goes into system calls that know no "beneath".
    mutating func takePath() -> BytePath? {
        guard let bytes = takeCounted(), !bytes.contains(0) else { return nil }
        let names = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain = names.allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
        return isPlain ? BytePath(bytes: bytes) : nil
    }
}

extension BytePath {
    var isOneName: Bool { !bytes.contains(UInt8(ascii: "/")) }
}

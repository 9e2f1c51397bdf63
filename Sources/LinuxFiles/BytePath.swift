import Glibc

/// A relative path of raw bytes. Linux names are bytes, not text: this never fails to hold one.
///
/// The empty path is the folder that the path is relative to. Components are separated by one `/`.
package struct BytePath: Hashable, Sendable, Comparable, ExpressibleByStringLiteral {
    package var bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }
    package init(stringLiteral text: String) { self.init(text) }

    package static let root = BytePath(bytes: [])

    // At once: an array of bytes hashes and compares itself byte by byte.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(bytes.count)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    package static func == (left: BytePath, right: BytePath) -> Bool {
        left.bytes.withUnsafeBytes { left in
            right.bytes.withUnsafeBytes { right in
                left.count == right.count
                    && (left.isEmpty || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0)
            }
        }
    }

    package var isRoot: Bool { bytes.isEmpty }

    package func appending(_ name: BytePath) -> BytePath {
        if bytes.isEmpty { return name }
        if name.bytes.isEmpty { return self }
        var joined: [UInt8] = []
        joined.reserveCapacity(bytes.count + 1 + name.bytes.count)
        joined.append(contentsOf: bytes)
        joined.append(UInt8(ascii: "/"))
        joined.append(contentsOf: name.bytes)
        return BytePath(bytes: joined)
    }

    /// The folder that holds it; the root's parent is the root.
    package var parent: BytePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return .root }
        return BytePath(bytes: Array(bytes[..<slash]))
    }

    /// The last component.
    package var name: BytePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return self }
        return BytePath(bytes: Array(bytes[(slash + 1)...]))
    }

    package var components: [BytePath] {
        bytes.split(separator: UInt8(ascii: "/")).map { BytePath(bytes: Array($0)) }
    }

    /// True for the path itself and everything beneath it.
    package func contains(_ other: BytePath) -> Bool {
        if bytes.isEmpty { return true }
        guard other.bytes.starts(with: bytes) else { return false }
        return other.bytes.count == bytes.count || other.bytes[bytes.count] == UInt8(ascii: "/")
    }

    /// The same place after `old` (this path or one above it) has become `new`.
    package func moved(from old: BytePath, to new: BytePath) -> BytePath {
        precondition(old.contains(self))
        if bytes.count == old.bytes.count { return new }
        let rest = old.bytes.isEmpty ? bytes[...] : bytes[(old.bytes.count + 1)...]
        return new.appending(BytePath(bytes: Array(rest)))
    }

    /// The text, where the bytes are valid UTF-8.
    package var text: String? {
        if !bytes.allSatisfy({ $0 < 0x80 }) { return String(validating: bytes, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: bytes.count) { buffer in
            _ = buffer.update(fromContentsOf: bytes)
            return bytes.count
        }
    }

    package static func < (left: BytePath, right: BytePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            buffer[bytes.count] = 0
            return body(UnsafePointer(buffer.baseAddress!))
        }
    }
}

extension BytePath: CustomStringConvertible {
    /// The text, with `\xNN` for bytes that are not UTF-8 and for control characters.
    package var description: String {
        if let text, !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return text }
        var shown = ""
        var rest = bytes[...]
        while let first = rest.first {
            let width = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
            if first >= 0x20, first != 0x7f, rest.count >= width,
                let text = String(validating: rest.prefix(width), as: UTF8.self)
            {
                shown += text
                rest = rest.dropFirst(width)
            } else {
                let digits = String(first, radix: 16)
                shown += "\\x" + (digits.count == 1 ? "0" : "") + digits
                rest = rest.dropFirst()
            }
        }
        return shown
    }
}

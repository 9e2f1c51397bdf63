/// The folder of an asset, relative to `assets/`, its components separated by `/`.
///
/// Two roots are equal when their bytes are: composed and decomposed spellings of one name are two roots.
public struct AssetRoot: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public let path: String

    /// A root as it stands on disk, whatever its name; `AssetRoot(validating:)` is for names that are to be made.
    package init(onDisk path: String) {
        var path = path
        path.makeContiguousUTF8()
        self.path = path
    }

    /// A root that may be created.
    /// - Throws: the first rule of `NameRule` that the path breaks.
    public init(validating path: String) throws(NameProblem) {
        if let problem = NameRule.firstProblem(in: path) { throw problem }
        self.init(onDisk: path)
    }

    public init(from decoder: any Decoder) throws {
        self.init(onDisk: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(path)
    }

    public var description: String { path }

    /// The folders above it, nearest last: `a/b/c` has `a` and `a/b`.
    package var ancestors: [AssetRoot] {
        path.utf8.indices.compactMap { index in
            path.utf8[index] == UInt8(ascii: "/") ? AssetRoot(onDisk: String(path[..<index])) : nil
        }
    }

    /// The last component.
    package var lastComponent: String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    package func isBelow(_ folder: AssetRoot) -> Bool {
        Self.isPath(path, below: folder.path)
    }

    /// Compares bytes: to a Character a "/" before a combining mark is another one.
    package static func isPath(_ path: String, below folder: String) -> Bool {
        let rest = path.utf8.dropFirst(folder.utf8.count)
        return rest.first == UInt8(ascii: "/") && path.utf8.starts(with: folder.utf8)
    }

    /// A path at or below the root `folder`, as it is after that folder became `newFolder`.
    package static func path(_ path: String, movedFrom folder: AssetRoot, to newFolder: AssetRoot) -> String {
        newFolder.path + String(Substring(path.utf8.dropFirst(folder.path.utf8.count)))
    }

    /// The path as a case-insensitive filesystem sees it: two roots with one folded path collide there.
    ///
    /// Folding a folded root gives it back.
    package var folded: AssetRoot {
        var isASCII = true
        var hasCapitals = false
        var path = path
        path.withUTF8 { bytes in
            for byte in bytes {
                if byte >= 0x80 { isASCII = false }
                if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) { hasCapitals = true }
            }
        }
        if isASCII { return hasCapitals ? AssetRoot(onDisk: path.lowercased()) : self }
        return AssetRoot(onDisk: UnicodeForm.folded(path))
    }

    public static func == (left: AssetRoot, right: AssetRoot) -> Bool {
        // String's own == takes canonical equivalents for equal.
        equalBytes(left.path, right.path)
    }

    public func hash(into hasher: inout Hasher) {
        let isHashed: Void? = path.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if case nil = isHashed { Array(path.utf8).withUnsafeBytes { hasher.combine(bytes: $0) } }
        // No UTF-8 holds this byte, so that a path never runs into what is hashed after it.
        hasher.combine(0xff as UInt8)
    }

    public static func < (left: AssetRoot, right: AssetRoot) -> Bool {
        compareBytes(left.path, right.path) < 0
    }
}

/// Negative, zero or positive, as the bytes of the left sort before, with or after those of the right.
func compareBytes(_ left: String, _ right: String) -> Int {
    let fast = left.utf8.withContiguousStorageIfAvailable { left in
        right.utf8.withContiguousStorageIfAvailable { right in
            compareBytes(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        }
    }
    if case .some(.some(let order)) = fast { return order }
    return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : left.utf8.elementsEqual(right.utf8) ? 0 : 1
}

func equalBytes(_ left: String, _ right: String) -> Bool {
    let fast = left.utf8.withContiguousStorageIfAvailable { left in
        right.utf8.withContiguousStorageIfAvailable { right in
            equalBytes(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        }
    }
    if case .some(.some(let isEqual)) = fast { return isEqual }
    return left.utf8.elementsEqual(right.utf8)
}

func equalBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    if left.baseAddress == right.baseAddress { return true }
    var index = 0
    while index + 8 <= left.count {
        if left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            != right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        {
            return false
        }
        index += 8
    }
    while index < left.count {
        if left[index] != right[index] { return false }
        index += 1
    }
    return true
}

func compareBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let shared = min(left.count, right.count)
    var index = 0
    while index + 8 <= shared {
        let one = left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let other = right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        if one != other { return one.bigEndian < other.bigEndian ? -1 : 1 }
        index += 8
    }
    while index < shared {
        if left[index] != right[index] { return Int(left[index]) - Int(right[index]) }
        index += 1
    }
    return left.count - right.count
}

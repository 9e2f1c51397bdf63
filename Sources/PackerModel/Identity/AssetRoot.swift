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

    /// The path as a case-insensitive filesystem sees it: two roots with one folded path collide there.
    package var folded: AssetRoot {
        // ASCII without capitals is its own folding.
        if path.utf8.allSatisfy({ $0 < 0x80 && !(0x41...0x5a).contains($0) }) { return self }
        return AssetRoot(onDisk: UnicodeForm.composed(path.uppercased().lowercased()))
    }

    public static func == (left: AssetRoot, right: AssetRoot) -> Bool {
        let left = left.path.utf8
        let right = right.path.utf8
        return left.count == right.count && left.elementsEqual(right)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in path.utf8 { hasher.combine(byte) }
    }

    public static func < (left: AssetRoot, right: AssetRoot) -> Bool {
        compareBytes(left.path, right.path) < 0
    }
}

/// Negative, zero or positive, as the bytes of the left sort before, with or after those of the right.
func compareBytes(_ left: String, _ right: String) -> Int {
    let fast = left.utf8.withContiguousStorageIfAvailable { left in
        right.utf8.withContiguousStorageIfAvailable { right -> Int in
            let shared = min(left.count, right.count)
            for index in 0..<shared where left[index] != right[index] {
                return Int(left[index]) - Int(right[index])
            }
            return left.count - right.count
        }
    }
    if case .some(.some(let order)) = fast { return order }
    return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : left.utf8.elementsEqual(right.utf8) ? 0 : 1
}

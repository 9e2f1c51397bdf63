/// Roots with numbers from 0, found by their bytes: what lies above one is looked for without being made a root first.
struct RootPlaces {
    private(set) var roots: [AssetRoot] = []
    private var table: NumberTable

    /// - Parameter capacity: more than that are never added.
    init(capacity: Int) {
        roots.reserveCapacity(capacity)
        table = NumberTable(capacity: capacity)
    }

    func number(of root: AssetRoot) -> Int? {
        var path = root.path
        return path.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
    }

    private func number(of path: UnsafeRawBufferPointer) -> Int? { number(of: path, NumberTable.hash(path)) }

    private func number(of path: UnsafeRawBufferPointer, _ hash: UInt64) -> Int? {
        table.first(hash) { number in
            var other = roots[number].path
            return other.withUTF8 { equalBytes(UnsafeRawBufferPointer($0), path) }
        }
    }

    /// Its number, a new one where it has none.
    mutating func number(adding root: AssetRoot) -> (number: Int, isNew: Bool) {
        var path = root.path
        let (known, hash) = path.withUTF8 { path in
            let hash = NumberTable.hash(UnsafeRawBufferPointer(path))
            return (number(of: UnsafeRawBufferPointer(path), hash), hash)
        }
        if let known { return (known, false) }
        table.insert(roots.count, hash)
        roots.append(root)
        return (roots.count - 1, true)
    }

    /// The nearest that is a folder above the root.
    func nearest(above root: AssetRoot) -> AssetRoot? {
        var path = root.path
        return path.withUTF8 { bytes in
            var end = bytes.count
            while let slash = bytes[..<end].lastIndex(of: UInt8(ascii: "/")) {
                let above = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<slash]))
                if let number = number(of: above) { return roots[number] }
                end = slash
            }
            return nil
        }
    }
}

/// A persistent hash index: pages of elements found by bits of a hash, of which a change copies one, and one branch.
///
/// A lookup is three dependent loads and a scan of 32-bit tags that lie side by side. The number of pages is chosen
/// for the elements that it is built of; with later ones pages grow, until the index is built anew. A page that no other
/// version shares is changed in place.
struct HashIndex<Element: AnyObject & Sendable>: Sendable {
    private static var pagesPerBranch: Int { 64 }
    private static var usualElementsPerPage: Int { 24 }

    private struct Page: Sendable {
        var tags: [UInt32] = []
        var elements: [Element] = []

        /// The tags first: they lie side by side, and an element somewhere in memory.
        func index(_ tag: UInt32, where isWanted: (Element) -> Bool) -> Int? {
            tags.indices.first { tags[$0] == tag && isWanted(elements[$0]) }
        }
    }

    private var branches: [[Page]]
    private let mask: Int

    init() { self.init([], count: 0) { _ in 0 } }

    /// O(n). An element whose hash is nil is left out.
    init(_ elements: [Element], hash: (Element) -> UInt64?) {
        self.init(elements, count: elements.count, hash: hash)
    }

    private init(_ elements: [Element], count: Int, hash: (Element) -> UInt64?) {
        var pageCount = 16 * Self.pagesPerBranch
        while pageCount * Self.usualElementsPerPage < count { pageCount *= 2 }
        let mask = pageCount - 1
        self.mask = mask
        let hashes = elements.map(hash)
        // A counting sort by page.
        var ends = [Int](repeating: 0, count: pageCount + 1)
        for case let hash? in hashes { ends[Self.page(hash, mask) + 1] += 1 }
        for page in 0..<pageCount { ends[page + 1] += ends[page] }
        let starts = ends
        var order = [Int](repeating: 0, count: ends[pageCount])
        for (index, hash) in hashes.enumerated() {
            guard let hash else { continue }
            let page = Self.page(hash, mask)
            order[ends[page]] = index
            ends[page] += 1
        }
        branches = stride(from: 0, to: pageCount, by: Self.pagesPerBranch).map { first in
            (first..<first + Self.pagesPerBranch).map { page in
                let members = order[starts[page]..<starts[page + 1]]
                return Page(tags: members.map { Self.tag(hashes[$0]!) }, elements: members.map { elements[$0] })
            }
        }
    }

    private static func page(_ hash: UInt64, _ mask: Int) -> Int { Int(truncatingIfNeeded: hash >> 32) & mask }
    private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash) }

    /// Calls `body` with every element that may have the hash, in no order.
    @inline(__always)
    func forEach(_ hash: UInt64, _ body: (Element) -> Void) {
        let number = Self.page(hash, mask)
        let (branch, page) = (number / Self.pagesPerBranch, number % Self.pagesPerBranch)
        let tag = Self.tag(hash)
        for index in branches[branch][page].tags.indices where branches[branch][page].tags[index] == tag {
            body(branches[branch][page].elements[index])
        }
    }

    mutating func insert(_ element: Element, _ hash: UInt64) {
        change(hash) { page in
            page.tags.append(Self.tag(hash))
            page.elements.append(element)
        }
    }

    /// Puts an element of the same hash in the place of the first that is wanted, where there is one.
    mutating func replace(_ element: Element, _ hash: UInt64, where isWanted: (Element) -> Bool) {
        change(hash) { page in
            if let index = page.index(Self.tag(hash), where: isWanted) { page.elements[index] = element }
        }
    }

    /// Removes the first element that is wanted, where there is one.
    mutating func remove(_ hash: UInt64, where isWanted: (Element) -> Bool) {
        change(hash) { page in
            guard let index = page.index(Self.tag(hash), where: isWanted) else { return }
            page.tags.remove(at: index)
            page.elements.remove(at: index)
        }
    }

    private mutating func change(_ hash: UInt64, _ body: (inout Page) -> Void) {
        let number = Self.page(hash, mask)
        body(&branches[number / Self.pagesPerBranch][number % Self.pagesPerBranch])
    }
}

/// Hashes for an index in memory: fast, the same for the same bytes, and no defence against who seeks collisions.
enum IndexHash {
    static func of(_ root: AssetRoot) -> UInt64 {
        let fast = root.path.utf8.withContiguousStorageIfAvailable { of(UnsafeRawBufferPointer($0)) }
        return fast ?? Array(root.path.utf8).withUnsafeBytes { of($0) }
    }

    /// - Parameter seed: another one for which the same bytes have another hash.
    static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        var hash = seed ^ UInt64(bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            hash = mixed(hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        if index == bytes.count { return mixed(hash) }
        if bytes.count >= 8 {
            // The last 8 bytes, some of them for the second time.
            return mixed(hash ^ bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
        }
        var rest: UInt64 = 0
        for byte in bytes { rest = rest << 8 | UInt64(byte) }
        return mixed(hash ^ rest)
    }

    static func of(_ uuid: AssetUUID) -> UInt64 { of(uuid, seed: 0) }
    static func of(_ uuid: AssetUUID, seed: UInt64) -> UInt64 { mixed(mixed(seed ^ uuid.high) ^ uuid.low) }

    private static func mixed(_ value: UInt64) -> UInt64 {
        let product = (value ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low &+ 0x94d0_49bb_1331_11eb
    }
}

/// A persistent array for dense numbers: three levels of pages, of which a change copies one each.
///
/// Lookup is three indexed loads; a new version copies at most 128 + 128 references and one short list. A page that no
/// other version shares is changed in place.
struct PagedArray<Element: Sendable>: Sendable {
    private static var bits: UInt32 { 7 }
    private static var mask: Int { 127 }

    /// A page holds 128 elements, a branch 128 pages; either is empty where there is none.
    private typealias Page = [Element?]
    private typealias Branch = [Page]

    private var branches: [Branch] = []

    subscript(number: UInt32) -> Element? {
        get {
            let top = Int(number >> (2 * Self.bits))
            let middle = Int(number >> Self.bits) & Self.mask
            guard top < branches.count, !branches[top].isEmpty, !branches[top][middle].isEmpty else { return nil }
            return branches[top][middle][Int(number) & Self.mask]
        }
        set {
            if newValue == nil && self[number] == nil { return }
            let top = Int(number >> (2 * Self.bits))
            let middle = Int(number >> Self.bits) & Self.mask
            if top >= branches.count {
                branches.append(contentsOf: repeatElement([], count: top + 1 - branches.count))
            }
            if branches[top].isEmpty { branches[top] = Array(repeating: [], count: 128) }
            if branches[top][middle].isEmpty { branches[top][middle] = Array(repeating: nil, count: 128) }
            branches[top][middle][Int(number) & Self.mask] = newValue
        }
    }

    /// The elements of one page of 128 numbers: those of a registry segment.
    func page(_ index: Int) -> [Element] {
        let top = index >> Int(Self.bits)
        guard top < branches.count, !branches[top].isEmpty else { return [] }
        return branches[top][index & Self.mask].compactMap { $0 }
    }

    /// From pairs in any order, later ones winning: O(n), and room for the largest number's branches.
    init(_ pairs: [(UInt32, Element)]) {
        guard let largest = pairs.lazy.map(\.0).max() else { return }
        branches = Array(repeating: [], count: Int(largest >> (2 * Self.bits)) + 1)
        for (number, element) in pairs { self[number] = element }
    }

    init() {}
}

/// A persistent array for dense numbers: three levels of pages, of which a change copies one each.
///
/// Lookup is three indexed loads; a new version copies at most 128 + 128 references and one short list.
struct PagedArray<Element: Sendable>: Sendable {
    private static var bits: UInt32 { 7 }
    private static var mask: Int { 127 }

    private final class Page: Sendable {
        let elements: [Element?]
        init(_ elements: [Element?]) { self.elements = elements }
    }

    private final class Branch: Sendable {
        let pages: [Page?]
        init(_ pages: [Page?]) { self.pages = pages }
    }

    private var branches: [Branch?] = []

    subscript(number: UInt32) -> Element? {
        get {
            let top = Int(number >> (2 * Self.bits))
            guard top < branches.count else { return nil }
            return branches[top]?.pages[Int(number >> Self.bits) & Self.mask]?.elements[Int(number) & Self.mask]
        }
        set {
            let top = Int(number >> (2 * Self.bits))
            let middle = Int(number >> Self.bits) & Self.mask
            if newValue == nil && self[number] == nil { return }
            if top >= branches.count {
                branches.append(contentsOf: repeatElement(nil, count: top + 1 - branches.count))
            }
            var pages = branches[top]?.pages ?? Array(repeating: nil, count: 128)
            var elements = pages[middle]?.elements ?? Array(repeating: nil, count: 128)
            elements[Int(number) & Self.mask] = newValue
            pages[middle] = Page(elements)
            branches[top] = Branch(pages)
        }
    }

    /// The elements of one page of 128 numbers: those of a registry segment.
    func page(_ index: Int) -> [Element] {
        let top = index >> Int(Self.bits)
        guard top < branches.count, let page = branches[top]?.pages[index & Self.mask] else { return [] }
        return page.elements.compactMap { $0 }
    }

    /// From pairs in any order, later ones winning: O(n), and room for the largest number's branches.
    init(_ pairs: [(UInt32, Element)]) {
        guard let largest = pairs.lazy.map(\.0).max() else { return }
        var pages: [Int: [Element?]] = [:]
        for (number, element) in pairs {
            let page = Int(number >> Self.bits)
            pages[page, default: Array(repeating: nil, count: 128)][Int(number) & Self.mask] = element
        }
        var grouped: [Int: [Page?]] = [:]
        for (index, elements) in pages {
            let branch = index >> Int(Self.bits)
            grouped[branch, default: Array(repeating: nil, count: 128)][index & Self.mask] = Page(elements)
        }
        branches = (0...Int(largest >> (2 * Self.bits))).map { grouped[$0].map(Branch.init) }
    }

    init() {}
}

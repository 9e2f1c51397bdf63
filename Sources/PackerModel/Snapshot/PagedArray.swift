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
            if top >= branches.count {
                if newValue == nil { return }
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

    /// From pairs in any order, later ones winning: O(n).
    init(_ pairs: [(UInt32, Element)]) {
        guard let largest = pairs.lazy.map(\.0).max() else { return }
        var flat = [[Element?]?](repeating: nil, count: Int(largest >> Self.bits) + 1)
        for (number, element) in pairs {
            let page = Int(number >> Self.bits)
            if flat[page] == nil { flat[page] = Array(repeating: nil, count: 128) }
            flat[page]![Int(number) & Self.mask] = element
        }
        for start in stride(from: 0, to: flat.count, by: 128) {
            var pages = flat[start..<min(start + 128, flat.count)].map { $0.map(Page.init) }
            pages.append(contentsOf: repeatElement(nil, count: 128 - pages.count))
            branches.append(Branch(pages))
        }
    }

    init() {}
}

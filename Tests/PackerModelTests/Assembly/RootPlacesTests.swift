import Testing

@testable import PackerModel

@Suite("Roots by number")
struct RootPlacesTests {
    @Test("each has one number, in the order they came, and is found by it")
    func numbers() {
        let roots = (0..<1000).map { AssetRoot(onDisk: "folder-\($0 % 10)/asset-\($0)") }
        var places = RootPlaces(capacity: roots.count)
        for (number, root) in roots.enumerated() {
            #expect(places.number(of: root) == nil)
            #expect(places.number(adding: root) == (number, true))
            #expect(places.number(adding: root) == (number, false))
        }
        #expect(places.roots == roots)
        #expect(roots.map { places.number(of: $0) } == Array(0..<1000))
        #expect(places.number(of: AssetRoot(onDisk: "folder-1")) == nil)
    }

    @Test(
        "the nearest above a root is the longest folder of its path that has a number",
        arguments: [
            ("a/b/c/d", "a/b"), ("a/b", "a"), ("a/bc", "a"), ("a", nil), ("b/a", nil), ("é/x", "é"),
            ("e\u{301}/x", nil),
        ])
    func nearest(root: String, above: String?) {
        var places = RootPlaces(capacity: 3)
        for path in ["a", "a/b", "é"] { _ = places.number(adding: AssetRoot(onDisk: path)) }
        #expect(places.nearest(above: AssetRoot(onDisk: root))?.path == above)
    }

    @Test("numbers whose hashes are the same are told apart by what is asked for")
    func collisions() {
        var table = NumberTable(capacity: 20)
        for number in 0..<20 { table.insert(number, 7) }
        for number in 0..<20 { #expect(table.first(7) { $0 == number } == number) }
        #expect(table.first(7) { _ in false } == nil)
        #expect(table.first(7 << 32) { _ in true } == nil)
    }

    @Test("a registered root without a declaration is named, in whatever segment it stands")
    func elsewhere() {
        var scan = Sample.scan(
            [Sample.entry(1, "here"), Sample.entry(200, "gone"), Sample.entry(3, "bare")],
            [Sample.scanned("here", Sample.uuid(1))])
        #expect(Set(scan.registeredElsewhere().map(\.path)) == ["gone", "bare"])
    }
}

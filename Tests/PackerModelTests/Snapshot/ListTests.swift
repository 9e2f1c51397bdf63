import Testing

@testable import PackerModel

@Suite("Snapshot lookups and lists")
struct ListTests {
    /// Assets of every registration, validity and build flag.
    private static func mixed() -> Snapshot {
        var entries: [RegistryEntry] = []
        var roots: [ScannedRoot] = []
        for number in UInt32(1)...60 {
            let path = "folder\(number % 7)/Hero\(number)"
            switch number % 4 {
            case 0:
                entries.append(Sample.entry(number, path, isIncluded: number % 3 == 0))
            case 1:
                entries.append(Sample.entry(number, path, isIncluded: number % 3 == 0))
                roots.append(Sample.broken(path))
            case 2: roots.append(Sample.scanned(path, Sample.uuid(UInt64(number))))
            default:
                entries.append(Sample.entry(number, path, isIncluded: number % 3 == 0))
                roots.append(Sample.scanned(path, Sample.uuid(UInt64(number))))
            }
        }
        return Sample.snapshot(Sample.scan(entries, roots))
    }

    private static func all(_ snapshot: Snapshot, _ filter: AssetFilter = .all, limit: Int) -> [AssetRoot] {
        var roots: [AssetRoot] = []
        var cursor: AssetPage.Cursor?
        repeat {
            let page = snapshot.list(filter, after: cursor, limit: limit)
            #expect(page.assets.count <= limit)
            #expect(page.next == nil || page.assets.count == limit, "only the last page is short")
            roots += page.assets.map(\.root)
            cursor = page.next
        } while cursor != nil
        return roots
    }

    static let filters: [(AssetFilter, @Sendable (Asset) -> Bool)] = [
        (.all, { _ in true }),
        (AssetFilter(registration: .registered), { $0.id != nil }),
        (AssetFilter(registration: .unregistered), { $0.id == nil }),
        (AssetFilter(registration: .unknown), { _ in false }),
        (AssetFilter(validity: .missing), { $0.validity == .missing }),
        (AssetFilter(validity: .invalid), { $0.validity == .invalid }),
        (AssetFilter(isIncludedInBuild: true), { $0.isIncludedInBuild }),
        (AssetFilter(isIncludedInBuild: false), { !$0.isIncludedInBuild }),
        (AssetFilter(type: .data), { $0.declaration != nil }),
        (AssetFilter(type: .map), { _ in false }),
        (AssetFilter(text: "HERO1"), { $0.root.path.contains("Hero1") }),
        (AssetFilter(text: "NAME"), { $0.declaration != nil }),
        (AssetFilter(text: ""), { _ in true }),
        (
            AssetFilter(
                registration: .registered, validity: .valid, isIncludedInBuild: true, type: .data, text: "folder3"
            ), { $0.id != nil && $0.validity == .valid && $0.isIncludedInBuild && $0.root.path.hasPrefix("folder3") }
        ),
    ]

    @Test(
        "a filter shows exactly the rows that meet every condition, in the order of the roots",
        arguments: filters.indices)
    func filtered(index: Int) {
        let (filter, isWanted) = Self.filters[index]
        let snapshot = Self.mixed()
        var expected: [AssetRoot] = []
        snapshot.forEachAsset {
            if isWanted($0) { expected.append($0.root) }
            return true
        }
        #expect(expected == expected.sorted())
        for limit in [1, 2, 7, 59, 60, 61, 1_000] {
            #expect(Self.all(snapshot, filter, limit: limit) == expected, "limit \(limit)")
        }
    }

    @Test("a cursor stays good in later generations: nothing is missed or shown twice", arguments: UInt64(1)...40)
    func cursorStaysGood(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let paths = (0..<200).map { "p\($0)" }
        /// Some of the assets, registered ones and others.
        func project(_ present: Set<String>, _ generator: inout SeededGenerator) -> Snapshot {
            var entries: [RegistryEntry] = []
            var roots: [ScannedRoot] = []
            for path in present.sorted() {
                let number = UInt32(path.dropFirst())! + 1
                if generator.oneIn(2) { entries.append(Sample.entry(number, path)) }
                roots.append(Sample.scanned(path, Sample.uuid(UInt64(number))))
            }
            return Sample.snapshot(Sample.scan(entries, roots))
        }
        var present = Set(paths.filter { _ in generator.oneIn(2) })
        let page = project(present, &generator).list(limit: 20)
        let last = page.assets.last!.root.path
        for path in paths where generator.oneIn(4) { if present.remove(path) == nil { present.insert(path) } }
        if seed % 4 == 0 { present.remove(last) }
        let later = project(present, &generator)
        var shown: [String] = []
        var cursor = page.next
        while let after = cursor {
            let page = later.list(after: after, limit: 13)
            shown += page.assets.map(\.root.path)
            cursor = page.next
        }
        #expect(shown == present.filter { $0 > last }.sorted(), "seed \(seed)")
    }

    @Test("a reference to nothing is unknown, and one to several is ambiguous and names them all")
    func references() throws {
        let entries = [
            Sample.entry(1, "a", uuid: Sample.uuid(1)), Sample.entry(1, "b", uuid: Sample.uuid(2)),
            Sample.entry(2, "c", uuid: Sample.uuid(3)), Sample.entry(3, "d", uuid: Sample.uuid(3)),
            Sample.entry(4, "e"), Sample.entry(5, "e"), Sample.entry(6, "single"),
        ]
        let strays = [Sample.scanned("s1", Sample.uuid(50)), Sample.scanned("s2", Sample.uuid(50))]
        let snapshot = Sample.snapshot(Sample.scan(entries, strays))
        func error(_ reference: AssetReference) -> PackerError? {
            do throws(PackerError) {
                _ = try snapshot.asset(reference)
                return nil
            } catch { return error }
        }
        for reference in [.id(Sample.id(99)), .uuid(Sample.uuid(99)), .root(Sample.root("z"))] as [AssetReference] {
            #expect(error(reference)?.code == .assetUnknown)
        }
        #expect(error(.id(Sample.id(1)))?.paths == ["a", "b"])
        #expect(error(.uuid(Sample.uuid(3)))?.paths == ["c", "d"])
        #expect(error(.root(Sample.root("e")))?.paths == ["e", "e"])
        #expect(error(.uuid(Sample.uuid(50)))?.paths == ["s1", "s2"])
        #expect(error(.id(Sample.id(1)))?.code == .assetAmbiguous)
        for reference in [.id(Sample.id(6)), .uuid(Sample.uuid(6)), .root(Sample.root("single"))] as [AssetReference] {
            #expect(try snapshot.asset(reference).root == Sample.root("single"))
        }
        #expect(snapshot.asset(Sample.id(1))?.root == Sample.root("a"))
        #expect(snapshot.asset(Sample.uuid(50))?.root == Sample.root("s1"))
        #expect(snapshot.asset(at: Sample.root("z")) == nil)
    }
}

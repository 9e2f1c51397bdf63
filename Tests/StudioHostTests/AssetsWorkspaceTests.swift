import Foundation
import Packer
import PackerTestSupport
import Testing

@testable import StudioHost

@Suite struct AssetsWorkspaceTests {
    @Test("each step asks for what follows from it, and the page shows what docs/studio/screens.md shows")
    func screens() throws {
        let page = Fixtures.package + "/docs/studio/screens.md"
        let introduction = "# The assets page\n\nEvery state that the tests walk through, as the page prints it.\n"
        let screens = Scenarios.all.map { "\n## \($0.testDescription)\n\n```\n\($0.run().text)```\n" }
        let actual = introduction + screens.joined()
        let reviewed = try? String(contentsOfFile: page, encoding: .utf8)
        guard actual != reviewed else { return }
        let proposal = NSTemporaryDirectory() + "/screens.md"
        try Data(actual.utf8).write(to: URL(filePath: proposal))
        let known = Set((reviewed ?? "").components(separatedBy: "\n## "))
        let changed = actual.components(separatedBy: "\n## ").filter { !known.contains($0) }
        Issue.record(
            """
            The page shows other screens than the reviewed ones:
            \(changed.joined(separator: "\n"))
            If this is meant, accept it and have it reviewed: cp \(proposal) \(page)
            """
        )
    }

    @Test("no two scenarios have one title")
    func titles() {
        #expect(Set(Scenarios.all.map(\.testDescription)).count == Scenarios.all.count)
    }

    @Test("more rows are shown by the page, and only where there are more")
    func pages() throws {
        var workspace = AssetsWorkspace(project: "/p", session: .sample(1))
        let assets = (1...250).map { SampleAsset("a/\($0)", id: UInt32($0)) }
        #expect(workspace.act(.showMore) == [])
        #expect(workspace.receive(.snapshot(.sample(1, assets))) == [])
        var counts: [Int] = []
        for _ in 0..<4 {
            let listing = try #require(workspace.listing)
            counts.append(listing.rows.count)
            #expect(listing.hasMore == (listing.rows.count < 250))
            #expect(workspace.act(.showMore) == [])
        }
        #expect(counts == [100, 200, 250, 250])
        #expect(workspace.limit == 300)
        // Another filter begins at its first page, the same one changes nothing.
        #expect(workspace.act(.filter(.all)) == [])
        #expect(workspace.limit == 300)
        #expect(workspace.act(.filter(AssetFilter(text: "A/"))) == [])
        #expect(workspace.listing?.rows.count == 100)
        #expect(workspace.listing?.matching == 250)
    }

    @Test(
        "a sorted list has the filter's assets and no others, in the order of the key",
        arguments: AssetSort.Key.allCases, [false, true]
    )
    func sorted(key: AssetSort.Key, isDescending: Bool) throws {
        var random = CountingGenerator(state: 7)
        let types = AssetType.known
        let assets: [SampleAsset] = (1...60).map { (number: Int) -> SampleAsset in
            let folder = random.next() % 1_000
            let isRegistered = number % 7 != 0
            return SampleAsset(
                "r\(folder)/\(number)", id: isRegistered ? UInt32(number) : nil, types[Int(random.next() % 6)],
                name: "N\(random.next() % 5)", isIncluded: number % 3 == 0,
                isThere: number % 5 != 0 || !isRegistered
            )
        }
        var workspace = AssetsWorkspace(project: "/p", session: .sample(1))
        _ = workspace.receive(.snapshot(.sample(1, assets)))
        let byRoot = try #require(workspace.listing).rows.map(\.asset)
        _ = workspace.act(.sort(AssetSort(key, isDescending: isDescending)))
        let rows = try #require(workspace.listing).rows.map(\.asset)
        #expect(rows.map(\.root.path).sorted() == byRoot.map(\.root.path).sorted())
        let places: [AssetRoot: Int] = Dictionary(uniqueKeysWithValues: byRoot.enumerated().map { ($1.root, $0) })
        for (first, second) in zip(rows, rows.dropFirst()) {
            let order = compare(first, second, by: key)
            #expect(isDescending ? order >= 0 : order <= 0)
            guard order == 0, key != .root else { continue }
            let isByRoot = places[first.root, default: 0] < places[second.root, default: 0]
            #expect(isByRoot)
        }
    }

    @Test("a row's reference means its asset alone, also where the registry gave one identity twice")
    func references() throws {
        let twice = [SampleAsset("a", id: 1), SampleAsset("b", id: 1), SampleAsset("c", id: 2)]
        var workspace = AssetsWorkspace(project: "/p", session: .sample(1))
        let snapshot = Snapshot.sample(1, twice)
        _ = workspace.receive(.snapshot(snapshot))
        for row in try #require(workspace.listing).rows {
            #expect(try snapshot.asset(row.reference) === row.asset)
            _ = workspace.act(.select(row.reference))
            #expect(workspace.listing?.rows.filter(\.isSelected).map(\.asset.root) == [row.asset.root])
        }
    }

    private func compare(_ left: Asset, _ right: Asset, by key: AssetSort.Key) -> Int {
        func order<Value: Comparable>(_ value: (Asset) -> Value) -> Int {
            value(left) < value(right) ? -1 : value(left) > value(right) ? 1 : 0
        }
        switch key {
        case .root: return order { $0.root }
        case .name: return order { $0.name.lowercased() }
        case .type: return order { $0.type?.rawValue ?? "" }
        case .id: return order { $0.id?.rawValue ?? .max }
        case .state:
            let states = ["missing", "missing, excluded", "valid, unregistered", "valid, excluded", "valid"]
            // Missing is missing, whether it takes part in the build or not.
            return order { max(1, states.firstIndex(of: $0.stateText) ?? -1) }
        }
    }
}

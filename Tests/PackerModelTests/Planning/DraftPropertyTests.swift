import Testing

@testable import PackerModel

@Suite("Drafts in random sequences")
struct DraftPropertyTests {
    private static let names = ["a", "A", "b", "B", "é", "x/y", "X/y", "deep/er/one", "new", "con", "ß", "ss"]

    private static func root(_ generator: inout SeededGenerator) -> AssetRoot {
        var path = names.randomElement(using: &generator)!
        if generator.oneIn(3) { path += "/" + names.randomElement(using: &generator)! }
        if generator.oneIn(4) { path += "\(generator.number(0..<200))" }
        return Sample.root(path)
    }

    private static func mutation(_ snapshot: Snapshot, _ generator: inout SeededGenerator) -> Mutation {
        let target = root(&generator)
        if generator.oneIn(2) {
            let inputs = [
                [], [Declaration.InputRole(role: "source", paths: ["there.png"])],
                [Declaration.InputRole(role: "source", paths: ["gone.png"])],
            ].randomElement(using: &generator)!
            return .create(
                NewAsset(root: target, type: .data, inputs: inputs, isIncludedInBuild: generator.oneIn(2))
            )
        }
        var assets: [Asset] = []
        snapshot.forEachAsset {
            assets.append($0)
            return true
        }
        guard let asset = assets.randomElement(using: &generator) else { return .relocate(.root(target), to: target) }
        let strays = assets.filter { $0.registration == .unregistered && $0.uuid == asset.uuid }
        if asset.validity == .missing, let stray = strays.first { return .relocate(.root(asset.root), to: stray.root) }
        switch generator.number(0..<4) {
        case 0: return asset.id.map { .relocate(.id($0), to: target) } ?? .relocate(.root(asset.root), to: target)
        case 1: return asset.uuid.map { .relocate(.uuid($0), to: target) } ?? .relocate(.root(asset.root), to: target)
        case 2: return .relocate(.root(asset.root.ancestors.randomElement(using: &generator) ?? asset.root), to: target)
        default: return .relocate(.root(asset.root), to: target)
        }
    }

    @Test(
        "after each commit the live snapshot is what a bootstrap of the same files shows, member by member",
        arguments: UInt64(1)...40)
    func liveEqualsFresh(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var files: FileModel
        repeat { files = FileModel(RandomWorkspace.scan(&generator)) } while files.bootstrap().access != .writable
        var live = files.bootstrap()
        var committed = 0
        for step in 0..<25 {
            let before = step == 0 ? live.members : []
            var draft = Draft(live)
            for _ in 0..<(1 + generator.number(0..<3)) {
                var attempt = draft
                let mutation = Self.mutation(live, &generator)
                // A move stands alone in a commit, as in the lane.
                if case .relocate = mutation, !draft.isEmpty { continue }
                do throws(PackerError) {
                    _ = try attempt.plan(mutation, using: &generator)
                    draft = attempt
                } catch {
                    #expect(!error.remedy.isEmpty && !error.message.isEmpty)
                }
                if case .relocate = mutation { break }
            }
            if step == 0 { #expect(live.members == before, "a draft changes no snapshot") }
            if draft.isEmpty { continue }
            committed += 1
            live = files.commit(draft)
            let difference = live.difference(from: files.bootstrap())
            #expect(difference == "", "seed \(seed), step \(step), \(draft.steps)")
            if !difference.isEmpty { return }
        }
        #expect(committed > 0)
    }

    @Test("identities stay, ids are never used again, and no two assets share or nest", arguments: UInt64(1)...25)
    func identity(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var files = FileModel(ScannedWorkspace())
        var live = files.bootstrap()
        /// The plain model: where each identity is.
        var model: [AssetUUID: (id: AssetID, root: AssetRoot)] = [:]
        var used = Set<AssetID>()
        for step in 0..<80 {
            var draft = Draft(live)
            let mutation = Self.mutation(live, &generator)
            let touched: [OperationOutcome.Touched]
            do throws(PackerError) { touched = try draft.plan(mutation, using: &generator) } catch { continue }
            #expect(!touched.isEmpty)
            switch mutation {
            case .create(let new):
                #expect(touched.map(\.root) == [new.root])
                #expect(used.insert(touched[0].id!).inserted, "seed \(seed): id \(touched[0].id!) was used before")
                model[touched[0].uuid!] = (touched[0].id!, new.root)
            case .relocate(let reference, let target):
                let source =
                    switch reference {
                    case .id(let id): model.values.first { $0.id == id }!.root
                    case .uuid(let uuid): model[uuid]!.root
                    case .root(let root): root
                    }
                let moving = model.filter { $0.value.root.isAtOrBelow(source) }
                #expect(Set(touched.map(\.uuid)) == Set(moving.keys), "seed \(seed), step \(step)")
                for (uuid, place) in moving {
                    model[uuid]!.root = Sample.root(AssetRoot.path(place.root.path, movedFrom: source, to: target))
                }
            }
            live = files.commit(draft)
            #expect(live.count == model.count, "seed \(seed), step \(step)")
            for (uuid, place) in model {
                let asset = live.asset(uuid)
                #expect(asset?.id == place.id && asset?.root == place.root, "seed \(seed), step \(step)")
            }
            let roots = model.values.map(\.root)
            #expect(Set(roots.map(\.folded)).count == roots.count, "seed \(seed): two assets collide")
            #expect(!roots.contains { inner in roots.contains { inner.isBelow($0) } }, "seed \(seed): one is nested")
            #expect(
                Set(live.registry.segments.keys) == Set(0...RegistrySegment.index(of: live.registry.nextAssetID - 1)))
        }
        #expect(!model.isEmpty)
    }

    @Test("a draft writes the segments of what it changed, with every entry that belongs there")
    func segments() throws {
        var files = FileModel(
            Sample.scan(
                (1...300).map { Sample.entry(UInt32($0), "p\($0)") },
                (1...300).map { Sample.scanned("p\($0)", Sample.uuid(UInt64($0))) }))
        var generator = SeededGenerator(seed: 5)
        let live = files.bootstrap()
        var draft = Draft(live)
        _ = try draft.plan(.relocate(.id(Sample.id(130)), to: Sample.root("q")), using: &generator)
        #expect(draft.segments.map(\.index) == [1])
        #expect(draft.segments[0].segment.entries.map(\.id.rawValue) == Array(128...255))
        #expect(draft.segments[0].segment.entries[2].root == Sample.root("q"))
        #expect(draft.segments[0].segment.nextAssetID == 301)
        #expect(files.commit(draft).difference(from: files.bootstrap()) == "")
    }

    @Test("opening a segment writes the first one too, so that its loss is noticed")
    func openingASegment() throws {
        var files = FileModel(Sample.scan((1...127).map { Sample.entry(UInt32($0), "p\($0)") }, []))
        var generator = SeededGenerator(seed: 5)
        var live = files.bootstrap()
        for name in ["one", "two"] {
            var draft = Draft(live)
            _ = try draft.plan(.create(NewAsset(root: Sample.root(name), type: .data)), using: &generator)
            #expect(draft.segments.map(\.index) == (name == "one" ? [0, 1] : [1]))
            live = files.commit(draft)
        }
        files.scan.segments.removeAll { $0.index == 1 }
        #expect(files.bootstrap().access != .writable)
    }

    @Test("entries that share an id stay in a segment that another command rewrites")
    func sharedIDsStay() throws {
        let entries = [
            Sample.entry(1, "a", uuid: Sample.uuid(1)), Sample.entry(1, "b", uuid: Sample.uuid(2)),
            Sample.entry(2, "c"), Sample.entry(2, "c"),
        ]
        let files = FileModel(Sample.scan(entries, []))
        var draft = Draft(files.bootstrap())
        var generator = SeededGenerator(seed: 5)
        _ = try draft.plan(.create(NewAsset(root: Sample.root("new"), type: .data)), using: &generator)
        #expect(draft.segments[0].segment.entries.map(\.root.path) == ["a", "b", "c", "c", "new"])
    }

    @Test("a neighbour that is freed of its warning is among the changed roots, and its segment is not written")
    func neighbourIsChanged() throws {
        let files = FileModel(
            Sample.scan(
                [Sample.entry(1, "case"), Sample.entry(200, "Case")],
                [Sample.scanned("case", Sample.uuid(1)), Sample.scanned("Case", Sample.uuid(200))]))
        let live = files.bootstrap()
        #expect(live.codes("Case") == [.nameCaseCollision])
        var draft = Draft(live)
        var generator = SeededGenerator(seed: 5)
        _ = try draft.plan(.relocate(.id(Sample.id(1)), to: Sample.root("other")), using: &generator)
        #expect(Set(draft.changedRoots) == Set(["case", "Case", "other"].map(Sample.root)))
        #expect(draft.segments.map(\.index) == [0])
        #expect(draft.table.first(at: Sample.root("Case"))?.diagnostics == [])
    }

    @Test("a copy of a folder names the registered asset where it is now")
    func copyFollows() throws {
        var files = FileModel(
            Sample.scan(
                [Sample.entry(1, "a")], [Sample.scanned("a", Sample.uuid(1)), Sample.scanned("copy", Sample.uuid(1))]))
        var draft = Draft(files.bootstrap())
        var generator = SeededGenerator(seed: 5)
        _ = try draft.plan(.relocate(.uuid(Sample.uuid(1)), to: Sample.root("b")), using: &generator)
        let live = files.commit(draft)
        #expect(live.asset(at: Sample.root("copy"))?.diagnostics[1].message.contains("\"b\"") == true)
        #expect(live.difference(from: files.bootstrap()) == "")
    }
}

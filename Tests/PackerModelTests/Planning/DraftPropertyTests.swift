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
        if generator.oneIn(4) {
            let inputs = [
                [], [Declaration.InputRole(role: "source", paths: ["there.png"])],
                [Declaration.InputRole(role: "source", paths: ["gone.png"])],
            ].randomElement(using: &generator)!
            return .create(
                NewAsset(root: target, type: .data, inputs: inputs, isIncludedInBuild: generator.oneIn(2))
            )
        }
        if generator.oneIn(8), let item = snapshot.trash.randomElement(using: &generator) {
            let asset = item.assets.randomElement(using: &generator)!
            return .restore(.uuid(asset.uuid), to: generator.oneIn(2) ? nil : target)
        }
        if generator.oneIn(40) { return .emptyTrash }
        var assets: [Asset] = []
        snapshot.forEachAsset {
            assets.append($0)
            return true
        }
        guard let asset = assets.randomElement(using: &generator) else { return .relocate(.root(target), to: target) }
        let strays = assets.filter { $0.registration == .unregistered && $0.uuid == asset.uuid }
        if asset.validity == .missing, let stray = strays.first, generator.oneIn(2) {
            return .relocate(.root(asset.root), to: stray.root)
        }
        let reference: AssetReference =
            switch generator.number(0..<4) {
            case 0: asset.id.map { .id($0) } ?? .root(asset.root)
            case 1: asset.uuid.map { .uuid($0) } ?? .root(asset.root)
            default: .root(asset.root)
            }
        let folder = asset.root.ancestors.randomElement(using: &generator) ?? asset.root
        switch generator.number(0..<10) {
        case 0: return .relocate(.root(folder), to: target)
        case 1, 2: return .relocate(reference, to: target)
        case 3: return .include(reference)
        case 4: return .exclude(reference)
        case 5: return .update(reference, [.name("Name \(generator.number(0..<3))"), change(&generator)])
        case 6: return .unregister(reference)
        case 7: return .delete(generator.oneIn(3) ? .root(folder) : reference)
        case 8: return .register(.root(asset.root), isIncludedInBuild: generator.oneIn(2))
        default: return .reidentify(.root(asset.root))
        }
    }

    private static func change(_ generator: inout SeededGenerator) -> DeclarationChange {
        [
            .outputCodec("LZ4"), .outputCodec("NONE"), .preloadEnabled(true), .type(.map),
            .inputPaths(role: "source", ["there.png", "there-too.png"]), .inputPaths(role: "extra", ["gone.png"]),
            .inputs([]),
        ].randomElement(using: &generator)!
    }

    @Test(
        "after each commit the live snapshot is what a bootstrap of the same files shows, member by member",
        arguments: UInt64(1)...60)
    func liveEqualsFresh(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var files: FileModel
        repeat { files = FileModel(RandomWorkspace.scan(&generator)) } while files.bootstrap().access != .writable
        var live = files.bootstrap()
        var committed = 0
        for step in 0..<30 {
            let before = step == 0 ? live.members : []
            var draft = Draft(live)
            var planned: [[Mutation]] = []
            // A group of operations, each of one or several mutations.
            for _ in 0..<(1 + generator.number(0..<4)) {
                var attempt = draft
                let mutations = (0...generator.number(0..<3)).map { _ in Self.mutation(live, &generator) }
                let context = PlanContext(operation: OperationID(using: &generator), now: Int64(step))
                do throws(PackerError) {
                    _ = try attempt.plan(mutations, context, using: &generator)
                    draft = attempt
                    planned.append(mutations)
                } catch {
                    #expect(!error.remedy.isEmpty && !error.message.isEmpty)
                    if attempt.revision == draft.revision {
                        #expect(attempt.isTheSamePlan(as: draft), "\(mutations) left something behind: \(error)")
                    }
                }
            }
            if step == 0 { #expect(live.members == before, "a draft changes no snapshot") }
            if draft.isEmpty { continue }
            committed += 1
            live = files.commit(draft)
            let difference = live.difference(from: files.bootstrap())
            #expect(difference == "", "seed \(seed), step \(step), \(planned)")
            if !difference.isEmpty { return }
        }
        #expect(committed > 0)
    }

    @Test("a plain model of what was asked for says the same as the snapshot", arguments: UInt64(1)...40)
    func plainModel(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var files = FileModel(ScannedWorkspace())
        var live = files.bootstrap()
        var model = PlainModel()
        var committed: [String: Int] = [:]
        for step in 0..<120 {
            var draft = Draft(live)
            let mutations = (0..<(generator.oneIn(3) ? 3 : 1)).map { _ in Self.mutation(live, &generator) }
            let context = PlanContext(operation: OperationID(using: &generator), now: Int64(step))
            let planned: Draft.Planned
            do throws(PackerError) {
                planned = try draft.plan(mutations, context, using: &generator)
            } catch {
                #expect(
                    !model.mustSucceed(mutations), "seed \(seed), step \(step): \(mutations) was refused: \(error)")
                continue
            }
            var identities = planned.identities[...]
            for mutation in mutations {
                model.apply(mutation, context.operation, &identities)
                committed[mutation.name, default: 0] += 1
            }
            live = files.commit(draft)
            let difference = model.difference(from: live)
            #expect(difference == "", "seed \(seed), step \(step), \(mutations)")
            if !difference.isEmpty { return }
            #expect(
                Set(live.registry.segments.keys).isSuperset(
                    of: 0...RegistrySegment.index(of: max(live.registry.nextAssetID, 2) - 1))
                    || live.registry.segments.isEmpty)
        }
        #expect(committed.count > 4, "seed \(seed): only \(committed) were committed")
    }

    @Test("what takes a relocation back leaves every asset as it was, to the bytes", arguments: UInt64(1)...20)
    func inverse(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let paths = ["a", "b/x", "b/y/z", "c/d/e", "deep/er/still/1", "deep/er/still/2", "é", "f"]
        let files = FileModel(
            Sample.scan(
                paths.indices.map { Sample.entry(UInt32($0 + 1), paths[$0]) },
                paths.indices.map {
                    Sample.scanned(paths[$0], Sample.uuid(UInt64($0 + 1)), inputs: ["there.png": Sample.file(9)])
                }))
        let start = files.bootstrap()
        var taken = 0
        for _ in 0..<100 {
            guard case .relocate(let reference, let target) = Self.mutation(start, &generator) else { continue }
            var there = Draft(start)
            var moved = files
            guard let touched = try? there.plan(.relocate(reference, to: target), using: &generator),
                let from = there.changes.folders.compactMap({ step -> AssetRoot? in
                    if case .move(let from, _, _) = step { from } else { nil }
                }).first
            else { continue }
            #expect(!touched.isEmpty)
            var back = Draft(moved.commit(there))
            _ = try back.plan(.relocate(.root(target), to: from), using: &generator)
            let end = moved.commit(back)
            var before: [[String]] = []
            var after: [[String]] = []
            start.forEachAsset {
                before.append($0.members)
                return true
            }
            end.forEachAsset {
                after.append($0.members)
                return true
            }
            #expect(before == after, "seed \(seed): \(from) to \(target)")
            taken += 1
        }
        #expect(taken > 5, "seed \(seed): only \(taken) could be moved")
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

extension Draft {
    fileprivate func isTheSamePlan(as other: Draft) -> Bool {
        changes == other.changes && expectations == other.expectations && trash == other.trash
            && nextAssetID == other.nextAssetID && touchedIDs == other.touchedIDs
            && touchedSegments == other.touchedSegments && changedRoots == other.changedRoots
    }
}

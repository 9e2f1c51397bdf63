import Testing

@testable import PackerModel

/// What a transaction comes to on disk: each file once, folders in their order, checks where things stand now.
@Suite("Transactions")
struct TransactionTests {
    private static func root(_ path: String) -> AssetReference { .root(Sample.root(path)) }
    private static func move(_ from: String, _ to: String, origin: String?) -> FileChanges.FolderStep {
        .move(from: Sample.root(from), to: Sample.root(to), origin: origin.map(Sample.root))
    }

    private func plan(_ mutations: [Mutation], on snapshot: Snapshot) throws -> Draft {
        var draft = Draft(snapshot)
        var generator = SeededGenerator(seed: 3)
        _ = try draft.plan(
            mutations, PlanContext(operation: OperationID(using: &generator), now: 5), using: &generator)
        return draft
    }

    private func project(_ paths: [String]) -> FileModel {
        FileModel(
            Sample.scan(
                paths.indices.map { Sample.entry(UInt32($0 + 1), paths[$0]) },
                paths.indices.map { Sample.scanned(paths[$0], Sample.uuid(UInt64($0 + 1)), inode: UInt64(100 + $0)) }))
    }

    @Test("two roots trade places, and are checked where they stand now")
    func tradePlaces() throws {
        var files = project(["a", "b"])
        let draft = try plan(
            [
                .relocate(Self.root("a"), to: Sample.root("x")), .relocate(Self.root("b"), to: Sample.root("a")),
                .relocate(Self.root("x"), to: Sample.root("b")),
            ], on: files.bootstrap())
        #expect(
            draft.changes.folders == [
                Self.move("a", "x", origin: "a"), Self.move("b", "a", origin: "b"), Self.move("x", "b", origin: "a"),
            ])
        let paths = draft.expectations.map(\.path)
        #expect(paths == ["a", "a/asset.json", "x", "b", "b/asset.json", "a", "a/asset.json"])
        let live = files.commit(draft)
        #expect(live.asset(Sample.id(1))?.root.path == "b" && live.asset(Sample.id(2))?.root.path == "a")
        #expect(live.difference(from: files.bootstrap()) == "")
    }

    @Test("what is relocated and updated is one replacement, in its new place, of the file in its old one")
    func relocateThenUpdate() throws {
        var files = project(["a"])
        let draft = try plan(
            [
                .relocate(Self.root("a"), to: Sample.root("b")), .update(Self.root("b"), [.name("One")]),
                .update(Self.root("b"), [.outputCodec("LZ4")]), .relocate(Self.root("b"), to: Sample.root("c")),
            ], on: files.bootstrap())
        #expect(draft.changes.files.count == 1)
        guard case .edit(let old, let new, let origin, let base)? = draft.changes.files[Sample.root("c/asset.json")]
        else {
            Issue.record("no edit at the final place")
            return
        }
        #expect(old.name == "Name" && new.name == "One" && new.output.codec == "LZ4")
        #expect(origin == Sample.root("a/asset.json") && base == Sample.file(100))
        #expect(files.commit(draft).difference(from: files.bootstrap()) == "")
    }

    @Test("an asset that is created, changed and moved in one transaction is written once, as it is in the end")
    func createThenRest() throws {
        var files = project(["a"])
        let draft = try plan(
            [
                .create(NewAsset(root: Sample.root("new"), type: .data)), .update(Self.root("new"), [.name("Late")]),
                .exclude(Self.root("new")), .relocate(Self.root("new"), to: Sample.root("else")),
            ], on: files.bootstrap())
        guard case .create(.declaration(let declaration))? = draft.changes.files[Sample.root("else/asset.json")] else {
            Issue.record("nothing is created at the final place")
            return
        }
        #expect(declaration.name == "Late" && draft.changes.files.count == 1)
        let live = files.commit(draft)
        let asset = live.asset(at: Sample.root("else"))
        #expect(asset?.id == Sample.id(2) && asset?.isIncludedInBuild == false && asset?.name == "Late")
        #expect(live.difference(from: files.bootstrap()) == "")
    }

    @Test("a root that is deleted can be created anew in the same transaction, under another identity")
    func deleteThenCreate() throws {
        var files = project(["a"])
        let draft = try plan(
            [.delete(Self.root("a")), .create(NewAsset(root: Sample.root("a"), type: .map))], on: files.bootstrap())
        #expect(
            draft.changes.folders.last == .ensure(Sample.root("a"), origin: nil), "nothing can stand there any more")
        #expect(!draft.expectations.contains(.absent("a/asset.json")), "what stands there now is the deleted one")
        let live = files.commit(draft)
        #expect(live.asset(at: Sample.root("a"))?.id == Sample.id(2))
        #expect(live.trash.map { $0.assets.map(\.id) } == [[Sample.id(1)]])
        #expect(live.difference(from: files.bootstrap()) == "")
    }

    @Test("what was deleted comes back with its identity, also elsewhere, and only once")
    func restore() throws {
        var files = project(["a", "folder/x", "folder/y"])
        var live = files.commit(
            try plan(
                [.exclude(Self.root("a")), .delete(Self.root("a")), .delete(Self.root("folder"))],
                on: files.bootstrap()))
        #expect(live.count == 0 && live.trash.map(\.number) == [1, 2])
        live = files.commit(try plan([.restore(.id(Sample.id(3)), to: Sample.root("back"))], on: live))
        #expect(live.asset(Sample.id(2))?.root.path == "back/x" && live.asset(Sample.id(3))?.root.path == "back/y")
        live = files.commit(try plan([.restore(Self.root("a"))], on: live))
        #expect(live.asset(Sample.id(1))?.isIncludedInBuild == false && live.trash.isEmpty)
        #expect(live.difference(from: files.bootstrap()) == "")
        #expect(throws: PackerError.self) { try plan([.restore(Self.root("a"))], on: live) }
    }

    @Test("what has come to stand at its root or under its identity keeps a deleted asset in the trash")
    func restoreIsRefused() throws {
        var files = project(["a"])
        let deleted = files.commit(try plan([.delete(Self.root("a"))], on: files.bootstrap()))
        var taken = files
        let occupied = taken.commit(
            try plan([.create(NewAsset(root: Sample.root("a"), type: .data))], on: deleted))
        do throws(PackerError) {
            var draft = Draft(occupied)
            var generator = SeededGenerator(seed: 1)
            _ = try draft.plan(.restore(.id(Sample.id(1))), using: &generator)
            Issue.record("it is restored over another asset")
        } catch { #expect(error.code == .rootOccupied) }
        files.scan.roots.append(Sample.scanned("copy", Sample.uuid(1)))
        do throws(PackerError) {
            var draft = Draft(files.bootstrap())
            var generator = SeededGenerator(seed: 1)
            _ = try draft.plan(.restore(.id(Sample.id(1))), using: &generator)
            Issue.record("it is restored beside its own copy")
        } catch { #expect(error.code == .assetState && error.paths.contains("copy")) }
    }

    @Test("a duplicate gets an id and a uuid of its own, and the other keeps both")
    func reidentify() throws {
        var files = FileModel(
            Sample.scan(
                [Sample.entry(1, "a"), Sample.entry(1, "b", uuid: Sample.uuid(2))],
                [Sample.scanned("a", Sample.uuid(1)), Sample.scanned("b", Sample.uuid(2))]))
        let live = files.commit(try plan([.reidentify(Self.root("b"))], on: files.bootstrap()))
        #expect(live.asset(Sample.id(1))?.root.path == "a" && live.asset(Sample.id(1))?.validity == .valid)
        let other = live.asset(at: Sample.root("b"))
        #expect(other?.id == Sample.id(2) && other?.uuid != Sample.uuid(2) && other?.validity == .valid)
        #expect(other?.declaration?.uuid == other?.uuid)
        #expect(live.difference(from: files.bootstrap()) == "")
    }

    @Test("a copy can be re-identified, registered, changed and moved in one transaction")
    func reidentifyAndGoOn() throws {
        var files = FileModel(
            Sample.scan(
                [Sample.entry(1, "a")], [Sample.scanned("a", Sample.uuid(1)), Sample.scanned("copy", Sample.uuid(1))]))
        let live = files.commit(
            try plan(
                [
                    .reidentify(Self.root("copy")), .register(Self.root("copy")),
                    .update(Self.root("copy"), [.name("Mine")]), .relocate(Self.root("copy"), to: Sample.root("b")),
                ], on: files.bootstrap()))
        #expect(live.asset(at: Sample.root("b"))?.name == "Mine" && live.allDiagnostics == [])
        #expect(live.difference(from: files.bootstrap()) == "")
    }

    @Test("of entries with one root and one id the one that is named goes, and the others are numbered anew")
    func unregisterCopies() throws {
        let uuids = (1...3).map { Sample.uuid($0) }
        for named in uuids {
            var files = FileModel(
                Sample.scan(
                    uuids.map { Sample.entry(5, "r", uuid: $0) }, [Sample.scanned("r", uuids[0])]))
            let live = files.commit(try plan([.unregister(.uuid(named))], on: files.bootstrap()))
            #expect(live.count == 2 && live.asset(named) == nil)
            #expect(live.difference(from: files.bootstrap()) == "")
        }
        // Alike in everything: one of them goes.
        var alike = FileModel(Sample.scan([Sample.entry(5, "r"), Sample.entry(5, "r")], []))
        let live = alike.commit(try plan([.unregister(Self.root("r"))], on: alike.bootstrap()))
        #expect(live.count == 1 && live.difference(from: alike.bootstrap()) == "")
    }

    @Test("the first refusal names its place in the transaction, and nothing of the rest is planned")
    func refusal() {
        let snapshot = project(["a"]).bootstrap()
        var draft = Draft(snapshot)
        var generator = SeededGenerator(seed: 1)
        do throws(PackerError) {
            _ = try draft.plan(
                .exclude(Self.root("a")), .create(NewAsset(root: Sample.root("con"), type: .data)), using: &generator)
            Issue.record("it is taken")
        } catch {
            #expect(error.code == .nameInvalid && error.message.hasPrefix("mutation 2 of 2 (create): "))
        }
    }

    @Test("a preview's identities are used before any are drawn")
    func shownIdentities() throws {
        var draft = Draft(project([]).bootstrap())
        var generator = SeededGenerator(seed: 1)
        let context = PlanContext(operation: OperationID(using: &generator), now: 5)
        let planned = try draft.plan(
            ["x", "y"].map { .create(NewAsset(root: Sample.root($0), type: .data)) }, context,
            identities: IdentitySource(shown: [Sample.uuid(42)]), using: &generator)
        #expect(planned.identities.first == Sample.uuid(42) && planned.identities.count == 2)
        #expect(draft.table.first(at: Sample.root("x"))?.uuid == Sample.uuid(42))
    }
}

import Testing

@testable import PackerModel

@Suite("Refusals")
struct RefusalTests {
    /// a, outer, folder/x, folder/y, Case; a missing one that is not found, one that was moved; broken; a stray.
    private static func project() -> FileModel {
        let healthy = ["a", "outer", "folder/x", "folder/y", "Case", "other/Z"]
        var entries: [RegistryEntry] = []
        var roots: [ScannedRoot] = []
        for (index, path) in healthy.enumerated() {
            entries.append(Sample.entry(UInt32(index + 1), path))
            roots.append(Sample.scanned(path, Sample.uuid(UInt64(index + 1))))
        }
        entries += [
            Sample.entry(20, "missing"), Sample.entry(21, "moved"), Sample.entry(22, "broken"),
            Sample.entry(23, "mixed/good"), Sample.entry(24, "mixed/bad"), Sample.entry(25, "twice1"),
            Sample.entry(25, "twice2", uuid: Sample.uuid(99)),
        ]
        roots += [
            Sample.scanned("found", Sample.uuid(21)), Sample.broken("broken"), Sample.broken("mixed/bad"),
            Sample.scanned("mixed/good", Sample.uuid(23)), Sample.scanned("stray", Sample.uuid(500)),
            Sample.scanned("copy1", Sample.uuid(1)), Sample.scanned("twin1", Sample.uuid(600)),
            Sample.scanned("twin2", Sample.uuid(600)), Sample.broken("wreck", uuid: Sample.uuid(601)),
            Sample.scanned("outer/inner", Sample.uuid(602)),
        ]
        return FileModel(Sample.scan(entries, roots))
    }

    private static func create(_ path: String) -> Mutation { .create(NewAsset(root: Sample.root(path), type: .data)) }

    private static func create(_ change: (inout NewAsset) -> Void) -> Mutation {
        var new = NewAsset(root: Sample.root("new"), type: .data)
        change(&new)
        return .create(new)
    }

    private static func relocate(_ from: String, _ to: String) -> Mutation {
        .relocate(AssetReference(from)!, to: Sample.root(to))
    }

    static let refusals: [(String, Mutation, PackerError.Code)] = [
        ("a name against the rules", create("con"), .nameInvalid),
        ("a name of the packer's own", create(".prometeu/x"), .nameInvalid),
        ("the declaration's name", create("b/asset.json"), .nameInvalid),
        ("an occupied root", create("a"), .rootOccupied),
        ("a stray's root", create("stray"), .rootOccupied),
        ("a missing asset's root", create("missing"), .rootOccupied),
        ("a root inside an asset", create("outer/deep/inner"), .rootNested),
        ("a root around assets", create("folder"), .rootNested),
        ("a root that differs in capitals", create("case"), .nameCollision),
        ("an empty name", create { $0.name = "" }, .declarationInvalid),
        ("a NUL in the name", create { $0.name = "a\0" }, .declarationInvalid),
        ("an empty type", create { $0.type = AssetType(rawValue: "") }, .declarationInvalid),
        ("a format without a family", create { $0.output.format = "indexed" }, .declarationInvalid),
        ("a format with two slashes", create { $0.output.format = "A/b/c" }, .declarationInvalid),
        ("a format without a name", create { $0.output.format = "A/" }, .declarationInvalid),
        ("an empty codec", create { $0.output.codec = "" }, .declarationInvalid),
        ("a role without a name", create { $0.inputs = [.init(role: "", paths: [])] }, .declarationInvalid),
        (
            "a role twice", create { $0.inputs = [.init(role: "r", paths: []), .init(role: "r", paths: [])] },
            .declarationInvalid
        ),
        ("an input outside", create { $0.inputs = [.init(role: "r", paths: ["../x"])] }, .declarationInvalid),
        (
            "an input hidden by a mark", create { $0.inputs = [.init(role: "r", paths: ["\u{600}/../x"])] },
            .declarationInvalid
        ),
        ("an absolute input", create { $0.inputs = [.init(role: "r", paths: ["/x"])] }, .declarationInvalid),
        ("an empty input", create { $0.inputs = [.init(role: "r", paths: [""])] }, .declarationInvalid),
        ("a NUL in an input", create { $0.inputs = [.init(role: "r", paths: ["a\0"])] }, .declarationInvalid),
        (
            "the declaration as input", create { $0.inputs = [.init(role: "r", paths: ["asset.json"])] },
            .declarationInvalid
        ),

        ("an unknown id", relocate("id:99", "b"), .assetUnknown),
        ("an unknown uuid", relocate("uuid:" + Sample.uuid(777).description, "b"), .assetUnknown),
        ("an unknown root", relocate("nowhere", "b"), .assetUnknown),
        ("an id given twice", relocate("id:25", "b"), .assetAmbiguous),
        ("to a name against the rules", relocate("a", "b/"), .nameInvalid),
        ("to an occupied root", relocate("a", "outer"), .rootOccupied),
        ("to itself", relocate("a", "a"), .rootNested),
        ("into itself", relocate("a", "a/b"), .rootNested),
        ("into another asset", relocate("a", "outer/b"), .rootNested),
        ("around other assets", relocate("a", "folder"), .rootNested),
        ("to one that differs in capitals", relocate("a", "case"), .nameCollision),
        ("a folder beside one that collides inside", relocate("folder", "Other"), .nameCollision),
        ("a folder into itself", relocate("folder", "folder/sub"), .rootNested),
        ("a folder into another asset", relocate("folder", "a/sub"), .rootNested),
        ("a broken asset", relocate("broken", "b"), .assetState),
        ("a folder with a broken asset", relocate("mixed", "b"), .assetState),
        ("a missing asset to a free place", relocate("missing", "b"), .assetState),
        ("a missing asset to another's place", relocate("missing", "a"), .assetState),
        ("a missing asset to a stranger's place", relocate("missing", "stray"), .assetState),
        ("a moved asset to a place where it is not", relocate("moved", "stray"), .assetState),

        ("registering what is registered", .register(.root(Sample.root("a"))), .assetState),
        ("registering what is not there", .register(.root(Sample.root("nowhere"))), .assetUnknown),
        (
            "registering the place that a missing asset was moved to", .register(.root(Sample.root("found"))),
            .assetState
        ),
        ("registering a copy", .register(.root(Sample.root("copy1"))), .assetState),
        ("registering one of two strangers alike", .register(.root(Sample.root("twin1"))), .assetState),
        ("registering a broken declaration", .register(.root(Sample.root("wreck"))), .assetState),
        ("registering inside another asset", .register(.root(Sample.root("outer/inner"))), .rootNested),
        ("including what is not registered", .include(.root(Sample.root("stray"))), .assetState),
        ("including a missing asset", .include(.id(Sample.id(20))), .assetState),
        ("excluding one of two with an id", .exclude(.root(Sample.root("twice1"))), .assetState),
        ("updating what is not registered", .update(.root(Sample.root("stray")), [.name("x")]), .assetState),
        ("updating a broken asset", .update(.id(Sample.id(22)), [.name("x")]), .assetState),
        ("updating a missing asset", .update(.id(Sample.id(20)), [.name("x")]), .assetState),
        ("updating to an empty name", .update(.id(Sample.id(1)), [.name("")]), .declarationInvalid),
        (
            "updating to an input outside", .update(.id(Sample.id(1)), [.inputs([.init(role: "r", paths: ["../x"])])]),
            .declarationInvalid
        ),
        ("unregistering what is not registered", .unregister(.root(Sample.root("stray"))), .assetState),
        ("unregistering an id given twice", .unregister(.id(Sample.id(25))), .assetAmbiguous),
        ("deleting what is not registered", .delete(.root(Sample.root("stray"))), .assetState),
        ("deleting a broken asset", .delete(.id(Sample.id(22))), .assetState),
        ("deleting a missing asset", .delete(.id(Sample.id(20))), .assetState),
        ("deleting a folder with a broken asset", .delete(.root(Sample.root("mixed"))), .assetState),
        ("deleting an asset around another", .delete(.root(Sample.root("outer"))), .assetState),
        ("restoring what is not in the trash", .restore(.id(Sample.id(1))), .trashUnknown),
        ("re-identifying what stands nowhere else", .reidentify(.id(Sample.id(1))), .assetState),
        ("re-identifying a stranger that is alone", .reidentify(.root(Sample.root("stray"))), .assetState),
        ("re-identifying one of two without files", .reidentify(.root(Sample.root("twice1"))), .assetState),
    ]

    @Test("is refused with its code, a remedy and a path", arguments: refusals.indices)
    func refused(index: Int) {
        let (name, mutation, code) = Self.refusals[index]
        var files = Self.project()
        if name == "a folder beside one that collides inside" {
            // other/Z is there; Other/z would collide with it once the folder is called Other.
            files.scan.roots.append(Sample.scanned("folder/z", Sample.uuid(501)))
        }
        let snapshot = files.bootstrap()
        var draft = Draft(snapshot)
        var generator = SeededGenerator(seed: 1)
        do throws(PackerError) {
            _ = try draft.plan(mutation, using: &generator)
            Issue.record("\(name) is taken")
        } catch {
            #expect(error.code == code, "\(name)")
            #expect(!error.message.isEmpty && !error.remedy.isEmpty, "\(name)")
            #expect(code == .assetUnknown || code == .trashUnknown || !error.paths.isEmpty, "\(name)")
        }
        #expect(snapshot.difference(from: files.bootstrap()) == "")
    }

    static let taken: [(String, Mutation, [String])] = [
        ("a free root", create("b"), ["b"]),
        ("a folder beside a folder with capitals", create("FOLDER/q"), ["FOLDER/q"]),
        ("an unknown type", create { $0.type = AssetType(rawValue: "mesh") }, ["new"]),
        ("a case-only rename", relocate("Case", "case"), ["case"]),
        ("a move up", relocate("folder/x", "x"), ["x"]),
        ("a move down beside others", relocate("a", "folder/a"), ["folder/a"]),
        ("a folder of several", relocate("folder", "deep/er"), ["deep/er/x", "deep/er/y"]),
        ("a case-only rename of a folder", relocate("folder", "Folder"), ["Folder/x", "Folder/y"]),
        ("what nobody registered", relocate("stray", "known"), ["known"]),
        ("what was moved by hand", relocate("moved", "found"), ["found"]),
        ("registering a stranger", .register(.root(Sample.root("stray"))), ["stray"]),
        ("excluding a broken asset", .exclude(.id(Sample.id(22))), ["broken"]),
        ("including what is included", .include(.id(Sample.id(1))), ["a"]),
        ("an update", .update(.id(Sample.id(1)), [.name("Other"), .outputCodec("LZ4")]), ["a"]),
        ("an update that changes nothing", .update(.id(Sample.id(1)), [.name("Name")]), ["a"]),
        ("unregistering a broken asset", .unregister(.id(Sample.id(22))), ["broken"]),
        ("unregistering a missing asset", .unregister(.id(Sample.id(20))), ["missing"]),
        ("unregistering one of two with an id", .unregister(.root(Sample.root("twice2"))), ["twice2"]),
        ("deleting an asset", .delete(.id(Sample.id(1))), ["a"]),
        ("deleting a folder of several", .delete(.root(Sample.root("folder"))), ["folder/x", "folder/y"]),
        ("emptying an empty trash", .emptyTrash, []),
        ("re-identifying a copy", .reidentify(.root(Sample.root("copy1"))), ["copy1"]),
        ("what was moved by hand, by its uuid", relocate(Sample.uuid(21).description, "found"), ["found"]),
    ]

    @Test("is taken, and a bootstrap shows the same", arguments: taken.indices)
    func accepted(index: Int) throws {
        let (name, mutation, roots) = Self.taken[index]
        var files = Self.project()
        var draft = Draft(files.bootstrap())
        var generator = SeededGenerator(seed: 1)
        let touched = try draft.plan(mutation, using: &generator)
        #expect(touched.map(\.root.path).sorted() == roots, "\(name)")
        let live = files.commit(draft)
        #expect(live.difference(from: files.bootstrap()) == "", "\(name)")
    }

    @Test("what was moved by hand keeps its id, and only the registry is written")
    func followMoved() throws {
        var files = Self.project()
        var draft = Draft(files.bootstrap())
        var generator = SeededGenerator(seed: 1)
        let touched = try draft.plan(Self.relocate("moved", "found"), using: &generator)
        #expect(touched.map(\.id) == [Sample.id(21)])
        #expect(draft.changes.isEmpty && draft.segments.map(\.index) == [0])
        #expect(
            draft.expectations == [.absent("moved/asset.json"), .file("found/asset.json", Sample.file(7))])
        let live = files.commit(draft)
        #expect(live.asset(at: Sample.root("moved")) == nil)
        #expect(live.asset(Sample.id(21))?.validity == .valid)
        #expect(live.asset(Sample.id(21))?.diagnostics == [])
    }

    @Test("a plan names its steps on the files, and what must stand there for them")
    func plans() throws {
        var draft = Draft(Self.project().bootstrap())
        var generator = SeededGenerator(seed: 1)
        _ = try draft.plan(Self.create("deep/new"), using: &generator)
        guard case .create(.declaration(let declaration))? = draft.changes.files[Sample.root("deep/new/asset.json")]
        else {
            Issue.record("no declaration is planned")
            return
        }
        #expect(declaration.name == "new")
        #expect(
            draft.changes.folders == [
                .ensure(Sample.root("deep"), origin: Sample.root("deep")),
                .ensure(Sample.root("deep/new"), origin: Sample.root("deep/new")),
            ])
        #expect(draft.expectations == [.folderOrAbsent("deep/new"), .absent("deep/new/asset.json")])
        var move = Draft(draft.base)
        _ = try move.plan(Self.relocate("folder", "p/q"), using: &generator)
        #expect(
            move.changes.folders == [
                .ensure(Sample.root("p"), origin: Sample.root("p")),
                .move(from: Sample.root("folder"), to: Sample.root("p/q"), origin: Sample.root("folder")),
            ])
        #expect(
            move.expectations == [
                .folder("folder"), .file("folder/x/asset.json", Sample.file(7)),
                .file("folder/y/asset.json", Sample.file(7)), .absent("p/q"),
            ])
    }

    @Test("the last id is given out once, and then no more")
    func exhausted() throws {
        let snapshot = Sample.project(["a"])
        var registry = snapshot.registry
        registry.nextAssetID = AssetID.largest
        let full = Snapshot(
            session: snapshot.session, generation: 1, access: .writable, diagnostics: [], table: snapshot.table,
            registry: registry, trash: []
        )
        var draft = Draft(full)
        var generator = SeededGenerator(seed: 1)
        let touched = try draft.plan(Self.create("b"), using: &generator)
        #expect(touched.map(\.id) == [Sample.id(AssetID.largest)])
        #expect(draft.segments.last?.segment.nextAssetID == AssetID.largest + 1)
        do throws(PackerError) {
            _ = try draft.plan(Self.create("c"), using: &generator)
            Issue.record("an id beyond the last was given")
        } catch {
            #expect(error.code == .identifiersExhausted)
        }
    }
}

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
        ("an empty name", create { $0.name = "" }, .nameInvalid),
        ("a NUL in the name", create { $0.name = "a\0" }, .nameInvalid),
        ("an empty type", create { $0.type = AssetType(rawValue: "") }, .nameInvalid),
        ("a format without a family", create { $0.output.format = "indexed" }, .nameInvalid),
        ("a format with two slashes", create { $0.output.format = "A/b/c" }, .nameInvalid),
        ("a format without a name", create { $0.output.format = "A/" }, .nameInvalid),
        ("an empty codec", create { $0.output.codec = "" }, .nameInvalid),
        ("a role without a name", create { $0.inputs = [.init(role: "", paths: [])] }, .nameInvalid),
        (
            "a role twice", create { $0.inputs = [.init(role: "r", paths: []), .init(role: "r", paths: [])] },
            .nameInvalid
        ),
        ("an input outside", create { $0.inputs = [.init(role: "r", paths: ["../x"])] }, .nameInvalid),
        ("an input hidden by a mark", create { $0.inputs = [.init(role: "r", paths: ["\u{600}/../x"])] }, .nameInvalid),
        ("an absolute input", create { $0.inputs = [.init(role: "r", paths: ["/x"])] }, .nameInvalid),
        ("an empty input", create { $0.inputs = [.init(role: "r", paths: [""])] }, .nameInvalid),
        ("a NUL in an input", create { $0.inputs = [.init(role: "r", paths: ["a\0"])] }, .nameInvalid),
        ("the declaration as input", create { $0.inputs = [.init(role: "r", paths: ["asset.json"])] }, .nameInvalid),

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
            #expect(code == .assetUnknown || !error.paths.isEmpty, "\(name)")
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
        #expect(draft.steps.isEmpty && draft.segments.map(\.index) == [0])
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
        guard case .createDeclaration(Sample.root("deep/new"), let declaration)? = draft.steps.last else {
            Issue.record("no declaration is planned")
            return
        }
        #expect(declaration.name == "new")
        #expect(draft.steps.first == .ensureFolder(Sample.root("deep/new")))
        #expect(draft.expectations == [.folderOrAbsent("deep/new"), .absent("deep/new/asset.json")])
        var move = Draft(draft.base)
        _ = try move.plan(Self.relocate("folder", "p/q"), using: &generator)
        #expect(
            move.steps == [
                .ensureFolder(Sample.root("p")), .moveFolder(from: Sample.root("folder"), to: Sample.root("p/q")),
            ])
        #expect(
            move.expectations == [
                .folder("folder"), .absent("p/q"), .file("folder/x/asset.json", Sample.file(7)),
                .file("folder/y/asset.json", Sample.file(7)),
            ])
    }

    @Test("the last id is given out once, and then no more")
    func exhausted() throws {
        let snapshot = Sample.project(["a"])
        var registry = snapshot.registry
        registry.nextAssetID = AssetID.largest
        let full = Snapshot(
            session: snapshot.session, generation: 1, access: .writable, diagnostics: [], table: snapshot.table,
            registry: registry
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

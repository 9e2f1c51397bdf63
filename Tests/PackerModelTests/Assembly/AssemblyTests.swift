import Testing

@testable import PackerModel

@Suite("What bootstrap meets")
struct AssemblyTests {
    private func expect(
        _ snapshot: Snapshot, _ path: String, _ registration: Asset.Registration, _ validity: Asset.Validity,
        _ codes: [DiagnosticCode], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let asset = snapshot.asset(at: Sample.root(path))
        #expect(asset?.registration == registration, sourceLocation: sourceLocation)
        #expect(asset?.validity == validity, sourceLocation: sourceLocation)
        #expect(asset?.diagnostics.map(\.code) == codes, sourceLocation: sourceLocation)
        for diagnostic in asset?.diagnostics ?? [] {
            #expect(diagnostic.path.hasPrefix(path), sourceLocation: sourceLocation)
            #expect(!diagnostic.message.isEmpty && !diagnostic.remedy.isEmpty, sourceLocation: sourceLocation)
        }
    }

    @Test("a registered root with a valid declaration is registered and valid")
    func healthy() {
        let snapshot = Sample.project(["a", "b/c"])
        expect(snapshot, "a", .registered, .valid, [])
        expect(snapshot, "b/c", .registered, .valid, [])
        #expect(snapshot.access == .writable && snapshot.diagnostics.isEmpty && snapshot.count == 2)
        #expect(snapshot.registry.nextAssetID == 3)
    }

    static let breakages: [(ScannedRoot, [DiagnosticCode])] = [
        (Sample.broken("a"), [.declarationSyntax]),
        (Sample.broken("a", uuid: Sample.uuid(1), .declarationSchema), [.declarationSchema]),
        (Sample.broken("a", .declarationNewerSchema), [.declarationNewerSchema]),
        (Sample.scanned("a", Sample.uuid(99)), [.declarationWrongUUID]),
        (Sample.scanned("a", Sample.uuid(1), inputs: ["x": nil]), [.inputMissing]),
        (Sample.scanned("a", Sample.uuid(1), inputs: ["x": Sample.file(1, kind: .folder)]), [.inputNotAFile]),
        (Sample.scanned("a", Sample.uuid(1), inputs: ["x": Sample.file(1, kind: .symlink)]), [.inputNotAFile]),
    ]

    @Test("a broken declaration makes its own asset invalid and costs no other", arguments: breakages)
    func broken(root: ScannedRoot, codes: [DiagnosticCode]) {
        let entries = [Sample.entry(1, "a"), Sample.entry(2, "b")]
        let snapshot = Sample.snapshot(Sample.scan(entries, [root, Sample.scanned("b", Sample.uuid(2))]))
        expect(snapshot, "a", .registered, .invalid, codes)
        expect(snapshot, "b", .registered, .valid, [])
        #expect(snapshot.asset(Sample.id(1))?.uuid == Sample.uuid(1), "the registry decides")
        #expect(snapshot.access == .writable)
    }

    @Test("a missing folder and a missing declaration are told apart")
    func missing() {
        let entries = [Sample.entry(1, "gone"), Sample.entry(2, "bare"), Sample.entry(3, "there")]
        let snapshot = Sample.snapshot(
            Sample.scan(
                entries, [Sample.scanned("there", Sample.uuid(3))], bareFolders: [Sample.root("bare"): 5]
            ))
        expect(snapshot, "gone", .registered, .missing, [.assetFolderMissing])
        expect(snapshot, "bare", .registered, .missing, [.declarationMissing])
        expect(snapshot, "there", .registered, .valid, [])
    }

    @Test("a folder that was moved by hand is named where its uuid stands once elsewhere")
    func moved() {
        let snapshot = Sample.snapshot(Sample.scan([Sample.entry(1, "old")], [Sample.scanned("new", Sample.uuid(1))]))
        expect(snapshot, "old", .registered, .missing, [.assetMoved])
        #expect(snapshot.asset(at: Sample.root("old"))?.diagnostics[0].message.contains("\"new\"") == true)
        expect(snapshot, "new", .unregistered, .valid, [.assetUnregistered])
    }

    @Test("with two places that have its uuid, neither is said to be where it went")
    func movedTwice() {
        let roots = [Sample.scanned("x", Sample.uuid(1)), Sample.scanned("y", Sample.uuid(1))]
        let snapshot = Sample.snapshot(Sample.scan([Sample.entry(1, "old")], roots))
        expect(snapshot, "old", .registered, .missing, [.assetFolderMissing])
        expect(snapshot, "x", .unregistered, .invalid, [.assetUnregistered, .assetDuplicateUUID])
        expect(snapshot, "y", .unregistered, .invalid, [.assetUnregistered, .assetDuplicateUUID])
    }

    @Test("a copy of a registered folder names it and is named by it, and the registered one stays valid")
    func copied() throws {
        let roots = [Sample.scanned("a", Sample.uuid(1)), Sample.scanned("copy", Sample.uuid(1))]
        let snapshot = Sample.snapshot(Sample.scan([Sample.entry(1, "a")], roots))
        expect(snapshot, "a", .registered, .valid, [.assetDuplicateUUID])
        expect(snapshot, "copy", .unregistered, .invalid, [.assetUnregistered, .assetDuplicateUUID])
        #expect(snapshot.asset(at: Sample.root("a"))?.diagnostics[0].message.contains("\"copy\"") == true)
        #expect(try snapshot.asset(.uuid(Sample.uuid(1))).root == Sample.root("a"))
        #expect(snapshot.asset(Sample.uuid(1))?.root == Sample.root("a"))
    }

    @Test("declarations without any registry make the project read-only, and a workspace with neither is a new one")
    func lostRegistry() {
        let snapshot = Sample.snapshot(Sample.scan([], [Sample.scanned("a", Sample.uuid(1))]))
        #expect(snapshot.access != .writable)
        #expect(snapshot.diagnostics.map(\.code) == [.registryUnreadable])
        expect(snapshot, "a", .unknown, .valid, [])
        let again = SnapshotAssembly.assemble(snapshot.scanned, session: Sample.session(), generation: 2)
        #expect(again.access == snapshot.access && again.diagnostics == snapshot.diagnostics)
        #expect(Sample.snapshot(Sample.scan([], [])).access == .writable)
    }

    @Test("a declaration that nobody registered is shown, with no id")
    func unregistered() {
        let roots = [Sample.scanned("a", Sample.uuid(1)), Sample.broken("b")]
        var scan = Sample.scan([Sample.entry(1, "gone")], roots)
        scan.segments[0].reading.segment?.entries = []
        let snapshot = Sample.snapshot(scan)
        expect(snapshot, "a", .unregistered, .valid, [.assetUnregistered])
        expect(snapshot, "b", .unregistered, .invalid, [.declarationSyntax, .assetUnregistered])
        #expect(snapshot.asset(at: Sample.root("a"))?.id == nil)
        #expect(snapshot.asset(at: Sample.root("a"))?.isIncludedInBuild == false)
        #expect(snapshot.access == .writable)
    }

    static let duplicates: [([RegistryEntry], DiagnosticCode, [String])] = [
        (
            [Sample.entry(1, "a", uuid: Sample.uuid(1)), Sample.entry(1, "b", uuid: Sample.uuid(2))],
            .registryDuplicateID, ["\"a\"", "\"b\""]
        ),
        (
            [Sample.entry(1, "a", uuid: Sample.uuid(7)), Sample.entry(200, "b", uuid: Sample.uuid(7))],
            .registryDuplicateUUID, ["\"a\"", "\"b\""]
        ),
        ([Sample.entry(1, "a"), Sample.entry(2, "a")], .registryDuplicateRoot, ["1", "2"]),
    ]

    @Test("what the registry gives twice is shown as often, each naming the others", arguments: duplicates)
    func repeatedInRegistry(entries: [RegistryEntry], code: DiagnosticCode, names: [String]) {
        var roots: [AssetRoot: ScannedRoot] = [:]
        for entry in entries { roots[entry.root] = Sample.scanned(entry.root.path, entry.uuid) }
        let healthy = Sample.entry(300, "healthy")
        let snapshot = Sample.snapshot(
            Sample.scan(entries + [healthy], Array(roots.values) + [Sample.scanned("healthy", healthy.uuid)]))
        #expect(snapshot.count == 3)
        var seen = 0
        snapshot.forEachAsset { asset in
            guard asset.root != healthy.root else { return true }
            seen += 1
            let found = asset.diagnostics.first { $0.code == code }
            #expect(found != nil && names.allSatisfy { found!.message.contains($0) })
            #expect(asset.validity == .invalid)
            return true
        }
        #expect(seen == 2)
        expect(snapshot, "healthy", .registered, .valid, [])
        #expect(snapshot.access == .writable)
    }

    @Test("an entry that is repeated whole is shown twice, listed twice and written twice")
    func repeatedWhole() {
        let entry = Sample.entry(5, "a")
        let snapshot = Sample.snapshot(Sample.scan([entry, entry], [Sample.scanned("a", entry.uuid)]))
        #expect(snapshot.count == 2)
        #expect(snapshot.table.segment(0) == [entry, entry])
        let first = snapshot.list(limit: 1)
        #expect(first.next != nil)
        #expect(snapshot.list(after: first.next, limit: 1).assets.count == 1)
    }

    @Test(
        "a segment that is broken or lost leaves the others' assets, and the project read-only",
        arguments: [.registrySyntax, .registrySchema, .registryNewerSchema, nil] as [DiagnosticCode?])
    func brokenSegment(code: DiagnosticCode?) {
        var scan = ScannedWorkspace()
        scan.segments = [Sample.segment(0, next: 129, [Sample.entry(1, "a")])]
        if let code { scan.segments.append(Sample.brokenSegment(1, code)) }
        scan.roots = [Sample.scanned("a", Sample.uuid(1)), Sample.scanned("b", Sample.uuid(128))]
        let snapshot = Sample.snapshot(scan)
        expect(snapshot, "a", .registered, .valid, [])
        expect(snapshot, "b", .unknown, .valid, [])
        #expect(snapshot.diagnostics.map(\.code) == [code ?? .registryUnreadable])
        #expect(snapshot.diagnostics.map(\.path) == [".prometeu/index-0001.json"])
        guard case .readOnly(let error) = snapshot.access else {
            Issue.record("the project takes writes")
            return
        }
        #expect(error.code == .readOnly && error.paths == [".prometeu/index-0001.json"])
        var draft = Draft(snapshot)
        var generator = SeededGenerator(seed: 1)
        #expect(throws: error) {
            try draft.plan(.create(NewAsset(root: Sample.root("c"), type: .data)), using: &generator)
        }
    }

    @Test("a gap of any length in the registry is one diagnostic")
    func gaps() {
        var scan = ScannedWorkspace()
        scan.segments = [
            Sample.segment(2, next: 300, []), Sample.segment(5, next: AssetID.largest + 1, []),
        ]
        let snapshot = Sample.snapshot(scan)
        #expect(snapshot.registry.unreadable.keys.sorted() == [0, 3, 6])
        #expect(
            snapshot.diagnostics.map(\.path) == [
                ".prometeu/index.json", ".prometeu/index-0003.json", ".prometeu/index-0006.json",
            ])
        #expect(snapshot.diagnostics[2].message.contains("index-16777215.json"))
        #expect(snapshot.difference(from: Sample.snapshot(snapshot.scanned)) == "")
    }

    @Test("no id that stands in the registry is given out, whatever the next one is said to be")
    func nextID() {
        var scan = ScannedWorkspace()
        scan.segments = [Sample.segment(0, next: 1, [Sample.entry(9, "a")])]
        #expect(Sample.snapshot(scan).registry.nextAssetID == 10)
    }

    @Test("names that do not work everywhere are warnings on disk")
    func names() {
        let paths = ["con", "Case", "case", "outer", "outer/x/inner", "e\u{301}"]
        let snapshot = Sample.project(paths)
        expect(snapshot, "con", .registered, .valid, [.nameRule])
        expect(snapshot, "Case", .registered, .valid, [.nameCaseCollision])
        expect(snapshot, "case", .registered, .valid, [.nameCaseCollision])
        expect(snapshot, "outer", .registered, .valid, [])
        expect(snapshot, "outer/x/inner", .registered, .valid, [.assetNested])
        #expect(snapshot.codes("e\u{301}") == [.nameRule])
        #expect(snapshot.allDiagnostics.allSatisfy { $0.severity == .warning })
        #expect(snapshot.allDiagnostics.count == 5)
    }

    @Test("an empty workspace is an empty project that takes writes")
    func empty() {
        let snapshot = Sample.snapshot(ScannedWorkspace())
        #expect(snapshot.count == 0 && snapshot.access == .writable && snapshot.registry.nextAssetID == 1)
        #expect(snapshot.list().assets.isEmpty && snapshot.list().next == nil)
    }

    @Test("taken apart and assembled again a snapshot is the same, member by member", arguments: UInt64(1)...150)
    func assembledAgain(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let scan = RandomWorkspace.scan(&generator)
        let snapshot = Sample.snapshot(scan)
        let again = Sample.snapshot(snapshot.scanned)
        #expect(again.difference(from: snapshot) == "", "seed \(seed)")
        var shuffled = scan
        shuffled.roots.shuffle(using: &generator)
        shuffled.segments.shuffle(using: &generator)
        #expect(Sample.snapshot(shuffled).difference(from: snapshot) == "", "seed \(seed), shuffled")
        // What was numbered for the missing ones is used again, and not where it has become old.
        var numbered = shuffled
        _ = numbered.registeredElsewhere()
        #expect(Sample.snapshot(numbered).difference(from: snapshot) == "", "seed \(seed), numbered")
        if !shuffled.roots.isEmpty {
            shuffled.roots.removeFirst()
            numbered.roots.removeFirst()
            let fewer = Sample.snapshot(shuffled)
            #expect(Sample.snapshot(numbered).difference(from: fewer) == "", "seed \(seed), one root less")
        }
    }

    @Test(
        "no asset of a random workspace is lost, and only its own files and names change it", arguments: UInt64(1)...60)
    func nothingIsLost(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let scan = RandomWorkspace.scan(&generator)
        let snapshot = Sample.snapshot(scan)
        let entries = scan.segments.flatMap { $0.reading.segment?.entries ?? [] }
        let strays = Set(scan.roots.map(\.root)).subtracting(entries.map(\.root))
        #expect(snapshot.count == entries.count + strays.count, "seed \(seed)")
        // Breaking one declaration leaves every asset with another root, uuid and place as valid as it was.
        guard let index = scan.roots.indices.randomElement(using: &generator) else { return }
        let victim = scan.roots[index]
        var worse = scan
        worse.roots[index] = Sample.broken(victim.root.path, uuid: victim.reading.uuid)
        let broken = Sample.snapshot(worse)
        snapshot.forEachAsset { asset in
            if asset.root != victim.root {
                let now = broken.table.assets(at: asset.root).first { $0.key == asset.key }
                #expect(now?.members == asset.members, "seed \(seed), \(asset.root)")
            }
            return true
        }
    }
}

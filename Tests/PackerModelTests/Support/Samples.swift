import PackerModel

@testable import PackerModel

/// Hand-made parts of a project.
enum Sample {
    static func id(_ number: UInt32) -> AssetID { AssetID(rawValue: number)! }

    static func uuid(_ number: UInt64) -> AssetUUID { AssetUUID(halves: (0x4000, 0x8000_0000_0000_0000 | number)) }

    static func root(_ path: String) -> AssetRoot { AssetRoot(onDisk: path) }

    static func session(_ seed: UInt64 = 1) -> SessionID {
        var generator = SeededGenerator(seed: seed)
        return SessionID(using: &generator)
    }

    static func file(_ inode: UInt64, kind: Fingerprint.Kind = .file) -> Fingerprint {
        Fingerprint(kind: kind, size: 10, modified: 1, changed: 1, inode: inode, isExecutable: false)
    }

    static func declaration(_ uuid: AssetUUID, name: String = "Name", inputs: [String] = []) -> Declaration {
        Declaration(
            uuid: uuid, name: name, type: .data,
            inputs: inputs.isEmpty ? [] : [Declaration.InputRole(role: "source", paths: inputs)],
            output: AssetType.data.usualOutput
        )
    }

    /// A folder whose declaration can be read.
    static func scanned(
        _ path: String, _ uuid: AssetUUID, inode: UInt64 = 7, inputs: [String: Fingerprint?] = [:]
    ) -> ScannedRoot {
        let names = inputs.keys.sorted()
        return ScannedRoot(
            root: root(path), folderInode: inode, fingerprint: file(inode),
            reading: DeclarationReading(
                declaration: declaration(uuid, inputs: names), uuid: uuid, diagnostics: []
            ),
            inputs: names.map { Asset.InputFile(role: "source", path: $0, fingerprint: inputs[$0]!) }
        )
    }

    /// A folder whose declaration is broken.
    static func broken(_ path: String, uuid: AssetUUID? = nil, _ code: DiagnosticCode = .declarationSyntax)
        -> ScannedRoot
    {
        ScannedRoot(
            root: root(path), folderInode: 8, fingerprint: file(8),
            reading: DeclarationReading(
                declaration: nil, uuid: uuid,
                diagnostics: [
                    Diagnostic(
                        code, path: path + "/" + Declaration.fileName, line: 3, column: 5, message: "broken",
                        remedy: "mend"
                    )
                ]
            ), inputs: []
        )
    }

    static func entry(_ number: UInt32, _ path: String, uuid: AssetUUID? = nil, isIncluded: Bool = true)
        -> RegistryEntry
    {
        RegistryEntry(
            id: id(number), uuid: uuid ?? self.uuid(UInt64(number)), root: root(path), isIncludedInBuild: isIncluded
        )
    }

    static func segment(_ index: Int, next: UInt32, _ entries: [RegistryEntry]) -> ScannedSegment {
        ScannedSegment(
            index: index, fingerprint: file(1000 + UInt64(index)),
            reading: RegistryReading(
                segment: RegistrySegment(nextAssetID: next, entries: entries), diagnostics: []
            )
        )
    }

    static func brokenSegment(_ index: Int, _ code: DiagnosticCode) -> ScannedSegment {
        ScannedSegment(
            index: index, fingerprint: file(1000 + UInt64(index)),
            reading: RegistryReading(
                segment: nil,
                diagnostics: [
                    Diagnostic(
                        code, path: ".prometeu/" + RegistrySegment.fileName(index), message: "broken", remedy: "mend"
                    )
                ]
            )
        )
    }

    /// Segments for entries, each in the file of its id.
    static func segments(of entries: [RegistryEntry], next: UInt32? = nil) -> [ScannedSegment] {
        let next = next ?? (entries.map(\.id.rawValue).max() ?? 0) + 1
        let grouped = Dictionary(grouping: entries) { RegistrySegment.index(of: $0.id.rawValue) }
        let last = RegistrySegment.index(of: max(next, 2) - 1)
        return (0...last).map { segment($0, next: next, (grouped[$0] ?? []).sorted { $0.id < $1.id }) }
    }

    static func scan(
        _ entries: [RegistryEntry], _ roots: [ScannedRoot], bareFolders: [AssetRoot: UInt64] = [:]
    ) -> ScannedWorkspace {
        var scan = ScannedWorkspace()
        scan.segments = entries.isEmpty ? [] : segments(of: entries)
        scan.roots = roots
        scan.bareFolders = bareFolders
        return scan
    }

    static func snapshot(_ scan: ScannedWorkspace) -> Snapshot {
        SnapshotAssembly.assemble(scan, session: session(), generation: 1)
    }

    /// A healthy project: the assets of these paths, registered with the ids 1, 2, 3…
    static func project(_ paths: [String]) -> Snapshot {
        var entries: [RegistryEntry] = []
        var roots: [ScannedRoot] = []
        for (index, path) in paths.enumerated() {
            let entry = entry(UInt32(index + 1), path)
            entries.append(entry)
            roots.append(scanned(path, entry.uuid, inode: UInt64(100 + index)))
        }
        return snapshot(scan(entries, roots))
    }
}

extension Snapshot {
    func codes(_ path: String) -> [DiagnosticCode] { asset(at: Sample.root(path))?.diagnostics.map(\.code) ?? [] }
}

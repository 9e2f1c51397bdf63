import Packer

/// Hand-made snapshots, without a disk.
struct SampleAsset {
    var root: String
    /// Nil: nobody registered it.
    var id: UInt32?
    var type = AssetType.data
    var name: String?
    var isIncluded = true
    /// False: the registry knows it, and there is nothing on disk.
    var isThere = true
    var inputs: [String] = []

    init(
        _ root: String, id: UInt32?, _ type: AssetType = .data, name: String? = nil, isIncluded: Bool = true,
        isThere: Bool = true, inputs: [String] = []
    ) {
        self.root = root
        self.id = id
        self.type = type
        self.name = name
        self.isIncluded = isIncluded
        self.isThere = isThere
        self.inputs = inputs
    }

    var uuid: AssetUUID {
        let number = id.map(UInt64.init) ?? root.utf8.reduce(1_000) { $0 &* 31 &+ UInt64($1) }
        var generator = CountingGenerator(state: number)
        return AssetUUID(using: &generator)
    }

    private var fingerprint: Fingerprint {
        Fingerprint(kind: .file, size: 12, modified: 1, changed: 1, inode: UInt64(id ?? 1_000), isExecutable: false)
    }

    var entry: RegistryEntry? {
        id.map {
            RegistryEntry(
                id: AssetID(rawValue: $0)!, uuid: uuid, root: AssetRoot(onDisk: root), isIncludedInBuild: isIncluded
            )
        }
    }

    var scanned: ScannedRoot? {
        guard isThere else { return nil }
        let declaration = Declaration(
            uuid: uuid, name: name ?? root, type: type,
            inputs: inputs.isEmpty ? [] : [Declaration.InputRole(role: "source", paths: inputs)],
            output: type.usualOutput
        )
        return ScannedRoot(
            root: AssetRoot(onDisk: root), folderInode: 1, fingerprint: fingerprint,
            reading: DeclarationReading(declaration: declaration, uuid: uuid, diagnostics: []),
            inputs: inputs.map { Asset.InputFile(role: "source", path: $0, fingerprint: fingerprint) }
        )
    }
}

extension Snapshot {
    static func sample(
        _ generation: UInt64, _ assets: [SampleAsset], session: SessionID = .sample(1), access: Access = .writable
    ) -> Snapshot {
        var scan = ScannedWorkspace()
        let entries = assets.compactMap(\.entry)
        scan.segments = [
            ScannedSegment(
                index: 0,
                fingerprint: Fingerprint(
                    kind: .file, size: 10, modified: 1, changed: 1, inode: 5, isExecutable: false
                ),
                reading: RegistryReading(
                    segment: RegistrySegment(nextAssetID: 100, entries: entries), diagnostics: []
                )
            )
        ]
        scan.roots = assets.compactMap(\.scanned)
        let snapshot = SnapshotAssembly.assemble(scan, session: session, generation: generation)
        return access == .writable ? snapshot : snapshot.with(access: access)
    }
}

extension Preview {
    static func sample(
        _ mutations: [Mutation], generation: UInt64 = 1, changes: [PlannedChange] = [], blockers: [PackerError] = []
    ) -> Preview {
        Preview(
            session: .sample(1), generation: generation, mutations: mutations, changes: changes, assets: [],
            blockers: blockers, warnings: [], identities: []
        )
    }
}

/// What a walk of the disk found: the input of the pure assembly.
package struct ScannedWorkspace: Sendable {
    package var segments: [ScannedSegment] = [] { didSet { numbered = nil } }
    package var roots: [ScannedRoot] = [] { didSet { numbered = nil } }
    /// `roots` in their order, with room for every entry; nil where nobody has asked yet, or one is there twice.
    private(set) var numbered: RootPlaces?
    /// Folders of registered assets that have no declaration, with their inodes.
    package var bareFolders: [AssetRoot: UInt64] = [:]
    package var diagnostics: [Diagnostic] = []
    package var trash: [TrashItem] = []

    package init() {}
}

package struct ScannedSegment: Sendable {
    package var index: Int
    package var fingerprint: Fingerprint
    package var reading: RegistryReading

    package init(index: Int, fingerprint: Fingerprint, reading: RegistryReading) {
        self.index = index
        self.fingerprint = fingerprint
        self.reading = reading
    }
}

/// A folder with something named `asset.json` in it. Packed at once, so that a scan leaves nothing behind but what the
/// snapshot keeps.
package struct ScannedRoot: Sendable {
    package var root: AssetRoot
    private(set) var record: AssetRecord

    package init(
        root: AssetRoot,
        folderInode: UInt64,
        fingerprint: Fingerprint,
        reading: DeclarationReading,
        inputs: [Asset.InputFile]
    ) {
        self.root = root
        record = AssetRecord(
            folderInode: folderInode, fingerprint: fingerprint, declaration: reading.declaration, uuid: reading.uuid,
            uuidPosition: reading.uuidPosition, inputs: inputs, diagnostics: reading.diagnostics)
    }

    /// - Parameter record: of files that are there.
    init(root: AssetRoot, record: AssetRecord) {
        self.root = root
        self.record = record
    }

    package var folderInode: UInt64 { record.folderInode }

    /// What the declaration says, where it could be read even though the rest could not.
    var uuid: AssetUUID? { record.uuid }

    package var fingerprint: Fingerprint {
        get { record.fingerprint! }
        set {
            self = ScannedRoot(
                root: root, folderInode: folderInode, fingerprint: newValue, reading: reading, inputs: inputs)
        }
    }

    package var reading: DeclarationReading {
        get {
            DeclarationReading(
                declaration: record.declaration, uuid: record.uuid, uuidPosition: record.uuidPosition,
                inputPositions: inputs.compactMap(\.position), diagnostics: record.diagnostics)
        }
        set {
            self = ScannedRoot(
                root: root, folderInode: folderInode, fingerprint: fingerprint, reading: newValue, inputs: inputs)
        }
    }

    package var inputs: [Asset.InputFile] {
        get { record.inputs }
        set {
            self = ScannedRoot(
                root: root, folderInode: folderInode, fingerprint: fingerprint, reading: reading, inputs: newValue)
        }
    }
}

extension ScannedWorkspace {
    /// What is registered and was not met as a folder with a declaration. O(n), of which the assembly is spared a part.
    package mutating func registeredElsewhere() -> [AssetRoot] {
        let entries = segments.reduce(0) { $0 + ($1.reading.segment?.entries.count ?? 0) }
        var places = RootPlaces(capacity: roots.count + entries)
        for root in roots { _ = places.number(adding: root.root) }
        if places.roots.count == roots.count { numbered = places }
        var elsewhere: [AssetRoot] = []
        for segment in segments {
            for entry in segment.reading.segment?.entries ?? [] where places.number(of: entry.root) == nil {
                elsewhere.append(entry.root)
            }
        }
        return elsewhere
    }
}

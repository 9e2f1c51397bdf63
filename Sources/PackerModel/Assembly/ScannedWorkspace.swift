/// What a walk of the disk found: the input of the pure assembly.
package struct ScannedWorkspace: Sendable {
    package var segments: [ScannedSegment] = []
    package var roots: [ScannedRoot] = []
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

/// A folder with something named `asset.json` in it.
package struct ScannedRoot: Sendable {
    private struct Contents {
        var root: AssetRoot
        var folderInode: UInt64
        var fingerprint: Fingerprint
        var reading: DeclarationReading
        var inputs: [Asset.InputFile]
    }

    /// One reference to count where one is passed on: bootstrap passes on every asset's, several times.
    private final class Box: Sendable {
        let contents: Contents
        init(_ contents: Contents) { self.contents = contents }
    }

    private var box: Box

    package var root: AssetRoot {
        get { box.contents.root }
        set { change { $0.root = newValue } }
    }

    package var folderInode: UInt64 { box.contents.folderInode }

    package var fingerprint: Fingerprint {
        get { box.contents.fingerprint }
        set { change { $0.fingerprint = newValue } }
    }

    package var reading: DeclarationReading {
        get { box.contents.reading }
        set { change { $0.reading = newValue } }
    }

    package var inputs: [Asset.InputFile] {
        get { box.contents.inputs }
        set { change { $0.inputs = newValue } }
    }

    package init(
        root: AssetRoot,
        folderInode: UInt64,
        fingerprint: Fingerprint,
        reading: DeclarationReading,
        inputs: [Asset.InputFile]
    ) {
        box = Box(
            Contents(root: root, folderInode: folderInode, fingerprint: fingerprint, reading: reading, inputs: inputs))
    }

    private mutating func change(_ body: (inout Contents) -> Void) {
        var contents = box.contents
        body(&contents)
        box = Box(contents)
    }
}

extension ScannedWorkspace {
    /// What is registered and was not met as a folder with a declaration. O(n).
    package var registeredElsewhere: [AssetRoot] {
        var places = RootPlaces(capacity: roots.count)
        for root in roots { _ = places.number(adding: root.root) }
        var elsewhere: [AssetRoot] = []
        for segment in segments {
            for entry in segment.reading.segment?.entries ?? [] where places.number(of: entry.root) == nil {
                elsewhere.append(entry.root)
            }
        }
        return elsewhere
    }
}

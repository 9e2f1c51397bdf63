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
    package var root: AssetRoot
    package var folderInode: UInt64
    package var fingerprint: Fingerprint
    package var reading: DeclarationReading
    package var inputs: [Asset.InputFile]

    package init(
        root: AssetRoot,
        folderInode: UInt64,
        fingerprint: Fingerprint,
        reading: DeclarationReading,
        inputs: [Asset.InputFile]
    ) {
        self.root = root
        self.folderInode = folderInode
        self.fingerprint = fingerprint
        self.reading = reading
        self.inputs = inputs
    }
}

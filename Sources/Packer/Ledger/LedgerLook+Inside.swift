import LinuxFiles
import PackerModel

/// A folder in which everything was found as the snapshot says, and that needs no list of findings.
struct QuietFolder {
    var path: BytePath
    /// The asset there, where its inputs have no digest in the snapshot.
    var asset: AssetRoot?
}

extension LedgerLook {
    /// Parts folders into those that are as expected and those that have to be looked at file by file.
    ///
    /// It asks the disk what that look would ask. Quiet is only what could be compared by its record: one file that
    /// differs, is doubtful, has a second name or lies in a folder of its own, and the folder is among the others.
    mutating func quietFolders(
        among folders: [BytePath], in snapshot: Snapshot
    ) -> (quiet: [QuietFolder], others: [BytePath]) {
        var quiet: [QuietFolder] = []
        var others: [BytePath] = []
        // Folders of one folder are armed one after the other.
        var above: (folder: BytePath, hasAsset: Bool) = (.root, false)
        for path in folders {
            begin()
            let folder = path.parent
            if folder != above.folder {
                above = (folder, folder.text.map { snapshot.hasAsset(atOrAbove: AssetRoot(onDisk: $0)) } ?? true)
            }
            if !above.hasAsset, let found = quietFolder(path, in: snapshot) {
                quiet.append(found)
            } else {
                others.append(path)
            }
        }
        return (quiet, others)
    }

    /// Nil where it has to be looked at file by file.
    private mutating func quietFolder(_ path: BytePath, in snapshot: Snapshot) -> QuietFolder? {
        guard !path.isRoot, !BytePath(Snapshot.controlPath).contains(path), let text = path.text,
            let handle = folder(path)
        else { return nil }
        do throws(SystemError) {
            let root = AssetRoot(onDisk: text)
            let declaration = try disk.status(
                of: BytePath(Declaration.fileName), in: handle, at: PackerPoint.ledgerLook)
            let assets = snapshot.table.assets(at: root)
            let beneath = snapshot.folders(holdingAssetsBelow: root)
            if assets.isEmpty {
                guard declaration == nil else { return nil }
                return try holds(beneath, handle) ? QuietFolder(path: path, asset: nil) : nil
            }
            guard assets.count == 1, beneath.isEmpty, Self.isQuiet(declaration, assets[0].declarationFingerprint) else {
                return nil
            }
            var asset: AssetRoot?
            for input in assets[0].inputs
            where Declaration.isInputPath(input.path) && input.path != Declaration.fileName {
                // Beneath another folder a link could lead anywhere.
                if input.path.utf8.contains(UInt8(ascii: "/")) { return nil }
                let status = try disk.status(of: BytePath(input.path), in: handle, at: PackerPoint.ledgerLook)
                guard Self.isQuiet(status, input.fingerprint) else { return nil }
                if status?.kind == .file { asset = root }
            }
            return QuietFolder(path: path, asset: asset)
        } catch {
            return nil
        }
    }

    private static func isQuiet(_ status: FileStatus?, _ expected: Fingerprint?) -> Bool {
        guard let status, let expected else { return status == nil && expected == nil }
        return status.links == 1 && expected.compare(with: Fingerprint(status)) == .same
    }

    /// Whether each of the names is a folder.
    private func holds(_ names: Set<BytePath>, _ folder: Handle) throws(SystemError) -> Bool {
        var missing = names
        if names.isEmpty { return true }
        try disk.forEachEntry(of: folder, at: PackerPoint.ledgerLook) { name, kind in
            if kind == .folder { missing.remove(BytePath(bytes: Array(name))) }
        }
        return missing.isEmpty
    }
}

extension Snapshot {
    /// The names of the folders directly in a folder that hold something expected, assets or inputs.
    func expectedFolders(in folder: BytePath, _ text: String) -> Set<BytePath> {
        let control = BytePath(Self.controlPath)
        if control.contains(folder) { return [] }
        if folder.isRoot {
            var names = NamesOfFolders(in: "")
            forEachAsset {
                names.add($0.root.path, isFolder: true)
                return true
            }
            return names.names.union([control])
        }
        let place = AssetRoot(onDisk: text)
        var names = folders(holdingAssetsBelow: place)
        for asset in table.assets(above: place) + table.assets(at: place) {
            var inner = NamesOfFolders(in: text)
            for file in asset.expectedFiles where AssetRoot.isPath(file.path, below: text) {
                inner.add(file.path, isFolder: false)
            }
            names.formUnion(inner.names)
        }
        return names
    }

    /// The names of the folders directly in a folder that are assets or hold some.
    func folders(holdingAssetsBelow folder: AssetRoot) -> Set<BytePath> {
        var names = NamesOfFolders(in: folder.path)
        for asset in table.assets(below: folder) { names.add(asset.root.path, isFolder: true) }
        return names.names
    }

    func hasAsset(atOrAbove root: AssetRoot) -> Bool {
        table.contains(root: root) || !table.assets(above: root).isEmpty
    }
}

/// Gathers first components of paths beneath a folder.
private struct NamesOfFolders {
    private let skipped: Int
    private(set) var names: Set<BytePath> = []
    /// Assets come in the order of their roots, mostly with the name of the one before.
    private var last = BytePath.root

    init(in folder: String) { skipped = folder.isEmpty ? 0 : folder.utf8.count + 1 }

    /// - Parameter isFolder: the path itself is a folder's; otherwise the first component is one where more follow.
    mutating func add(_ path: String, isFolder: Bool) {
        let rest = path.utf8.dropFirst(skipped)
        let name = rest.prefix { $0 != UInt8(ascii: "/") }
        guard isFolder || name.endIndex != rest.endIndex, !name.elementsEqual(last.bytes) else { return }
        last = BytePath(bytes: Array(name))
        names.insert(last)
    }
}

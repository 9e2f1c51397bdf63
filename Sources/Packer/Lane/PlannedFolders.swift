import CommitDirectory
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// Looks at the folders of planned assets: what only the disk can tell of new, edited and restored ones.
struct PlannedFolders {
    let assets: Handle
    let disk: any Disk

    enum Moment {
        /// The folders are where the plan finds them, and no content is written.
        case beforeCommit
        case afterCommit([BytePath: CommitReceipt.Written])
    }

    func look(_ draft: Draft, _ plan: CommitPlan, _ moment: Moment) -> [SeenFolder] {
        draft.plannedAssets.map { asset in
            let place: AssetRoot? = if case .beforeCommit = moment { draft.origin(of: asset.root) } else { asset.root }
            let folder = place.flatMap(open)
            guard let reading = plan.readings[asset.root] else { return restored(asset.root, folder) }
            return SeenFolder(
                root: asset.root,
                found: ScannedRoot(
                    root: asset.root, folderInode: folder?.inode ?? 0,
                    fingerprint: fingerprint(of: asset, moment), reading: reading,
                    inputs: inputs(of: asset, reading, folder?.handle)
                ),
                inode: folder?.inode
            )
        }
    }

    private func open(_ root: AssetRoot) -> (handle: Handle, inode: UInt64)? {
        do throws(SystemError) {
            let folder = try disk.open(BytePath(root.path), in: assets, .folder, at: PackerPoint.adoptLook)
            return (folder, try disk.status(of: folder, at: PackerPoint.adoptLook).inode)
        } catch {
            return nil
        }
    }

    private func restored(_ root: AssetRoot, _ folder: (handle: Handle, inode: UInt64)?) -> SeenFolder {
        guard let folder else { return SeenFolder(root: root, found: nil, inode: nil) }
        do throws(SystemError) {
            let reader = RootReader(disk: disk, format: DeclarationFormat())
            return SeenFolder(
                root: root, found: try reader.read(root, folder.handle, inode: folder.inode), inode: folder.inode)
        } catch {
            return SeenFolder(root: root, found: nil, inode: folder.inode)
        }
    }

    private func fingerprint(of asset: Asset, _ moment: Moment) -> Fingerprint {
        if case .afterCommit(let written) = moment, let file = written[BytePath(asset.declarationPath)] {
            return Fingerprint(file)
        }
        return asset.declarationFingerprint
            ?? Fingerprint(kind: .file, size: 0, modified: 0, changed: 0, inode: 0, isExecutable: false)
    }

    /// An input that the snapshot knew stays as it knew it: an edit of it is somebody else's, and not taken over.
    private func inputs(of asset: Asset, _ reading: DeclarationReading, _ folder: Handle?) -> [Asset.InputFile] {
        let known = Dictionary(asset.inputs.map { (Array($0.path.utf8), $0.fingerprint) }) { first, _ in first }
        guard let folder else { return RootReader.inputs(of: reading) }
        let reader = RootReader(disk: disk, format: DeclarationFormat())
        do throws(SystemError) {
            return try RootReader.inputs(of: reading) { (path) throws(SystemError) in
                if let fingerprint = known[Array(path.utf8)] ?? nil { return fingerprint }
                return try reader.look(path, in: folder)
            }
        } catch {
            // It was taken away again in this instant: the ledger will flag it.
            return RootReader.inputs(of: reading)
        }
    }
}

extension Fingerprint {
    init(_ written: CommitReceipt.Written) {
        self = Fingerprint(written.status, digest: written.digest).doubted()
    }
}

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
            guard let reading = plan.readings[asset.root] else { return restored(asset.root, place.flatMap(open)) }
            let written = moment.written(asset)
            let known = Dictionary(asset.inputs.map { (Array($0.path.utf8), $0.fingerprint) }) { first, _ in first }
            let isComplete = (reading.declaration?.inputs ?? []).allSatisfy { role in
                role.paths.allSatisfy { known[Array($0.utf8)] ?? nil != nil }
            }
            // Where the commit has just been in the folder, it is opened only to look at something else there.
            let folder = written != nil && isComplete ? nil : place.flatMap(open)
            let inode = written?.folderInode ?? folder?.inode
            return SeenFolder(
                root: asset.root,
                found: ScannedRoot(
                    root: asset.root, folderInode: inode ?? 0, fingerprint: fingerprint(of: asset, written),
                    reading: reading, inputs: inputs(of: reading, known, folder?.handle)
                ),
                inode: inode
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

    private func fingerprint(of asset: Asset, _ written: CommitReceipt.Written?) -> Fingerprint {
        written.map { Fingerprint($0) } ?? asset.declarationFingerprint
            ?? Fingerprint(kind: .file, size: 0, modified: 0, changed: 0, inode: 0, isExecutable: false)
    }

    /// An input that the snapshot knew stays as it knew it: an edit of it is somebody else's, and not taken over.
    /// - Parameter folder: nil where every input is known, or there is none.
    private func inputs(
        of reading: DeclarationReading, _ known: [[UInt8]: Fingerprint?], _ folder: Handle?
    ) -> [Asset.InputFile] {
        let reader = RootReader(disk: disk, format: DeclarationFormat())
        do throws(SystemError) {
            return try RootReader.inputs(of: reading) { (path) throws(SystemError) in
                if let fingerprint = known[Array(path.utf8)] ?? nil { return fingerprint }
                return try folder.flatMap { (folder) throws(SystemError) in try reader.look(path, in: folder) }
            }
        } catch {
            // It was taken away again in this instant: the ledger will flag it.
            return RootReader.inputs(of: reading)
        }
    }
}

extension PlannedFolders.Moment {
    fileprivate func written(_ asset: Asset) -> CommitReceipt.Written? {
        if case .afterCommit(let written) = self { written[BytePath(asset.declarationPath)] } else { nil }
    }
}

extension Fingerprint {
    init(_ written: CommitReceipt.Written) {
        self = Fingerprint(written.status, digest: written.digest).doubted()
    }
}

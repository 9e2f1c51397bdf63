import CommitDirectory
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// Brings what was read from disk to where a writer's journal says it is: the record, not the disk, tells what the
/// writer wrote, so that a foreign edit on top of it stays visible as one.
struct JournaledChanges {
    let assets: Handle
    let disk: any Disk

    func apply(_ commit: JournalFollower.Commit, to scan: inout ScannedWorkspace) {
        let staged = commit.staged
        for change in commit.changes {
            switch change {
            case .makeFolder: break
            case .moveFolder(let from, let to): move(from, to, staged: staged, in: &scan)
            case .write(let path, let contents, let inode, let size, let modified, let digest):
                // Change time 0: it is not in the record, and only the digest may be believed. A replacement
                // keeps the permissions of what it replaces.
                let fingerprint = Fingerprint(
                    kind: .file, size: size, modified: modified, changed: 0, inode: inode,
                    isExecutable: wasExecutable(path, in: scan),
                    digest: Fingerprint.Digest(digest)
                )
                guard let contents = contents ?? read(path, digest) else { continue }
                write(contents, fingerprint, at: path, staged: staged, in: &scan)
            }
        }
    }

    private func wasExecutable(_ path: BytePath, in scan: ScannedWorkspace) -> Bool {
        if let segment = scan.segments.first(where: {
            path == BytePath(Snapshot.controlPath + "/" + RegistrySegment.fileName($0.index))
        }) {
            return segment.fingerprint.isExecutable
        }
        let root = AssetRoot(onDisk: path.parent.text ?? "")
        return scan.roots.first { $0.root == root }?.fingerprint.isExecutable ?? false
    }

    /// Contents too large for a record, from their place.
    private func read(_ path: BytePath, _ digest: ContentDigest) -> [UInt8]? {
        do throws(SystemError) {
            let parent = try disk.openParent(of: path, in: assets, at: PackerPoint.followLook)
            let file = try disk.open(path.name, in: parent, .read, at: PackerPoint.followLook)
            let bytes = try disk.readAll(file, at: PackerPoint.followLook) ?? []
            return ContentDigest(of: bytes) == digest ? bytes : nil
        } catch {
            return nil
        }
    }

    private func write(
        _ contents: [UInt8], _ fingerprint: Fingerprint, at path: BytePath, staged: Int64?,
        in scan: inout ScannedWorkspace
    ) {
        guard let text = path.text, let name = path.name.text else { return }
        if path.parent == BytePath(Snapshot.controlPath) {
            guard let index = RegistrySegment.index(ofFileName: name) else { return }
            scan.segments.removeAll { $0.index == index }
            scan.segments.append(
                ScannedSegment(
                    index: index, fingerprint: fingerprint,
                    reading: RegistryFormat().read(contents, index: index, path: text)
                ))
        } else if BytePath(TrashLayout.path).contains(path) {
            writeManifest(contents, at: path, in: &scan)
        } else if name == Declaration.fileName, let folder = path.parent.text {
            let root = AssetRoot(onDisk: folder)
            let reading = DeclarationFormat().read(contents, path: text)
            let known = scan.roots.first { $0.root == root }?.inputs ?? []
            scan.roots.removeAll { $0.root == root }
            scan.bareFolders[root] = nil
            scan.roots.append(
                ScannedRoot(
                    root: root, folderInode: WorkspaceScanner(assets: assets, disk: disk).folderInode(root) ?? 0,
                    fingerprint: fingerprint, reading: reading,
                    inputs: inputs(of: reading, at: root, known: known, staged: staged)
                ))
        }
    }

    /// An input that the snapshot knew stays as it knew it: an edit of it is somebody else's, and not taken over. The
    /// record has no word on the others: they are looked at, and one that changed since is in doubt.
    private func inputs(
        of reading: DeclarationReading, at root: AssetRoot, known: [Asset.InputFile], staged: Int64?
    ) -> [Asset.InputFile] {
        let known = Dictionary(known.map { (Array($0.path.utf8), $0.fingerprint) }) { first, _ in first }
        let reader = RootReader(disk: disk, format: DeclarationFormat())
        do throws(SystemError) {
            return try RootReader.inputs(of: reading) { (path) throws(SystemError) in
                if let fingerprint = known[Array(path.utf8)] ?? nil { return fingerprint }
                let folder = try disk.open(BytePath(root.path), in: assets, .folder, at: PackerPoint.followLook)
                return try reader.look(path, in: folder)?.doubting(changeSince: staged)
            }
        } catch {
            // The folder is gone again: what it held is missing.
            return RootReader.inputs(of: reading).map { input in
                var input = input
                input.fingerprint = known[Array(input.path.utf8)] ?? nil
                return input
            }
        }
    }

    private func move(_ from: BytePath, _ to: BytePath, staged: Int64?, in scan: inout ScannedWorkspace) {
        let trash = BytePath(TrashLayout.path)
        if from == trash {
            scan.trash = []
        } else if trash.contains(to) {
            scan.roots.removeAll { from.contains(BytePath($0.root.path)) }
        } else if trash.contains(from) {
            restore(from, to, staged: staged, in: &scan)
        } else {
            rename(from, to, in: &scan)
        }
    }

    /// What comes back from the trash is read where it is now: nobody watched it there. What changed since is in doubt.
    private func restore(_ from: BytePath, _ to: BytePath, staged: Int64?, in scan: inout ScannedWorkspace) {
        scan.trash.removeAll { BytePath($0.folder.path) == from }
        let restored = WorkspaceScanner(assets: assets, disk: disk, workers: 1).scan(beneath: to)
        scan.roots.removeAll { to.contains(BytePath($0.root.path)) }
        scan.roots += restored.roots.map { root in
            var root = root
            root.fingerprint = root.fingerprint.doubting(changeSince: staged)
            for index in root.inputs.indices {
                root.inputs[index].fingerprint = root.inputs[index].fingerprint?.doubting(changeSince: staged)
            }
            return root
        }
    }

    private func writeManifest(_ contents: [UInt8], at path: BytePath, in scan: inout ScannedWorkspace) {
        guard let operation = path.parent.name.text.flatMap(AssetUUID.init).map(OperationID.init),
            let number = path.name.text.flatMap({ Int($0.dropLast(".json".count)) }),
            let item = TrashFormat().read(contents, operation: operation, number: number)
        else { return }
        scan.trash.append(item)
    }

    private func rename(_ from: BytePath, _ to: BytePath, in scan: inout ScannedWorkspace) {
        guard let fromText = from.text, let toText = to.text else { return }
        let old = AssetRoot(onDisk: fromText)
        let new = AssetRoot(onDisk: toText)
        for index in scan.roots.indices where from.contains(BytePath(scan.roots[index].root.path)) {
            let root = scan.roots[index].root.path
            scan.roots[index].root = AssetRoot(onDisk: AssetRoot.path(root, movedFrom: old, to: new))
            for position in scan.roots[index].reading.diagnostics.indices {
                let path = scan.roots[index].reading.diagnostics[position].path
                scan.roots[index].reading.diagnostics[position].path = AssetRoot.path(path, movedFrom: old, to: new)
            }
        }
    }
}

extension JournalFollower.Commit {
    /// When its contents were written, before the first of them got to its place; nil where it has none.
    fileprivate var staged: Int64? {
        changes.compactMap { if case .write(_, _, _, _, let modified, _) = $0 { modified } else { nil } }.max()
    }
}

extension Fingerprint {
    /// The same; or one that no look can confirm, where the file changed after a commit that made it known: what the
    /// writer found there is not known any more.
    fileprivate func doubting(changeSince staged: Int64?) -> Fingerprint {
        guard let staged, changed > staged else { return self }
        var doubtful = self
        doubtful.changed = 0
        doubtful.digest = nil
        return doubtful
    }
}

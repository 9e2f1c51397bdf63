import LinuxFiles
import PackerModel
import WorkspaceFormat

/// Walks the asset workspace and reads its declarations and registry, on a few threads that end with the call.
///
/// Nothing outside of the workspace is ever entered: every folder is opened beneath its descriptor, and symbolic
/// links, special files and mounts are reported and passed over.
struct WorkspaceScanner: Sendable {
    static let controlName = ".prometeu"
    /// Progress is told every so many folders.
    private static let progressStep = 256

    let assets: Handle
    let disk: any Disk
    let workers: Int

    init(assets: Handle, disk: any Disk, workers: Int = 2) {
        self.assets = assets
        self.disk = disk
        self.workers = workers
    }

    private struct State {
        var folders: [BytePath]
        /// Folders that are being read now, and may still add to `folders`.
        var active = 0
        var seen = 0
        var result = ScannedWorkspace()
    }

    /// Everything beneath a folder, the registry with it where that is the whole workspace.
    func scan(
        beneath top: BytePath = .root, progress: @escaping @Sendable (ScanProgress) -> Void = { _ in }
    ) -> ScannedWorkspace {
        let state = Guarded(State(folders: [top]))
        let threads = (1..<max(workers, 1)).map { index in
            DedicatedThread(name: "packer-scan-\(index)") { work(state, progress) }
        }
        work(state, progress)
        for thread in threads { thread.join() }
        var (result, folders) = state.withLock { ($0.result, $0.seen) }
        if top.isRoot {
            scanRegistry(into: &result)
            scanTrash(into: &result)
        }
        findBareFolders(&result)
        result.diagnostics.sort { ($0.path, $0.code.rawValue) < ($1.path, $1.code.rawValue) }
        progress(
            ScanProgress(
                folders: folders, assets: result.roots.count, diagnostics: result.diagnostics.count, isComplete: true
            ))
        return result
    }

    private func work(_ state: Guarded<State>, _ progress: @Sendable (ScanProgress) -> Void) {
        let format = DeclarationFormat()
        while true {
            let next: BytePath?? = state.wait { state in
                if let folder = state.folders.popLast() {
                    state.active += 1
                    return .some(folder)
                }
                return state.active == 0 ? .some(nil) : nil
            }
            guard let folder = next ?? nil else { return }
            var visit = FolderVisit(scanner: self, path: folder, format: format)
            visit.run()
            let told: ScanProgress? = state.signal { state in
                state.active -= 1
                state.seen += 1
                state.folders.append(contentsOf: visit.subfolders)
                if let root = visit.root { state.result.roots.append(root) }
                state.result.diagnostics += visit.diagnostics
                guard state.seen % Self.progressStep == 0 else { return nil }
                return ScanProgress(
                    folders: state.seen, assets: state.result.roots.count, diagnostics: state.result.diagnostics.count
                )
            }
            if let told { progress(told) }
        }
    }

    /// Whether the folders of registered assets without a declaration are there at all.
    private func findBareFolders(_ result: inout ScannedWorkspace) {
        let found = Set(result.roots.map(\.root))
        for entry in result.segments.flatMap({ $0.reading.segment?.entries ?? [] }) where !found.contains(entry.root) {
            if let inode = folderInode(entry.root) { result.bareFolders[entry.root] = inode }
        }
    }

    func folderInode(_ root: AssetRoot) -> UInt64? {
        do throws(SystemError) {
            let folder = try disk.open(BytePath(root.path), in: assets, .folder, at: PackerPoint.scanFolder)
            return try disk.status(of: folder, at: PackerPoint.scanFolder).inode
        } catch {
            return nil
        }
    }
}

/// One folder of the walk.
private struct FolderVisit {
    let scanner: WorkspaceScanner
    let path: BytePath
    let format: DeclarationFormat
    var subfolders: [BytePath] = []
    var root: ScannedRoot?
    var diagnostics: [Diagnostic] = []

    init(scanner: WorkspaceScanner, path: BytePath, format: DeclarationFormat) {
        self.scanner = scanner
        self.path = path
        self.format = format
    }

    mutating func run() {
        do throws(SystemError) {
            let folder = try scanner.disk.open(path, in: scanner.assets, .folder, at: PackerPoint.scanFolder)
            var declaration: DirectoryEntry?
            for entry in try scanner.disk.list(folder, at: PackerPoint.scanList) {
                if path.isRoot && entry.name == BytePath(WorkspaceScanner.controlName) { continue }
                if entry.name == BytePath(Declaration.fileName) { declaration = entry }
                try visit(entry, in: folder)
            }
            // At the workspace's top a declaration would have no root.
            if let declaration, !path.isRoot { try scanRoot(folder, declaration) }
        } catch {
            // What went between its parent's listing and its turn is not there: nothing to tell.
            if error.isGone && !path.isRoot { return }
            diagnostics.append(Self.unreadable(path, error))
        }
    }

    private mutating func visit(_ entry: DirectoryEntry, in folder: Handle) throws(SystemError) {
        let place = path.appending(entry.name)
        guard entry.name.text != nil else {
            diagnostics.append(
                Diagnostic(
                    .nameNotUTF8, severity: .warning, path: place.description,
                    message: "the name is not valid UTF-8, and what it holds is passed over",
                    remedy: "Rename it to valid UTF-8."
                ))
            return
        }
        var kind = entry.kind
        if kind == nil { kind = try scanner.disk.status(of: entry.name, in: folder, at: PackerPoint.scanList)?.kind }
        switch kind {
        case .folder: subfolders.append(place)
        case .symlink:
            // A declaration that is a link is reported as that.
            if entry.name == BytePath(Declaration.fileName) { return }
            diagnostics.append(
                Diagnostic(
                    .entrySymlink, severity: .warning, path: place.description,
                    message: "a symbolic link is not followed", remedy: "Replace it by the file or folder itself."
                ))
        case .other:
            if entry.name == BytePath(Declaration.fileName) { return }
            diagnostics.append(
                Diagnostic(
                    .entrySpecialFile, severity: .warning, path: place.description,
                    message: "neither a file nor a folder (a socket, pipe or device)", remedy: "Remove it."
                ))
        case .file, nil: break
        }
    }

    private static func unreadable(_ path: BytePath, _ error: SystemError) -> Diagnostic {
        if error.isMount {
            return Diagnostic(
                .entryMountPoint, severity: .warning, path: path.description,
                message: "another filesystem is mounted there and is not entered", remedy: "Unmount it, or move it out."
            )
        }
        if error.isNameTooLong {
            return Diagnostic(
                .entryTooDeep, severity: .warning, path: path.description, message: "nested too deep to be opened",
                remedy: "Move it further up."
            )
        }
        return Diagnostic(
            .entryUnreadable, path: path.description, message: "cannot be read: \(error)", remedy: error.remedy
        )
    }

    private mutating func scanRoot(_ folder: Handle, _ declaration: DirectoryEntry) throws(SystemError) {
        let inode = try scanner.disk.status(of: folder, at: PackerPoint.scanFolder).inode
        let reader = RootReader(disk: scanner.disk, format: format)
        let place = AssetRoot(onDisk: path.text ?? path.description)
        root =
            declaration.kind == .file
            ? try reader.readPlain(place, folder, inode: inode) : try reader.read(place, folder, inode: inode)
    }
}

extension WorkspaceScanner {
    enum FoundRoot {
        case root(ScannedRoot)
        /// The folder is there, without a declaration.
        case bareFolder(UInt64)

        var isAsset: Bool { if case .root = self { true } else { false } }
    }

    /// Looks at one asset's folder; nil where there is none.
    func readRoot(_ root: AssetRoot) -> FoundRoot? {
        do throws(SystemError) {
            let folder = try disk.open(BytePath(root.path), in: assets, .folder, at: PackerPoint.scanFolder)
            let inode = try disk.status(of: folder, at: PackerPoint.scanFolder).inode
            let found = try RootReader(disk: disk, format: DeclarationFormat()).read(root, folder, inode: inode)
            return found.map(FoundRoot.root) ?? .bareFolder(inode)
        } catch {
            return nil
        }
    }
}

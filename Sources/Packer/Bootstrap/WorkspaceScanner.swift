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
        var batches: [FolderBatch]
        /// Batches that are being read now, and may still add to `batches`.
        var active = 0
        var seen = 0
        var assets = 0
        var diagnostics = 0
        /// What each thread found, once it has ended.
        var found: [Found] = []
        var control = ScannedWorkspace()
    }

    private struct Found {
        var roots: [ScannedRoot] = []
        var diagnostics: [Diagnostic] = []
    }

    /// Everything beneath a folder, the registry with it where that is the whole workspace.
    func scan(
        beneath top: BytePath = .root, progress: @escaping @Sendable (ScanProgress) -> Void = { _ in }
    ) -> ScannedWorkspace {
        let state = Guarded(State(batches: [FolderBatch(top)]))
        let threads = (1..<max(workers, 1)).map { index in
            DedicatedThread(name: "packer-scan-\(index)") {
                if index == 1 { scanControl(of: top, state) }
                work(state, progress)
            }
        }
        if threads.isEmpty { scanControl(of: top, state) }
        work(state, progress)
        for thread in threads { thread.join() }
        var (result, found, folders) = state.withLock { state in
            defer { state = State(batches: []) }
            return (state.control, state.found, state.seen)
        }
        // The first thread's as they are: each copy of a root counts two references.
        for index in found.indices {
            if index == 0 { swap(&result.roots, &found[index].roots) } else { result.roots += found[index].roots }
            result.diagnostics += found[index].diagnostics
        }
        found = []
        findBareFolders(&result)
        result.diagnostics.sort { ($0.path, $0.code.rawValue) < ($1.path, $1.code.rawValue) }
        progress(
            ScanProgress(
                folders: folders, assets: result.roots.count, diagnostics: result.diagnostics.count, isComplete: true
            ))
        return result
    }

    private func scanControl(of top: BytePath, _ state: Guarded<State>) {
        guard top.isRoot else { return }
        var result = ScannedWorkspace()
        scanRegistry(into: &result)
        scanTrash(into: &result)
        state.withLock { $0.control = result }
    }

    private func work(_ state: Guarded<State>, _ progress: @Sendable (ScanProgress) -> Void) {
        let reader = RootReader(disk: disk, format: DeclarationFormat())
        var found = Found()
        while true {
            let next: FolderBatch?? = state.wait { state in
                if let batch = state.batches.popLast() {
                    state.active += 1
                    return .some(batch)
                }
                return state.active == 0 ? .some(nil) : nil
            }
            guard let batch = next ?? nil else { break }
            let before = (found.roots.count, found.diagnostics.count)
            var batches: [FolderBatch] = []
            batch.forEachFolder(in: assets, disk) { path, name, parent in
                var visit = FolderVisit(scanner: self, path: path, reader: reader)
                visit.run(name, in: parent)
                batches += FolderBatch.batches(of: visit.subfolders, in: path)
                if let root = visit.root { found.roots.append(root) }
                found.diagnostics += visit.diagnostics
            }
            let told: ScanProgress? = state.signal { state in
                state.active -= 1
                state.batches += batches
                let step = state.seen / Self.progressStep
                state.seen += batch.count
                state.assets += found.roots.count - before.0
                state.diagnostics += found.diagnostics.count - before.1
                guard state.seen / Self.progressStep > step else { return nil }
                return ScanProgress(folders: state.seen, assets: state.assets, diagnostics: state.diagnostics)
            }
            if let told { progress(told) }
        }
        state.withLock { $0.found.append(found) }
    }

    /// Whether the folders of registered assets without a declaration are there at all.
    private func findBareFolders(_ result: inout ScannedWorkspace) {
        for root in result.registeredElsewhere() {
            if let inode = folderInode(root) { result.bareFolders[root] = inode }
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

import CommitDirectory
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// Finds a project's asset workspace, or makes it where the host asked for that.
struct Workspace {
    static let folderName: BytePath = "assets"
    static let controlName: BytePath = ".prometeu"

    private static let ignoreName: BytePath = ".gitignore"
    private static let ignored = Array("journal\nshadow/\ntrash/\nconflicts/\nowner\n".utf8)

    let assets: Handle

    static func open(_ path: String, options: PackerOptions, disk: LinuxDisk) throws(PackerError) -> Workspace {
        let project: Handle
        do throws(SystemError) {
            project = try disk.openTop(path)
        } catch {
            throw PackerError(
                error.isAbsent ? .workspaceMissing : .workspaceUnreadable, "the project cannot be opened: \(error)",
                paths: [path], remedy: error.isAbsent ? "Give the folder that holds assets/." : error.remedy
            )
        }
        do throws(SystemError) {
            if let assets = try disk.openIfPresent(folderName, in: project, .folder, at: PackerPoint.openWorkspace) {
                return Workspace(assets: assets)
            }
            if try disk.status(of: folderName, in: project, at: PackerPoint.openWorkspace) != nil {
                throw SystemError("open", folderName, SystemError.notAFolder)
            }
            guard options.createsWorkspace, options.access == .readWrite else {
                throw SystemError("open", folderName, SystemError.notThere)
            }
            return Workspace(assets: try create(in: project, disk: disk))
        } catch {
            let place = path + "/" + folderName.description
            if error.isAbsent && error.code != SystemError.notAFolder {
                throw PackerError(
                    .workspaceMissing, "there is no asset workspace", paths: [place],
                    remedy: "Make one (prometeu-packer init, or the option that creates it), or give another folder."
                )
            }
            throw PackerError(
                .workspaceUnreadable, "the asset workspace cannot be opened: \(error)", paths: [place],
                remedy: error.remedy
            )
        }
    }

    /// Keeps what is not part of the project out of version control, where nobody has said so yet.
    ///
    /// It appears whole or not at all: made in the shadow folder, which the opening has swept.
    func ensureIgnoreFile(_ disk: LinuxDisk) throws(SystemError) {
        let point = PackerPoint.openWorkspace
        let control = try disk.open(Self.controlName, in: assets, .folder, at: point)
        if try disk.status(of: Self.ignoreName, in: control, at: point) != nil { return }
        let shadow = try disk.open(CommitDirectory.shadowName, in: control, .folder, at: point)
        let slot = CommitDirectory.ownSlot
        let file = try disk.open(slot, in: shadow, .create(permissions: 0o666), at: point)
        try disk.writeAll(Self.ignored, to: file, at: point)
        do throws(SystemError) {
            try disk.rename(slot, in: shadow, to: Self.ignoreName, in: control, .noReplace, at: point)
        } catch {
            // Somebody said so in this instant: the next opening removes ours.
            if !error.isTaken { throw error }
        }
    }

    private static func create(in project: Handle, disk: LinuxDisk) throws(SystemError) -> Handle {
        let point = PackerPoint.openWorkspace
        try disk.makeFolder(folderName, in: project, permissions: 0o777, at: point)
        let assets = try disk.open(folderName, in: project, .folder, at: point)
        // Nobody else is to put a journal there.
        try disk.makeFolder(controlName, in: assets, permissions: 0o755, at: point)
        let control = try disk.open(controlName, in: assets, .folder, at: point)
        let registry = RegistryFormat.write(RegistrySegment(nextAssetID: 1, entries: []))
        // The registry appears whole or not at all, whenever this is interrupted.
        let temporary: BytePath = "index.json.new"
        let file = try disk.open(temporary, in: control, .create(permissions: 0o666), at: point)
        try disk.writeAll(registry, to: file, at: point)
        try disk.flush(file, at: point)
        let name = BytePath(RegistrySegment.fileName(0))
        try disk.rename(temporary, in: control, to: name, in: control, .noReplace, at: point)
        for folder in [control, assets, project] { try disk.flush(folder, at: point) }
        return assets
    }
}

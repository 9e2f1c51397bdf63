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
    /// This opening made it.
    let isNew: Bool

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
                return Workspace(assets: assets, isNew: false)
            }
            if try disk.status(of: folderName, in: project, at: PackerPoint.openWorkspace) != nil {
                throw SystemError("open", folderName, SystemError.notAFolder)
            }
            guard options.createsWorkspace, options.access == .readWrite else {
                throw SystemError("open", folderName, SystemError.notThere)
            }
            return try create(in: project, disk: disk)
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

    /// Writes the registry of a new workspace, and what keeps the files that are not part of the project out of version
    /// control, where nobody has said so yet.
    ///
    /// Each appears whole or not at all: made in the shadow folder, which the opening has swept. An interrupted opening
    /// may leave a workspace without a registry, which comes with the first command that needs it.
    func complete(_ disk: LinuxDisk) throws(SystemError) {
        let control = try disk.open(Self.controlName, in: assets, .folder, at: PackerPoint.openWorkspace)
        if isNew {
            let registry = RegistryFormat.write(RegistrySegment(nextAssetID: 1, entries: []))
            try Self.add(registry, as: BytePath(RegistrySegment.fileName(0)), to: control, disk: disk)
        }
        if try disk.status(of: Self.ignoreName, in: control, at: PackerPoint.openWorkspace) == nil {
            try Self.add(Self.ignored, as: Self.ignoreName, to: control, disk: disk)
        }
    }

    private static func add(
        _ bytes: [UInt8], as name: BytePath, to control: Handle, disk: LinuxDisk
    ) throws(SystemError) {
        let point = PackerPoint.openWorkspace
        let shadow = try disk.open(CommitDirectory.shadowName, in: control, .folder, at: point)
        let slot = CommitDirectory.ownSlot
        let file = try disk.open(slot, in: shadow, .create(permissions: 0o666), at: point)
        try disk.writeAll(bytes, to: file, at: point)
        try disk.flush(file, at: point)
        do throws(SystemError) {
            try disk.rename(slot, in: shadow, to: name, in: control, .noReplace, at: point)
        } catch {
            // Somebody put one there in this instant.
            guard error.isTaken else { throw error }
            return try disk.remove(slot, in: shadow, at: point)
        }
        try disk.flush(control, at: point)
    }

    private static func create(in project: Handle, disk: LinuxDisk) throws(SystemError) -> Workspace {
        let point = PackerPoint.openWorkspace
        try disk.makeFolder(folderName, in: project, permissions: 0o777, at: point)
        let assets = try disk.open(folderName, in: project, .folder, at: point)
        try disk.flush(project, at: point)
        return Workspace(assets: assets, isNew: true)
    }
}

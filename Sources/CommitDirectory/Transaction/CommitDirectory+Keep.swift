import LinuxFiles

extension CommitDirectory {
    /// Moves a slot to `conflicts/<operation>/<place>`, durably.
    func keep(
        _ slot: BytePath,
        place: BytePath,
        for operations: [OperationKey]
    ) throws(SystemError) -> KeptFile {
        let (folder, folders, path) = try conflictFolder(place, operations)
        let name = try freeName(place.name, in: folder)
        try disk.rename(slot, in: shadow, to: name, in: folder, .noReplace, at: CommitPoint.keepRename.fault)
        try flushFolders(folders + [shadow], at: .keepFlush)
        return KeptFile(place: place, keptAt: path.appending(name), operation: operations[0])
    }

    /// Writes our own bytes, which lost their place, to `conflicts/<operation>/<place>`, durably.
    func keepOwn(
        _ contents: [UInt8],
        place: BytePath,
        for operations: [OperationKey]
    ) throws(SystemError) -> KeptFile {
        let (folder, folders, path) = try conflictFolder(place, operations)
        let name = try freeName(place.name, in: folder)
        let file = try disk.open(name, in: folder, .create(permissions: 0o666), at: CommitPoint.keepWrite.fault)
        try disk.writeAll(contents, to: file, at: CommitPoint.keepWrite.fault)
        try flushFolders([file] + folders, at: .keepFlush)
        return KeptFile(place: place, keptAt: path.appending(name), operation: operations[0])
    }

    /// The folder for a place, and every folder above it that must be flushed with it.
    private func conflictFolder(
        _ place: BytePath,
        _ operations: [OperationKey]
    ) throws(SystemError) -> (folder: Handle, folders: [Handle], path: BytePath) {
        var path = BytePath.root
        var folder = control
        var folders = [control]
        for name in [Self.conflictsName, operations[0].folderName] + place.parent.components {
            folder = try Self.ensureFolder(name, in: folder, permissions: 0o700, disk: disk, at: .keepFolder)
            folders.append(folder)
            path = path.appending(name)
        }
        return (folder, folders, path)
    }

    private func freeName(_ name: BytePath, in folder: Handle) throws(SystemError) -> BytePath {
        var candidate = name
        var number = 1
        while try disk.status(of: candidate, in: folder, at: CommitPoint.keepFolder.fault) != nil {
            number += 1
            candidate = BytePath(bytes: name.bytes + Array(".\(number)".utf8))
        }
        return candidate
    }
}

import LinuxFiles

extension CommitDirectory {
    /// Moves what lies at a name to `conflicts/<operation>/<place>`, durably.
    func keep(
        _ name: BytePath,
        in folder: Handle,
        place: BytePath,
        for operations: [OperationKey]
    ) throws(SystemError) -> KeptFile {
        let operation = Self.keeper(operations)
        let (target, folders, path) = try conflictFolder(place, operation)
        let free = try freeName(place.name, in: target)
        try disk.rename(name, in: folder, to: free, in: target, .noReplace, at: CommitPoint.keepRename.fault)
        try flushFolders(folders + [folder], at: .keepFlush)
        return KeptFile(place: place, keptAt: path.appending(free), operation: operation)
    }

    /// Writes our own bytes, which lost their place, to `conflicts/<operation>/<place>`, durably and once: recovery
    /// may come here again.
    func keepOwn(
        _ contents: [UInt8],
        place: BytePath,
        for operations: [OperationKey]
    ) throws(SystemError) -> KeptFile {
        if let kept = try ownKept(ContentDigest(of: contents), place: place, for: operations) { return kept }
        let slot = freeSlots()(0)
        let file = try writeSlot(slot, contents, attributesOf: nil).file
        try disk.flush(file, at: CommitPoint.keepFlush.fault)
        return try keep(slot, in: shadow, place: place, for: operations)
    }

    /// What an earlier recovery kept for a step, if it did.
    func ownKept(
        _ digest: ContentDigest,
        place: BytePath,
        for operations: [OperationKey]
    ) throws(SystemError) -> KeptFile? {
        let operation = Self.keeper(operations)
        let path = Self.conflictsName.appending(operation.folderName).appending(place.parent)
        guard let folder = try disk.openIfPresent(path, in: control, .folder, at: CommitPoint.keepFolder.fault)
        else { return nil }
        var number = 1
        while true {
            let name = Self.candidate(place.name, number)
            switch try observe(name, in: folder, at: .keepFolder) {
            case .absent: return nil
            case .file(let seen) where seen.digest == digest:
                return KeptFile(place: place, keptAt: path.appending(name), operation: operation)
            default: number += 1
            }
        }
    }

    /// What a group keeps lies under its first operation.
    private static func keeper(_ operations: [OperationKey]) -> OperationKey {
        operations.first ?? OperationKey(high: 0, low: 0)
    }

    private static func candidate(_ name: BytePath, _ number: Int) -> BytePath {
        number == 1 ? name : BytePath(bytes: name.bytes + Array(".\(number)".utf8))
    }

    /// The folder for a place, and every folder above it that must be flushed with it.
    private func conflictFolder(
        _ place: BytePath,
        _ operation: OperationKey
    ) throws(SystemError) -> (folder: Handle, folders: [Handle], path: BytePath) {
        var path = BytePath.root
        var folder = control
        var folders = [control]
        for name in [Self.conflictsName, operation.folderName] + place.parent.components {
            folder = try Self.ensureFolder(name, in: folder, permissions: 0o700, disk: disk, at: .keepFolder)
            folders.append(folder)
            path = path.appending(name)
        }
        return (folder, folders, path)
    }

    private func freeName(_ name: BytePath, in folder: Handle) throws(SystemError) -> BytePath {
        var number = 1
        while try disk.status(of: Self.candidate(name, number), in: folder, at: CommitPoint.keepFolder.fault) != nil {
            number += 1
        }
        return Self.candidate(name, number)
    }
}

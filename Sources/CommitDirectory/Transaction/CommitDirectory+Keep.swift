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
        let (target, path) = try conflictFolder(place, operation)
        let free = try freeName(place.name, in: target)
        try disk.rename(name, in: folder, to: free, in: target, .noReplace, at: CommitPoint.keepRename.fault)
        try flushFolders([target, folder], at: .keepFlush)
        return KeptFile(place: place, keptAt: path.appending(free), operation: operation)
    }

    /// Writes our own bytes, which lost their place, to `conflicts/<operation>/<place>`, durably and once: recovery
    /// may come here again.
    func keepOwn(
        _ contents: [UInt8],
        place: BytePath,
        for operations: [OperationKey]
    ) throws(SystemError) -> KeptFile {
        let digest = ContentDigest(of: contents)
        if let kept = try ownKept(digest, size: UInt64(contents.count), place: place, for: operations) { return kept }
        let slot = freeSlots()(0)
        let file = try writeSlot(slot, contents, attributesOf: nil).file
        try disk.flush(file, at: CommitPoint.keepFlush.fault)
        return try keep(slot, in: shadow, place: place, for: operations)
    }

    /// What an earlier recovery kept for a step, if it did.
    func ownKept(
        _ digest: ContentDigest,
        size: UInt64,
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
            switch try observe(name, in: folder, KnownSizes(size), at: .keepFolder) {
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

    /// The folder for a place, its path durable. However deep it is, two descriptors are enough: it is needed where there
    /// may be hardly any more.
    private func conflictFolder(
        _ place: BytePath,
        _ operation: OperationKey
    ) throws(SystemError) -> (folder: Handle, path: BytePath) {
        var path = BytePath.root
        var folder = control
        for name in [Self.conflictsName, operation.folderName] + place.parent.components {
            let next = try Self.ensureFolder(name, in: folder, permissions: 0o700, disk: disk, at: .keepFolder)
            // An earlier process may have made it, and not have flushed its name.
            try disk.flush(folder, at: CommitPoint.keepFlush.fault)
            folder = next
            path = path.appending(name)
        }
        return (folder, path)
    }

    private func freeName(_ name: BytePath, in folder: Handle) throws(SystemError) -> BytePath {
        var number = 1
        while try disk.status(of: Self.candidate(name, number), in: folder, at: CommitPoint.keepFolder.fault) != nil {
            number += 1
        }
        return Self.candidate(name, number)
    }
}

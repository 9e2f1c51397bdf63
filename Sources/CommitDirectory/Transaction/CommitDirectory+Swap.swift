import LinuxFiles

/// A step that has been swapped, with the folder that it was swapped in.
struct DoneStep {
    var step: RecordStep
    var parent: Handle
    /// For a move: the folder it came from.
    var otherParent: Handle

    /// The folders of the tree whose names it changed, by their paths at its time.
    var folders: [BytePath: Handle] {
        var folders = [step.place.parent: parent]
        if step.isMove { folders[step.other.parent] = otherParent }
        return folders
    }
}

enum SwapFailure: Error {
    /// Someone else's file or folder is in the way, or was displaced.
    case foreign
    case system(SystemError)

    static func translating<Result>(_ body: () throws(SystemError) -> Result) throws(SwapFailure) -> Result {
        do throws(SystemError) { return try body() } catch { throw .system(error) }
    }
}

extension CommitDirectory {
    /// Swaps every step in and verifies what it displaced; takes all of it back at the first that is not ours.
    /// - Parameter copied: for each step, the attributes that a replacement took over.
    func swapAll(
        _ record: CommitRecord,
        _ sequence: UInt64,
        copied: [FileAttributes?]
    ) throws(CommitFailure) -> [BytePath: CommitReceipt.Written] {
        var done: [DoneStep] = []
        var written: [BytePath: CommitReceipt.Written] = [:]
        let order = StepOrder(record.steps)
        var barrier = Barrier()
        for (index, step) in record.steps.enumerated() {
            do throws(SwapFailure) {
                try SwapFailure.translating { () throws(SystemError) in
                    try flushFolders(of: barrier.take(before: order.needs[index]).map { done[$0] }, at: .swapFlush)
                }
                let parent = try parentFolder(of: step.place)
                let otherParent = step.isMove ? try parentFolder(of: step.other) : shadow
                try exchange(step, parent, otherParent)
                done.append(DoneStep(step: step, parent: parent, otherParent: otherParent))
                if !order.neededBy[index].isEmpty { barrier.note(index) }
                if step.isFile {
                    written[step.place] = try verifyFile(step, parent, copied[index])
                } else {
                    try verifyFolder(step, parent, otherParent)
                }
            } catch {
                switch error {
                case .foreign:
                    let kept = try abort(record, sequence, done: done, after: nil)
                    throw .conflict([step.place], kept: kept)
                case .system(let failure):
                    unreported += try abort(record, sequence, done: done, after: failure)
                    distrust(failure)
                    throw .aborted(failure)
                }
            }
        }
        return written
    }

    /// Flushes the folders whose names these steps changed. A path stands for one folder in all of them: a step that
    /// moved one of these folders would have been a barrier itself.
    func flushFolders(of steps: [DoneStep], at point: CommitPoint) throws(SystemError) {
        if steps.isEmpty { return }
        var folders: [BytePath: Handle] = [:]
        for step in steps { folders.merge(step.folders) { $1 } }
        try flushFolders(folders.sorted { $0.key < $1.key }.map(\.value), at: point)
    }

    private func parentFolder(of path: BytePath) throws(SwapFailure) -> Handle {
        do throws(SystemError) {
            return try disk.openParent(of: path, in: tree, at: CommitPoint.swapParent.fault)
        } catch {
            // It stood there when the group was planned.
            if error.isAbsent || error.isObstructed { throw .foreign }
            throw .system(error)
        }
    }

    private func exchange(_ step: RecordStep, _ parent: Handle, _ otherParent: Handle) throws(SwapFailure) {
        let from = step.kind == .moveFolder ? step.other.name : step.other
        do throws(SystemError) {
            try disk.rename(
                from,
                in: otherParent,
                to: step.place.name,
                in: parent,
                step.kind == .replaceFile ? .exchange : .noReplace,
                at: CommitPoint.swapRename.fault
            )
        } catch {
            if error.isTaken || error.isAbsent { throw .foreign }
            throw .system(error)
        }
    }

    /// What was moved must be the folder that was meant, and its parents must still be where the paths say: they may have
    /// been renamed between their opening and the swap.
    private func verifyFolder(_ step: RecordStep, _ parent: Handle, _ otherParent: Handle) throws(SwapFailure) {
        try verifyPlace(of: step.place, is: parent)
        if step.kind == .makeFolder { return }
        try verifyPlace(of: step.other, is: otherParent)
        let status = try SwapFailure.translating { () throws(SystemError) in
            try disk.status(of: step.place.name, in: parent, at: CommitPoint.verifyLook.fault)
        }
        guard status?.inode == step.inode, status?.kind == .folder else { throw .foreign }
    }

    /// The path must lead to the file that was put there, and what that displaced must be the base.
    private func verifyFile(
        _ step: RecordStep, _ parent: Handle, _ copied: FileAttributes?
    ) throws(SwapFailure) -> CommitReceipt.Written {
        let written = try lookAtWritten(step, parent)
        if step.kind == .replaceFile { try verifyDisplaced(step, copied) }
        return written
    }

    private func verifyDisplaced(_ step: RecordStep, _ copied: FileAttributes?) throws(SwapFailure) {
        let displaced = try SwapFailure.translating { () throws(SystemError) in
            try observeWithStatus(step.other, in: shadow, KnownSizes([step]), at: .verifyLook)
        }
        // Somebody has emptied the shadow folder: there is nothing to look at and no way back, and ours stands.
        if displaced.seen == .absent { return }
        guard case .file(let identity) = displaced.seen, identity == step.base else { throw .foreign }
        // Somebody changed its mode or owner after they were copied: the group gives way to that, too.
        if let copied, displaced.status.map(FileAttributes.init) != copied { throw .foreign }
    }

    private func verifyPlace(of path: BytePath, is parent: Handle) throws(SwapFailure) {
        let again = try parentFolder(of: path)
        let (held, named) = try SwapFailure.translating { () throws(SystemError) in
            (
                try disk.status(of: parent, at: CommitPoint.verifyLook.fault),
                try disk.status(of: again, at: CommitPoint.verifyLook.fault)
            )
        }
        if held.inode != named.inode || held.device != named.device { throw .foreign }
    }

    /// The swap gave the file a new change time. It is taken over only while everything else is as it was staged.
    private func lookAtWritten(_ step: RecordStep, _ parent: Handle) throws(SwapFailure) -> CommitReceipt.Written {
        let point = CommitPoint.verifyLook.fault
        let folder = try SwapFailure.translating { () throws(SystemError) in try disk.status(of: parent, at: point) }
        var seen = statusAtPath(of: step)
        if seen?.inode != step.inode || seen?.device != folder.device {
            // Not ours any more, or the folder was renamed between its opening and the swap.
            try verifyPlace(of: step.place, is: parent)
            seen = try SwapFailure.translating { () throws(SystemError) in
                try disk.status(of: step.place.name, in: parent, at: point)
            }
        }
        if let seen, seen.inode == step.inode, seen.size == step.size, seen.modified == step.modified {
            return CommitReceipt.Written(status: seen, digest: step.digest, folderInode: folder.inode)
        }
        return CommitReceipt.Written(
            status: FileStatus(
                kind: .file,
                permissions: seen?.permissions ?? 0o644,
                size: step.size,
                inode: step.inode,
                device: 0,
                mount: 0,
                modified: step.modified,
                changed: 0,
                links: 1,
                owner: 0,
                group: 0
            ),
            digest: step.digest,
            folderInode: folder.inode
        )
    }

    /// What the whole path leads to, beneath the tree and through no link; nil where that cannot be seen.
    private func statusAtPath(of step: RecordStep) -> FileStatus? {
        do throws(SystemError) {
            let file = try disk.open(step.place, in: tree, .read, at: CommitPoint.verifyLook.fault)
            return try disk.status(of: file, at: CommitPoint.verifyLook.fault)
        } catch {
            return nil
        }
    }
}

import LinuxFiles

/// A file that a group displaced and a checkpoint found to be nobody's any more.
struct RecyclableFile {
    /// The step that displaced it, with the slot that it has now.
    var step: RecordStep
    var operations: [OperationKey]
    var status: FileStatus
    /// The slot that its record names is known to be empty, and stays so through a power cut.
    var isDurable = false
}

/// Displaced files instead of new ones: a replacement that is written over one needs no new inode, no new blocks and no
/// new name, so that a flush of its data makes it durable.
///
/// Recovery knows nothing of it: a slot that no record names is swept by the next opening. It does look at the slots of
/// retired records, which is why a file gets another name first, and is written over only once a flush of the shadow
/// folder has made that name durable.
extension CommitDirectory {
    /// What sixteen full groups replace: eight are written over while the names of the eight before them become durable.
    private static var recyclableLimit: Int { 2048 }

    /// - Parameter slot: what was found to be ours alone.
    /// - Returns: false where it has to go.
    func recycle(
        _ step: RecordStep, _ operations: [OperationKey], _ slot: FileStatus
    ) throws(SystemError) -> Bool {
        guard recyclable.count < Self.recyclableLimit, slot.size <= UInt64(Self.inlineLimit) else { return false }
        let point = CommitPoint.checkpointRecycle.fault
        var renamed = step
        renamed.other = freeSlots()(0)
        // Nobody asks for them any more, and it may wait for long.
        renamed.contents = .inSlot
        try disk.rename(step.other, in: shadow, to: renamed.other, in: shadow, .noReplace, at: point)
        guard let status = try disk.status(of: renamed.other, in: shadow, at: point) else { return true }
        recyclable.append(RecyclableFile(step: renamed, operations: operations, status: status))
        return true
    }

    /// Call it after a flush of the shadow folder.
    func noteRecyclableDurable() {
        for index in recyclable.indices { recyclable[index].isDurable = true }
    }

    /// A file to be written over, with the attributes of the one that it replaces; one of the same size where there is
    /// any, because a new size is more to flush. Nil where there is none.
    ///
    /// It is proved once more that nobody has written to it, and that nobody has it open: whoever does goes on seeing
    /// what it held.
    func takeRecyclable(
        _ replaced: FileStatus, size: Int
    ) throws(SystemError) -> (slot: BytePath, file: Handle, size: Int)? {
        let wanted = FileAttributes(replaced)
        func index(_ isSized: (UInt64) -> Bool) -> Int? {
            recyclable.lastIndex {
                $0.isDurable && FileAttributes($0.status) == wanted && isSized($0.status.size)
            }
        }
        guard let index = index({ $0 == size }) ?? index({ _ in true }) else { return nil }
        let taken = recyclable[index]
        let file = try openUnchanged(taken)
        recyclable.swapAt(index, recyclable.count - 1)
        recyclable.removeLast()
        if let file { return (taken.step.other, file, Int(taken.status.size)) }
        try letGo(taken)
        return nil
    }

    private func openUnchanged(_ recyclable: RecyclableFile) throws(SystemError) -> Handle? {
        let point = CommitPoint.stageRecycle.fault
        guard let file = try disk.openIfPresent(recyclable.step.other, in: shadow, .readWrite, at: point),
            try disk.status(of: file, at: point) == recyclable.status, try disk.isOpenNowhereElse(file, at: point)
        else { return nil }
        return file
    }

    /// Removes every one of them that is still what it was, and keeps what somebody wrote.
    func releaseRecyclable() throws(CommitFailure) {
        while let file = recyclable.popLast() {
            do throws(SystemError) { try letGo(file) } catch { throw broken("a displaced file could not go: \(error)") }
        }
    }

    private func letGo(_ file: RecyclableFile) throws(SystemError) {
        if let kept = try release(file.step, file.operations, KnownSizes([file.step])) { unreported.append(kept) }
    }
}

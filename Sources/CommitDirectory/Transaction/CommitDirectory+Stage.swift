import LinuxFiles

/// A step whose new content lies in the shadow folder.
struct StagedStep {
    var record: RecordStep
    /// The staged file; nil for folders and moves.
    var file: Handle?
    /// Its name, inode, blocks and attributes are on disk already: its content is all that a flush has to write.
    var isRecycled = false
    /// Of the file that a replacement displaces, as they were when they were copied.
    var copied: FileAttributes?
}

/// What somebody changes of a file without touching its bytes.
struct FileAttributes: Equatable {
    var permissions: UInt32
    var owner: UInt32
    var group: UInt32

    init(permissions: UInt32, owner: UInt32, group: UInt32) {
        self.permissions = permissions
        self.owner = owner
        self.group = group
    }

    init(_ status: FileStatus) {
        permissions = status.permissions
        owner = status.owner
        group = status.group
    }
}

extension CommitDirectory {
    /// Writes every new file into the shadow folder, with the attributes that it will have.
    func stage(_ group: CommitGroup) throws(CommitFailure) -> [StagedStep] {
        var staged: [StagedStep] = []
        let slots = freeSlots()
        for (index, step) in group.steps.enumerated() {
            let slot = slots(index)
            do throws(SystemError) {
                staged.append(try stage(step, slot, after: staged))
            } catch {
                // The slot may have been made before it failed.
                discard(staged)
                discardUnfinished(slot)
                throw .refused(error)
            }
        }
        return staged
    }

    private func stage(
        _ step: CommitStep,
        _ slot: BytePath,
        after staged: [StagedStep]
    ) throws(SystemError) -> StagedStep {
        switch step {
        case .makeFolder(let place):
            let permissions = permissions(ofFolder: place)
            try disk.makeFolder(slot, in: shadow, permissions: permissions, at: CommitPoint.stageFolder.fault)
            guard let status = try disk.status(of: slot, in: shadow, at: CommitPoint.stageLook.fault) else {
                throw SystemError("statx", slot, SystemError.notThere)
            }
            return StagedStep(record: RecordStep(kind: .makeFolder, place: place, other: slot, inode: status.inode))
        case .createFile(let place, let contents):
            return try stageFile(.createFile, place, slot, contents, base: nil, attributesOf: nil)
        case .replaceFile(let place, let contents, let base, let origin):
            return try stageFile(.replaceFile, place, slot, contents, base: base, attributesOf: origin ?? place)
        case .moveFolder(let from, let to, let inode):
            guard let inode = inode ?? inodeMade(at: from, by: staged.map(\.record)) else {
                throw SystemError("statx", from, SystemError.notThere)
            }
            return StagedStep(record: RecordStep(kind: .moveFolder, place: to, other: from, inode: inode))
        }
    }

    private func inodeMade(at path: BytePath, by steps: [RecordStep]) -> UInt64? {
        steps.maker(of: path).map { steps[$0].inode }
    }

    /// The umask decides, but nobody else writes beneath the control folder.
    func permissions(ofFolder place: BytePath) -> UInt32 { controlName.contains(place) ? 0o700 : 0o777 }

    private func stageFile(
        _ kind: RecordStep.Kind,
        _ place: BytePath,
        _ slot: BytePath,
        _ contents: [UInt8],
        base: FileIdentity?,
        attributesOf origin: BytePath?
    ) throws(SystemError) -> StagedStep {
        let written = try writeSlot(slot, contents, attributesOf: origin)
        let (file, replaced) = (written.file, written.replaced)
        let status = try disk.status(of: file, at: CommitPoint.stageLook.fault)
        return StagedStep(
            record: RecordStep(
                kind: kind,
                place: place,
                other: written.slot,
                base: base,
                // Another file than the base is refused for its number, whatever its length.
                baseSize: base.map { $0.inode == replaced?.inode ? replaced?.size ?? 0 : 0 },
                copied: replaced.map(FileAttributes.init),
                inode: status.inode,
                size: status.size,
                modified: status.modified,
                digest: ContentDigest(of: contents),
                contents: contents.count > Self.inlineLimit ? .inSlot : .inline(contents)
            ),
            file: file,
            isRecycled: written.isRecycled,
            copied: replaced.map(FileAttributes.init)
        )
    }

    struct WrittenSlot {
        var slot: BytePath
        var file: Handle
        var isRecycled: Bool
        /// What stood at the place right before its attributes were copied.
        var replaced: FileStatus?
    }

    /// - Parameter slot: where a new file is made, if there is none to recycle.
    func writeSlot(
        _ slot: BytePath,
        _ contents: [UInt8],
        attributesOf place: BytePath?
    ) throws(SystemError) -> WrittenSlot {
        let point = CommitPoint.stageAttributes.fault
        let old = try place.flatMap { (place) throws(SystemError) in
            try disk.openIfPresent(place, in: tree, .read, at: point)
        }
        let replaced = try old.map { (old) throws(SystemError) in try disk.status(of: old, at: point) }
        if let old, let replaced, let recycled = try takeRecyclable(replaced, size: contents.count) {
            do throws(SystemError) {
                try disk.writeAll(contents, to: recycled.file, at: CommitPoint.stageWrite.fault)
                if recycled.size > contents.count {
                    try disk.truncate(recycled.file, to: UInt64(contents.count), at: CommitPoint.stageShorten.fault)
                }
                // It was taken because its permissions and owner are the same; a write takes set-ID bits away (write(2)).
                let areOwned = replaced.permissions & 0o6000 == 0
                let hasChanged = try disk.copyAttributes(from: old, to: recycled.file, areOwned: areOwned, at: point)
                return WrittenSlot(
                    slot: recycled.slot, file: recycled.file, isRecycled: !hasChanged, replaced: replaced)
            } catch {
                discardUnfinished(recycled.slot)
                throw error
            }
        }
        let file = try disk.open(slot, in: shadow, .create(permissions: 0o666), at: CommitPoint.stageFile.fault)
        try disk.writeAll(contents, to: file, at: CommitPoint.stageWrite.fault)
        if let old { try disk.copyAttributes(from: old, to: file, areOwned: false, at: point) }
        return WrittenSlot(slot: slot, file: file, isRecycled: false, replaced: replaced)
    }

    /// Removes staged content that no durable record names. What cannot be removed is swept at the next open.
    func discard(_ staged: [StagedStep]) {
        for step in staged where step.record.kind != .moveFolder { discardUnfinished(step.record.other) }
    }

    private func discardUnfinished(_ slot: BytePath) {
        let point = CommitPoint.stageDiscard.fault
        do throws(SystemError) {
            guard let status = try disk.status(of: slot, in: shadow, at: point) else { return }
            if status.kind == .folder {
                try disk.removeFolder(slot, in: shadow, at: point)
            } else {
                try disk.remove(slot, in: shadow, at: point)
            }
        } catch {
            // It holds nothing but our own staged bytes, and the next open sweeps it.
        }
    }
}

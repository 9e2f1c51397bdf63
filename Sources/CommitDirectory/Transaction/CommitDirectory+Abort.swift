import LinuxFiles

extension CommitDirectory {
    /// Takes a group back: its abort record first, so that a crash in between goes the same way, then every step
    /// in reverse. Where a step cannot be taken back, all writing ends.
    @discardableResult
    func abort(
        _ record: CommitRecord,
        _ sequence: UInt64,
        done: [DoneStep],
        after cause: SystemError?
    ) throws(CommitFailure) -> [KeptFile] {
        spare = []
        do throws(SystemError) {
            try ensureShadow()
            // Left as it is, the next opening completes it whole from the record.
            for step in done where try hasNoWayBack(step) {
                throw SystemError("renameat2", step.step.place, SystemError.notThere)
            }
            try journal.appendDurably(.abort(sequence))
        } catch {
            brokenReason = "a group could not be taken back: \(error)"
            throw .unknown(error)
        }
        live.append(LiveCommit(sequence: sequence, record: record, isAborted: true))
        do throws(SystemError) {
            var kept: [KeptFile] = []
            let order = StepOrder(record.steps)
            var barrier = Barrier()
            for index in done.indices.reversed() {
                let waiting = barrier.take(before: order.neededBy[index]).map { done[$0] }
                try flushFolders(of: waiting, at: .undoFlush)
                kept += try undo(done[index], of: record)
                if !order.needs[index].isEmpty { barrier.note(index) }
            }
            try flushFolders(done.flatMap { [$0.parent, $0.otherParent] } + [shadow], at: .undoRename)
            for step in record.steps where step.kind != .moveFolder { try discardOwn(step) }
            retireAborted()
            return kept
        } catch {
            throw broken("taking back a group failed, and the next opening will try again: \(error)")
        }
    }

    /// An aborted group must not be met by recovery once another one may have put a file with a reused inode at its
    /// places. A failure changes nothing for this group: it has ended all writing, or the next one tries again first.
    private func retireAborted() {
        do throws(CommitFailure) { try retireLive() } catch {}
    }

    /// What a step displaced has gone from its slot, and ours stands in its place.
    private func hasNoWayBack(_ done: DoneStep) throws(SystemError) -> Bool {
        let step = done.step
        guard step.kind == .replaceFile,
            try disk.status(of: step.other, in: shadow, at: CommitPoint.undoLook.fault) == nil
        else { return false }
        return try observe(step.place.name, in: done.parent, KnownSizes([step]), at: .undoLook) == .file(step.identity)
    }

    /// One step back. What is displaced by it must be what we put there; anything else goes back or is kept.
    func undo(_ done: DoneStep, of record: CommitRecord) throws(SystemError) -> [KeptFile] {
        let step = done.step
        let operations = record.operations
        let point = CommitPoint.undoRename.fault
        switch step.kind {
        case .replaceFile:
            return try undoReplacement(done, for: operations)
        case .createFile, .makeFolder:
            let kept = try emptySlot(of: step, for: operations)
            do throws(SystemError) {
                try disk.rename(step.place.name, in: done.parent, to: step.other, in: shadow, .noReplace, at: point)
            } catch {
                // Someone removed it meanwhile: what was wanted.
                if error.isAbsent { return kept }
                throw error
            }
            if try isOwn(step, try observe(step.other, in: shadow, KnownSizes([step]), at: .undoLook)) { return kept }
            if record.steps.contains(where: { $0.isMove && $0.other == step.place }) {
                // The folder that the group moved away from there goes back to its place whole.
                return kept + [try keep(step.other, in: shadow, place: step.place, for: operations)]
            }
            return try kept + putBack(step, done, for: operations)
        case .moveFolder:
            do throws(SystemError) {
                try disk.rename(
                    step.place.name,
                    in: done.parent,
                    to: step.other.name,
                    in: done.otherParent,
                    .noReplace,
                    at: point
                )
                return []
            } catch {
                guard error.isTaken || error.isAbsent else { throw error }
                return try keepMoved(step, in: done.parent, for: operations)
            }
        }
    }

    /// A moved folder whose old place is gone or taken by someone cannot go back: it is kept.
    func keepMoved(
        _ step: RecordStep,
        in parent: Handle,
        for operations: [OperationKey]
    ) throws(SystemError) -> [KeptFile] {
        let status = try disk.status(of: step.place.name, in: parent, at: CommitPoint.undoLook.fault)
        // Someone has moved it on: it is theirs now.
        guard status?.kind == .folder, status?.inode == step.inode else { return [] }
        return [try keep(step.place.name, in: parent, place: step.other, for: operations)]
    }

    /// After a power cut a new file's slot may show it, too.
    private func emptySlot(of step: RecordStep, for operations: [OperationKey]) throws(SystemError) -> [KeptFile] {
        try discardOwn(step)
        if try observe(step.other, in: shadow, KnownSizes([step]), at: .undoLook) == .absent { return [] }
        return [try keep(step.other, in: shadow, place: step.place, for: operations)]
    }

    private func undoReplacement(
        _ done: DoneStep,
        for operations: [OperationKey]
    ) throws(SystemError) -> [KeptFile] {
        let step = done.step
        let point = CommitPoint.undoRename.fault
        do throws(SystemError) {
            try disk.rename(step.other, in: shadow, to: step.place.name, in: done.parent, .exchange, at: point)
        } catch {
            guard error.isAbsent else { throw error }
            if try hasNoWayBack(done) { throw error }
            // Ours was removed meanwhile: what was displaced goes back to its place.
            return try putBack(step, done, for: operations)
        }
        if try isOwn(step, try observe(step.other, in: shadow, KnownSizes([step]), at: .undoLook)) { return [] }
        // A second foreign write, on top of ours: it goes back, and the one that was displaced before is kept.
        try disk.rename(step.other, in: shadow, to: step.place.name, in: done.parent, .exchange, at: point)
        return [try keep(step.other, in: shadow, place: step.place, for: operations)]
    }

    /// What lies in the slot is not ours: it goes to its place, or is kept where that is taken again or gone.
    private func putBack(
        _ step: RecordStep,
        _ done: DoneStep,
        for operations: [OperationKey]
    ) throws(SystemError) -> [KeptFile] {
        do throws(SystemError) {
            try disk.rename(
                step.other,
                in: shadow,
                to: step.place.name,
                in: done.parent,
                .noReplace,
                at: CommitPoint.undoRename.fault
            )
            return []
        } catch {
            guard error.isTaken || error.isAbsent else { throw error }
            if try observe(step.other, in: shadow, KnownSizes([step]), at: .undoLook) == .absent { return [] }
            return [try keep(step.other, in: shadow, place: step.place, for: operations)]
        }
    }

    private func isOwn(_ step: RecordStep, _ seen: Observed) throws(SystemError) -> Bool {
        switch seen {
        case .file(let identity): return identity == step.identity
        case .folder(let inode):
            guard inode == step.inode else { return false }
            let folder = try disk.open(step.other, in: shadow, .folder, at: CommitPoint.undoLook.fault)
            return try disk.list(folder, at: CommitPoint.undoLook.fault).isEmpty
        case .absent, .unreadFile, .other: return false
        }
    }

    /// Removes a slot that holds exactly what we staged there.
    func discardOwn(_ step: RecordStep) throws(SystemError) {
        guard try isOwn(step, try observe(step.other, in: shadow, KnownSizes([step]), at: .undoLook)) else { return }
        if step.kind == .makeFolder {
            try disk.removeFolder(step.other, in: shadow, at: CommitPoint.undoDiscard.fault)
        } else {
            try disk.remove(step.other, in: shadow, at: CommitPoint.undoDiscard.fault)
        }
    }

    /// Flushes folders side by side, each once.
    func flushFolders(_ folders: [Handle], at point: CommitPoint) throws(SystemError) {
        var seen = Set<ObjectIdentifier>()
        let distinct = folders.filter { seen.insert(ObjectIdentifier($0)).inserted }
        let failures = disk.flush(distinct.map { FlushTarget($0, at: point.fault) })
        if let failure = failures.compactMap({ $0 }).first { throw failure }
    }
}

import LinuxFiles

extension CommitDirectory {
    /// How many committed groups wait for a checkpoint.
    package var uncheckpointed: Int { live.count + (displaced.isEmpty ? 0 : 1) }

    /// Makes every committed group independent of the journal: flushes the folders that it touched, retires the
    /// records, then lets the displaced files go.
    ///
    /// Several groups share the flushes: a folder that all of them touched is flushed once.
    /// - Returns: displaced files that someone still writes to, now under `conflicts/`; those of checkpoints that a
    ///   commit made by itself are among them.
    @discardableResult
    package func checkpoint() throws(CommitFailure) -> [KeptFile] { try checkpoint(recycling: true) }

    func checkpoint(recycling: Bool) throws(CommitFailure) -> [KeptFile] {
        try retireLive(recycling: recycling)
        defer { unreported = [] }
        return unreported
    }

    func retireLive(recycling: Bool = true) throws(CommitFailure) {
        if let brokenReason { throw .broken(brokenReason) }
        guard let last = live.last else { return try releaseDisplaced(recycling: recycling) }
        let touched: [Handle]
        do throws(SystemError) {
            try openSpare()
            touched = try touchedFolders(of: live)
        } catch {
            // Nothing was done, and it can be tried again when others have closed some files.
            if error.isOfDescriptors { throw .refused(error) }
            throw broken("a checkpoint failed: \(error)")
        }
        do throws(SystemError) {
            try flushFolders(touched, at: .checkpointFlush)
            noteRecyclableDurable()
            // Durable before a displaced file goes: with its record in force, a missing one would look after a power
            // cut as if the swap had never been.
            try journal.appendDurably(.retire(last.sequence))
        } catch {
            throw broken("a checkpoint failed: \(error)")
        }
        for commit in live where !commit.isAborted {
            displaced += commit.record.steps.filter { $0.kind == .replaceFile }.map { ($0, commit.record.operations) }
        }
        live = []
        spare = []
        try releaseDisplaced(recycling: recycling)
        // For the next commit, which tries again where that fails.
        do throws(SystemError) { try openSpare() } catch {}
    }

    /// What cannot be looked at for want of descriptors waits for the next checkpoint. No new lap starts before that: the
    /// record tells the next opening what the slot holds.
    private func releaseDisplaced(recycling: Bool) throws(CommitFailure) {
        var released = 0
        defer { displaced.removeFirst(released) }
        do throws(SystemError) {
            for (step, operations) in displaced {
                if let file = try release(step, operations, KnownSizes([step]), recycling: recycling) {
                    unreported.append(file)
                }
                released += 1
            }
        } catch {
            throw error.isOfDescriptors ? .refused(error) : broken("a checkpoint failed: \(error)")
        }
    }

    func flushTouchedFolders(of commits: [LiveCommit]) throws(SystemError) {
        try flushFolders(try touchedFolders(of: commits), at: .checkpointFlush)
    }

    /// A folder whose path a group changed again was flushed by the group itself, before that.
    private func touchedFolders(of commits: [LiveCommit]) throws(SystemError) -> [Handle] {
        [shadow] + (try openParents(of: commits.flatMap(\.record.steps), at: .checkpointParent))
    }

    /// The folders of the tree whose names these steps change, each once.
    func openParents(of steps: [RecordStep], at point: CommitPoint) throws(SystemError) -> [Handle] {
        var parents = Set(steps.map(\.place.parent))
        for step in steps where step.isMove { parents.insert(step.other.parent) }
        var folders: [Handle] = []
        for parent in parents.sorted() {
            do throws(SystemError) {
                folders.append(parent.isRoot ? tree : try disk.open(parent, in: tree, .folder, at: point.fault))
            } catch {
                // Someone removed or moved the folder since: its names are theirs now.
                if !error.isAbsent && !error.isObstructed { throw error }
            }
        }
        return folders
    }

    /// Lets a displaced file go, if it is still exactly what was displaced and nobody can write to it any more.
    /// - Parameters:
    ///   - sizes: of all that it may be.
    ///   - others: what else a group before this one put there or displaced.
    ///   - recycling: whether it may stay, for a later replacement to be staged in.
    func release(
        _ step: RecordStep,
        _ operations: [OperationKey],
        _ sizes: KnownSizes,
        orAnyOf others: [FileIdentity] = [],
        recycling: Bool = false
    ) throws(SystemError) -> KeptFile? {
        do throws(SystemError) {
            return try releaseSlot(step, operations, sizes, others, recycling)
        } catch {
            // Somebody may empty the shadow folder between any two calls.
            let point = CommitPoint.checkpointLook.fault
            if error.isAbsent, try disk.status(of: step.other, in: shadow, at: point) == nil { return nil }
            throw error
        }
    }

    private func releaseSlot(
        _ step: RecordStep,
        _ operations: [OperationKey],
        _ sizes: KnownSizes,
        _ others: [FileIdentity],
        _ recycling: Bool
    ) throws(SystemError) -> KeptFile? {
        guard let slot = try disk.status(of: step.other, in: shadow, at: CommitPoint.checkpointLook.fault) else {
            return nil
        }
        if slot.kind == .file,
            let file = try disk.openIfPresent(step.other, in: shadow, .read, at: CommitPoint.checkpointLook.fault)
        {
            let isUnwatched = try disk.isUnwatchedByWriters(file, at: CommitPoint.checkpointLease.fault)
            if isUnwatched, slot.links == 1,
                case .file(let displaced) = try look(
                    at: file, try disk.status(of: file, at: CommitPoint.checkpointLook.fault), sizes),
                displaced == step.base || others.contains(displaced)
            {
                if recycling, try recycle(step, operations, slot) { return nil }
                try disk.remove(step.other, in: shadow, at: CommitPoint.checkpointDiscard.fault)
                return nil
            }
        }
        return try keep(step.other, in: shadow, place: step.place, for: operations)
    }
}

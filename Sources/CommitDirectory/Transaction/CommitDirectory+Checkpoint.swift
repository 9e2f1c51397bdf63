import LinuxFiles

extension CommitDirectory {
    /// How many committed groups wait for a checkpoint.
    package var uncheckpointed: Int { live.count }

    /// Makes every committed group independent of the journal: flushes the folders that it touched, then lets the
    /// displaced files go and retires the records.
    ///
    /// Several groups share the flushes: a folder that all of them touched is flushed once.
    /// - Returns: displaced files that someone still writes to, now under `conflicts/`.
    @discardableResult
    package func checkpoint() throws(CommitFailure) -> [KeptFile] {
        guard !live.isEmpty else { return [] }
        do throws(SystemError) {
            try flushTouchedFolders(of: live)
            var kept: [KeptFile] = []
            for commit in live where !commit.isAborted {
                for step in commit.record.steps where step.kind == .replaceFile {
                    if let file = try release(step, commit.record.operations) { kept.append(file) }
                }
            }
            let retire = journal.encode(.retire(live.last!.sequence))
            // Not flushed: doing a checkpoint again is harmless. Without room the next lap's header says it.
            if journal.hasRoom(for: retire.count) { try journal.write(retire) }
            live = []
            return kept
        } catch {
            throw broken("a checkpoint failed: \(error)")
        }
    }

    func flushTouchedFolders(of commits: [LiveCommit]) throws(SystemError) {
        var parents = Set<BytePath>()
        for step in commits.flatMap(\.record.steps) {
            parents.insert(step.place.parent)
            if step.kind == .moveFolder { parents.insert(step.other.parent) }
        }
        var folders = [shadow]
        for parent in parents.sorted() {
            do throws(SystemError) {
                folders.append(
                    parent.isRoot
                        ? tree : try disk.open(parent, in: tree, .folder, at: CommitPoint.checkpointParent.fault)
                )
            } catch {
                // Someone removed or moved the folder since: its names are theirs now.
                if !error.isAbsent && !error.isObstructed { throw error }
            }
        }
        try flushFolders(folders, at: .checkpointFlush)
    }

    /// Lets a displaced file go, if it is still exactly what was displaced and nobody can write to it any more.
    func release(_ step: RecordStep, _ operations: [OperationKey]) throws(SystemError) -> KeptFile? {
        guard
            let file = try disk.openIfPresent(step.other, in: shadow, .read, at: CommitPoint.checkpointLook.fault)
        else { return nil }
        let status = try disk.status(of: file, at: CommitPoint.checkpointLook.fault)
        let isUnwatched = try disk.isUnwatchedByWriters(file, at: CommitPoint.checkpointLease.fault)
        let digest = try disk.digest(of: file, at: CommitPoint.verifyRead.fault)
        if isUnwatched, status.links == 1, FileIdentity(inode: status.inode, digest: digest) == step.base {
            try disk.remove(step.other, in: shadow, at: CommitPoint.checkpointDiscard.fault)
            return nil
        }
        return try keep(step.other, place: step.place, for: operations)
    }
}

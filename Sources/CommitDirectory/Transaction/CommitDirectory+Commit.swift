import LinuxFiles

extension CommitDirectory {
    /// Contents longer than this are flushed in a file of their own instead of being copied into the record.
    static var inlineLimit: Int { 1 << 16 }
    /// Room that every commit leaves in the journal: for taking any of the live groups back, and for retiring them.
    private var reserve: Int { 64 * (live.count + 2) }

    /// Makes a group durable and visible, or leaves the tree as it was.
    ///
    /// The commit point is the journal's flush. When it returns, the group survives a power cut and stands in the
    /// tree; `checkpoint` later makes it independent of the journal.
    package func commit(_ group: CommitGroup) throws(CommitFailure) -> CommitReceipt {
        if let brokenReason { throw .broken(brokenReason) }
        var staged: [StagedStep] = []
        let record: CommitRecord
        do throws(CommitFailure) {
            try forgetRecovered()
            try requireLayout()
            // A record never spans a folder move: recovery can then look at every path where the record names it.
            let moves = group.steps.contains { if case .moveFolder = $0 { true } else { false } }
            // Nor a group behind one that was taken back: its files may have the inodes of that one's.
            if moves || live.contains(where: { $0.movesFolders || $0.isAborted }) { try retireLive() }
            staged = try stage(group)
            record = CommitRecord(session: session, operations: group.operations, steps: staged.map(\.record))
            let encoded = try encode(record)
            try CommitFailure.refusing { () throws(SystemError) in try openSpare() }
            try writeRecord(record, encoded, staged)
        } catch {
            if case .refused(let failure) = error {
                discard(staged)
                distrust(failure)
            }
            throw error
        }
        let sequence = journal.lastSequence
        let written = try swapAll(record, sequence, copied: staged.map(\.copied))
        live.append(LiveCommit(sequence: sequence, record: record, isAborted: false))
        return CommitReceipt(sequence: sequence, written: written)
    }

    /// Handles whose descriptors are free again where nothing more can be opened, for what must not fail then.
    func openSpare() throws(SystemError) {
        while spare.count < Self.spares {
            spare.append(try disk.open(.root, in: shadow, .folder, at: CommitPoint.spareOpen.fault))
        }
    }

    /// Looking at a slot takes two at most; the others are for a process that opens files meanwhile.
    private static var spares: Int { 4 }

    /// A record as the journal takes it next, with room made for it there.
    private func encode(_ record: CommitRecord) throws(CommitFailure) -> [UInt8] {
        let encoded = journal.encode(.commit(record))
        let length = encoded.count + reserve
        if journal.hasRoom(for: length) { return encoded }
        try retireLive()
        try CommitFailure.refusing { () throws(SystemError) in try journal.startLap(toHold: length) }
        // It has another number now.
        return journal.encode(.commit(record))
    }

    /// Writes the record and flushes it beside the staged files: the commit point.
    private func writeRecord(
        _ record: CommitRecord, _ encoded: [UInt8], _ staged: [StagedStep]
    ) throws(CommitFailure) {
        let external = staged.filter { $0.record.contents == .inSlot }.compactMap(\.file)
        if !external.isEmpty {
            let targets = (external + [shadow]).map { FlushTarget($0, at: CommitPoint.stageFlush.fault) }
            if let failure = disk.flush(targets).compactMap({ $0 }).first { throw .refused(failure) }
        }
        try CommitFailure.refusing { () throws(SystemError) in try journal.write(encoded) }
        var targets = [FlushTarget(journal.file, dataOnly: true, at: CommitPoint.journalFlush.fault)]
        for step in staged where step.record.contents != .inSlot {
            guard let file = step.file else { continue }
            targets.append(FlushTarget(file, dataOnly: step.isRecycled, at: CommitPoint.stageFlush.fault))
        }
        let failures = disk.flush(targets)
        if let failure = failures[0] {
            brokenReason = "the journal could not be flushed: \(failure)"
            throw .unknown(failure)
        }
        if let failure = failures.dropFirst().compactMap({ $0 }).first {
            // The record is durable and nothing is swapped: taking it back is a record, too.
            try abort(record, journal.lastSequence, done: [], after: failure)
            distrust(failure)
            throw .aborted(failure)
        }
    }

    /// After a failed flush the disk may hold anything: no more writing before the next opening. A full disk is no
    /// such failure: the kernel refused the bytes, it did not lose them.
    func distrust(_ failure: SystemError) {
        if failure.isOfFlush && !failure.isFull { brokenReason = brokenReason ?? "a flush failed: \(failure)" }
    }
}

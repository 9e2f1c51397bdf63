import LinuxFiles

extension CommitDirectory {
    /// Completes or takes back whatever the journal holds, and leaves it empty.
    func recover(_ records: [Record]) throws(OpenFailure) -> RecoveryReport {
        let unretired = UnretiredCommit.list(records)
        guard !unretired.isEmpty else {
            try OpenFailure.translating { () throws(SystemError) in
                if !records.isEmpty { try journal.startLap() }
            }
            return RecoveryReport()
        }
        let sights = try OpenFailure.translating { () throws(SystemError) in
            var sights = [[RecoveryPlan.Sight]]()
            for commit in unretired {
                var row = [RecoveryPlan.Sight]()
                for step in commit.record.steps { row.append(try look(at: step)) }
                sights.append(row)
            }
            return sights
        }
        let plan = RecoveryPlan(unretired, sights: sights, bootID: host.bootID)
        var report = RecoveryReport()
        // The decision is durable before its first effect.
        try OpenFailure.translating { () throws(SystemError) in
            for planned in plan.commits where planned.fate == .giveWay {
                try appendInRecovery(.abort(planned.commit.sequence))
            }
        }
        for planned in plan.commits.reversed() where planned.fate != .complete {
            report.kept += try takeBack(planned)
            report.rolledBack += planned.commit.record.operations
        }
        report.kept += try complete(plan.commits.filter { $0.fate == .complete })
        try OpenFailure.translating { () throws(SystemError) in
            try flushTouchedFolders(
                of: unretired.map { LiveCommit(sequence: $0.sequence, record: $0.record, isAborted: false) }
            )
            for planned in plan.commits {
                report.kept += try clearSlots(of: planned)
            }
            try journal.startLap()
        }
        for planned in plan.commits where planned.fate == .complete {
            report.completed += planned.commit.record.operations
        }
        return report
    }

    private func appendInRecovery(_ body: Record.Body) throws(SystemError) {
        try journal.extend(toHold: journal.encode(body).count)
        try journal.appendDurably(body)
    }

    private func look(at step: RecordStep) throws(SystemError) -> RecoveryPlan.Sight {
        let other =
            step.kind == .moveFolder
            ? try lookInTree(step.other) : try observe(step.other, in: shadow, at: .recoveryLook)
        return RecoveryPlan.Sight(place: try lookInTree(step.place), other: other)
    }

    private func lookInTree(_ path: BytePath) throws(SystemError) -> Observed {
        guard let parent = try openParentIfPresent(of: path) else { return .absent }
        return try observe(path.name, in: parent, at: .recoveryLook)
    }

    private func openParentIfPresent(of path: BytePath) throws(SystemError) -> Handle? {
        do throws(SystemError) {
            return try disk.openParent(of: path, in: tree, at: CommitPoint.recoveryLook.fault)
        } catch {
            if error.isAbsent || error.isObstructed { return nil }
            throw error
        }
    }

    // MARK: Back

    private func takeBack(_ planned: RecoveryPlan.PlannedCommit) throws(OpenFailure) -> [KeptFile] {
        let record = planned.commit.record
        do throws(SystemError) {
            var kept: [KeptFile] = []
            for (step, state) in zip(record.steps, planned.states).reversed() {
                // Somebody was told that it succeeded: its bytes are kept whole before any of it goes.
                if planned.fate == .giveWay, let contents = try contents(of: step) {
                    kept.append(try keepOwn(contents, place: step.place, for: record.operations))
                }
                guard state == .done || state == .doneOverForeign, try stillStands(step) else { continue }
                guard let parent = try openParentIfPresent(of: step.place) else { continue }
                let otherParent = step.kind == .moveFolder ? try openParentIfPresent(of: step.other) : shadow
                guard let otherParent else { throw SystemError("openat2", step.other, SystemError.notThere) }
                kept += try undo(
                    DoneStep(step: step, parent: parent, otherParent: otherParent),
                    for: record.operations
                )
            }
            return kept
        } catch {
            throw .recovery("taking back an interrupted change failed: \(error)")
        }
    }

    /// Whether there is something of the step to take back.
    private func stillStands(_ step: RecordStep) throws(SystemError) -> Bool {
        let sight = try look(at: step)
        switch step.kind {
        case .makeFolder: return sight.place == .folder(step.inode)
        case .createFile: return sight.place == .file(step.identity)
        case .replaceFile: return sight.other != .absent && sight.other != .file(step.identity)
        case .moveFolder: return sight.place == .folder(step.inode) && sight.other == .absent
        }
    }

    private func contents(of step: RecordStep) throws(SystemError) -> [UInt8]? {
        guard step.kind == .createFile || step.kind == .replaceFile else { return nil }
        if case .inline(let bytes) = step.contents { return bytes }
        guard
            let file = try disk.openIfPresent(step.other, in: shadow, .read, at: CommitPoint.recoveryLook.fault),
            let bytes = try disk.readAll(file, at: CommitPoint.recoveryLook.fault),
            ContentDigest(of: bytes) == step.digest
        else { return nil }
        return bytes
    }

    // MARK: Forward

    /// Brings every place to the last content that any of the groups gave it, skipping those in between.
    /// - Returns: contents whose folder someone has removed since.
    private func complete(_ planned: [RecoveryPlan.PlannedCommit]) throws(OpenFailure) -> [KeptFile] {
        var last: [BytePath: UInt64] = [:]
        for commit in planned {
            for step in commit.commit.record.steps { last[step.place] = commit.commit.sequence }
        }
        do throws(SystemError) {
            var kept: [KeptFile] = []
            for commit in planned.map({ ($0.commit, $0.states) }) {
                for (index, step) in commit.0.record.steps.enumerated()
                where commit.1[index] == .pending && last[step.place] == commit.0.sequence {
                    if let parent = try openParentIfPresent(of: step.place) {
                        try complete(step, index: index, of: commit.0, in: parent)
                    } else if let contents = try contents(of: step) {
                        kept.append(try keepOwn(contents, place: step.place, for: commit.0.record.operations))
                    }
                }
            }
            return kept
        } catch {
            throw .recovery("completing an interrupted change failed: \(error)")
        }
    }

    private func complete(
        _ step: RecordStep,
        index: Int,
        of commit: UnretiredCommit,
        in parent: Handle
    ) throws(SystemError) {
        let point = CommitPoint.swapRename.fault
        switch step.kind {
        case .makeFolder:
            do throws(SystemError) {
                try disk.makeFolder(
                    step.place.name,
                    in: parent,
                    permissions: 0o777,
                    at: CommitPoint.stageFolder.fault
                )
            } catch {
                if !error.isTaken { throw error }
            }
        case .moveFolder:
            let from = try disk.openParent(of: step.other, in: tree, at: CommitPoint.swapParent.fault)
            try disk.rename(step.other.name, in: from, to: step.place.name, in: parent, .noReplace, at: point)
        case .createFile, .replaceFile:
            let present = try observe(step.place.name, in: parent, at: .recoveryLook)
            let slot = try slotWithContents(step, index: index, of: commit)
            if present == .absent {
                try disk.rename(slot, in: shadow, to: step.place.name, in: parent, .noReplace, at: point)
                return
            }
            try disk.rename(slot, in: shadow, to: step.place.name, in: parent, .exchange, at: point)
            if try observe(slot, in: shadow, at: .verifyLook) != present {
                // Someone wrote there in this instant: theirs goes back, and the next opening sees it.
                try disk.rename(slot, in: shadow, to: step.place.name, in: parent, .exchange, at: point)
                throw SystemError("renameat2", step.place, SystemError.busy)
            }
        }
    }

    /// A slot that holds the step's new content, written anew from the record where it was lost.
    private func slotWithContents(
        _ step: RecordStep,
        index: Int,
        of commit: UnretiredCommit
    ) throws(SystemError) -> BytePath {
        if try observe(step.other, in: shadow, at: .recoveryLook) == .file(step.identity) { return step.other }
        guard let contents = try contents(of: step) else {
            throw SystemError("open", step.other, SystemError.notThere)
        }
        let slot = slotName(sequence: journal.lastSequence + 1, step: index)
        let file = try writeSlot(slot, contents, attributesOf: step.kind == .replaceFile ? step.place : nil)
        try disk.flush(file, at: CommitPoint.stageFlush.fault)
        let inode = try disk.status(of: file, at: CommitPoint.stageLook.fault).inode
        try appendInRecovery(.restage(commit: commit.sequence, step: UInt32(index), slot: slot, inode: inode))
        return slot
    }

    /// Removes what recovery no longer needs from the shadow folder: our own bytes, and the displaced base.
    private func clearSlots(of planned: RecoveryPlan.PlannedCommit) throws(SystemError) -> [KeptFile] {
        var kept: [KeptFile] = []
        for step in planned.commit.record.steps where step.kind != .moveFolder {
            try discardOwn(step)
            guard planned.fate == .complete, step.kind == .replaceFile else { continue }
            if let file = try release(step, planned.commit.record.operations) { kept.append(file) }
        }
        return kept
    }
}

import LinuxFiles

extension CommitDirectory {
    /// Completes or takes back whatever the journal holds. Its records stay until `forgetRecovered`.
    func recover(_ records: [Record]) throws(OpenFailure) -> RecoveryReport {
        guard !records.isEmpty else { return RecoveryReport() }
        hasRecovered = true
        let (unretired, retired) = UnretiredCommit.list(records)
        var sights: [[RecoveryPlan.Sight]] = []
        let slotted = unretired.flatMap(\.record.steps).filter { $0.kind == .makeFolder }
        knownSizes = KnownSizes((unretired + retired).flatMap(\.record.steps))
        for commit in unretired {
            sights.append(try OpenFailure.translating { () throws(SystemError) in try look(at: commit, slotted) })
        }
        var plan = RecoveryPlan(unretired, sights: sights, session: session)
        var report = RecoveryReport()
        do throws(SystemError) {
            for planned in plan.commits where planned.fate == .giveWay {
                // Somebody may have been told that it succeeded: its bytes are kept whole before any of it goes.
                report.kept += try keepContents(of: planned.commit.record)
                // The decision is durable before its first effect.
                try journal.appendDurably(.abort(planned.commit.sequence))
            }
            for commit in unretired where commit.isAborted || commit.isRecovered {
                report.kept += try keptBefore(commit.record)
            }
            for planned in plan.commits.reversed() where planned.fate != .complete {
                if !planned.commit.isRecovered { report.kept += try takeBack(planned) }
                report.rolledBack += planned.commit.record.operations
            }
            report.kept += try complete(&plan)
            try flushTouchedFolders(
                of: unretired.map { LiveCommit(sequence: $0.sequence, record: $0.record, isAborted: false) }
            )
            try noteRecovered(plan)
            let history = PathHistory(retired + plan.commits.map(\.commit))
            for commit in retired { report.kept += try clearSlots(of: commit, !commit.isAborted, history) }
            for planned in plan.commits {
                report.kept += try clearSlots(of: planned.commit, planned.fate == .complete, history)
            }
        } catch {
            throw .recovery("an interrupted change could not be completed or taken back: \(error)")
        }
        for planned in plan.commits where planned.fate == .complete {
            report.completed += planned.commit.record.operations
        }
        return report
    }

    /// From here on the slots tell nothing any more: without this, an edit and another crash would look as if a group
    /// that stands had never been swapped.
    private func noteRecovered(_ plan: RecoveryPlan) throws(SystemError) {
        guard let last = plan.commits.last, !last.commit.isRecovered else { return }
        do throws(SystemError) {
            try journal.appendDurably(.recovered(last.commit.sequence))
        } catch {
            // Every commit leaves room for it; what was staged anew may have taken that, and a full disk has no more.
            if !error.isFull { throw error }
        }
    }

    private func look(
        at commit: UnretiredCommit,
        _ slotted: [RecordStep]
    ) throws(SystemError) -> [RecoveryPlan.Sight] {
        let steps = commit.record.steps
        var sights: [RecoveryPlan.Sight] = []
        for step in steps { sights.append(try look(at: step, slotted)) }
        guard steps.contains(where: \.isMove) else { return sights }
        let (standings, isDone) = steps.standings(StepOrder(steps), sights)
        var undone = UndoneSteps()
        for (index, step) in steps.enumerated() {
            if standings[index] == .waiting { sights[index] = try look(atWaiting: step, undone, slotted) }
            sights[index].standing = standings[index]
            if !isDone[index] { undone.skip(step) }
        }
        return sights
    }

    private func look(at step: RecordStep, _ slotted: [RecordStep] = []) throws(SystemError) -> RecoveryPlan.Sight {
        let other =
            step.isMove
            ? try lookInTree(step.other) : try observe(step.other, in: shadow, knownSizes, at: .recoveryLook)
        let place = try lookInTree(step.place, slotted, isTarget: step.isMove)
        return RecoveryPlan.Sight(place: place, other: other, isBaseChanged: try isBaseChanged(step, other))
    }

    /// Whether what a replacement displaced has the base's bytes and another mode or owner than was copied.
    private func isBaseChanged(_ step: RecordStep, _ other: Observed) throws(SystemError) -> Bool {
        guard let base = step.base, let copied = step.copied, other == .file(base) else { return false }
        let status = try disk.status(of: step.other, in: shadow, at: CommitPoint.recoveryLook.fault)
        return status.map(FileAttributes.init) != copied
    }

    /// A step whose paths hold only once others are done: at what stands where these will come from.
    private func look(
        atWaiting step: RecordStep,
        _ undone: UndoneSteps,
        _ slotted: [RecordStep]
    ) throws(SystemError) -> RecoveryPlan.Sight {
        var sight = RecoveryPlan.Sight(place: .absent, other: .absent)
        if let place = undone.whereabouts(of: step.place) {
            sight.place = try lookInTree(place, slotted, isTarget: step.isMove)
        }
        if !step.isMove {
            sight.other = try observe(step.other, in: shadow, knownSizes, at: .recoveryLook)
        } else if let other = undone.whereabouts(of: step.other) {
            sight.other = try lookInTree(other)
        } else {
            // A folder that is still to be made.
            sight.other = .folder(step.inode)
        }
        return sight
    }

    /// - Parameters:
    ///   - slotted: new folders. A disk that orders nothing may have lost the name that one of them got and kept what
    ///     was put into it afterwards: then it is seen where recovery will bring it.
    ///   - isTarget: a folder is to be moved there, and a parent that is gone stands in its way.
    private func lookInTree(
        _ path: BytePath,
        _ slotted: [RecordStep] = [],
        isTarget: Bool = false
    ) throws(SystemError) -> Observed {
        if let parent = try openParentIfPresent(of: path) {
            return try observe(path.name, in: parent, knownSizes, at: .recoveryLook)
        }
        for folder in slotted.reversed() where folder.place.contains(path.parent) {
            let slot = path.parent.moved(from: folder.place, to: folder.other)
            guard
                try disk.status(of: folder.other, in: shadow, at: CommitPoint.recoveryLook.fault)?.inode
                    == folder.inode,
                let parent = try disk.openIfPresent(slot, in: shadow, .folder, at: CommitPoint.recoveryLook.fault)
            else { continue }
            return try observe(path.name, in: parent, knownSizes, at: .recoveryLook)
        }
        return isTarget ? .other : .absent
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

    private func takeBack(_ planned: RecoveryPlan.PlannedCommit) throws(SystemError) -> [KeptFile] {
        let record = planned.commit.record
        let order = StepOrder(record.steps)
        var barrier = Barrier()
        var kept: [KeptFile] = []
        for (index, step) in record.steps.enumerated().reversed() {
            // What was taken back before a crash may be no more on disk than what is taken back now.
            defer { if !order.needs[index].isEmpty { barrier.note(index) } }
            let state = planned.states[index]
            guard state == .done || state == .doneOverForeign, try stillStands(step),
                let parent = try openParentIfPresent(of: step.place)
            else { continue }
            let waiting = barrier.take(before: order.neededBy[index])
            try flushParents(of: waiting.map { record.steps[$0] }, at: .undoFlush)
            let otherParent = step.isMove ? try openParentIfPresent(of: step.other) : shadow
            if let otherParent {
                kept += try undo(DoneStep(step: step, parent: parent, otherParent: otherParent), of: record)
            } else {
                kept += try keepMoved(step, in: parent, for: record.operations)
            }
        }
        return kept
    }

    private func flushParents(of steps: [RecordStep], at point: CommitPoint) throws(SystemError) {
        try flushFolders(try openParents(of: steps, at: .recoveryLook), at: point)
    }

    private func keepContents(of record: CommitRecord) throws(SystemError) -> [KeptFile] {
        var kept: [KeptFile] = []
        for step in record.steps {
            if let contents = try contents(of: step) {
                kept.append(try keepOwn(contents, place: step.place, for: record.operations))
            }
        }
        return kept
    }

    /// What a recovery that was itself interrupted kept of a group and could not report.
    private func keptBefore(_ record: CommitRecord) throws(SystemError) -> [KeptFile] {
        var kept: [KeptFile] = []
        for step in record.steps where step.kind == .createFile || step.kind == .replaceFile {
            if let file = try ownKept(step.digest, size: step.size, place: step.place, for: record.operations) {
                kept.append(file)
            }
        }
        return kept
    }

    /// Whether there is something of the step to take back.
    private func stillStands(_ step: RecordStep) throws(SystemError) -> Bool {
        let sight = try look(at: step)
        switch step.kind {
        case .makeFolder: return sight.place == .folder(step.inode)
        case .createFile: return sight.place == .file(step.identity)
        case .replaceFile: return sight.other != .absent && sight.other != .file(step.identity)
        case .moveFolder: return sight.place == .folder(step.inode)
        }
    }

    private func contents(of step: RecordStep) throws(SystemError) -> [UInt8]? {
        guard step.kind == .createFile || step.kind == .replaceFile else { return nil }
        if case .inline(let bytes) = step.contents { return bytes }
        if let bytes = try contents(of: step, at: step.other.name, in: shadow) { return bytes }
        guard let parent = try openParentIfPresent(of: step.place) else { return nil }
        return try contents(of: step, at: step.place.name, in: parent)
    }

    private func contents(
        of step: RecordStep,
        at name: BytePath,
        in folder: Handle
    ) throws(SystemError) -> [UInt8]? {
        guard case .file(let seen) = try observe(name, in: folder, knownSizes, at: .recoveryLook),
            seen.digest == step.digest,
            let file = try disk.openIfPresent(name, in: folder, .read, at: CommitPoint.recoveryLook.fault)
        else { return nil }
        return try disk.readAll(file, at: CommitPoint.recoveryLook.fault)
    }

    // MARK: Forward

    /// Brings every place to the last content that any of the groups gave it, skipping those in between.
    /// - Parameter plan: its records name the slots that were staged anew, afterwards.
    /// - Returns: contents whose folder someone has removed since.
    private func complete(_ plan: inout RecoveryPlan) throws(SystemError) -> [KeptFile] {
        var last: [BytePath: UInt64] = [:]
        for planned in plan.commits where planned.fate == .complete {
            for step in planned.commit.record.steps { last[step.place] = planned.commit.sequence }
        }
        var kept: [KeptFile] = []
        for number in plan.commits.indices where plan.commits[number].fate == .complete {
            let planned = plan.commits[number]
            let order = StepOrder(planned.commit.record.steps)
            var barrier = Barrier()
            for index in planned.commit.record.steps.indices {
                // What was done before a crash may be no more on disk than what is done now.
                defer { if !order.neededBy[index].isEmpty { barrier.note(index) } }
                let record = plan.commits[number].commit.record
                let step = record.steps[index]
                guard planned.states[index] == .pending && last[step.place] == planned.commit.sequence else { continue }
                let waiting = barrier.take(before: order.needs[index])
                try flushParents(of: waiting.map { record.steps[$0] }, at: .swapFlush)
                if let parent = try openParentIfPresent(of: step.place) {
                    let isMovedOn = record.steps.isMovedOn(index, order)
                    let used = try complete(
                        index, of: plan.commits[number].commit, in: parent, isMovedOn: isMovedOn,
                        wasThere: planned.sights[index].place != .absent)
                    if used != step {
                        plan.commits[number].commit.record.restage(index, slot: used.other, inode: used.inode)
                    }
                } else if let contents = try contents(of: step) {
                    kept.append(try keepOwn(contents, place: step.place, for: record.operations))
                }
            }
        }
        return kept
    }

    /// - Returns: the step, with the slot that it used.
    private func complete(
        _ index: Int,
        of commit: UnretiredCommit,
        in parent: Handle,
        isMovedOn: Bool,
        wasThere: Bool
    ) throws(SystemError) -> RecordStep {
        let step = commit.record.steps[index]
        let point = CommitPoint.swapRename.fault
        switch step.kind {
        case .makeFolder where isMovedOn:
            let used = try stageFolderAgain(step, index: index, of: commit)
            try disk.rename(used.other, in: shadow, to: step.place.name, in: parent, .noReplace, at: point)
            return used
        case .makeFolder:
            do throws(SystemError) {
                if try observe(step.other, in: shadow, knownSizes, at: .recoveryLook) == .folder(step.inode) {
                    try disk.rename(step.other, in: shadow, to: step.place.name, in: parent, .noReplace, at: point)
                } else {
                    let point = CommitPoint.stageFolder.fault
                    let permissions = permissions(ofFolder: step.place)
                    try disk.makeFolder(step.place.name, in: parent, permissions: permissions, at: point)
                }
            } catch {
                if !error.isTaken { throw error }
            }
            return step
        case .moveFolder:
            let from = try disk.openParent(of: step.other, in: tree, at: CommitPoint.swapParent.fault)
            try disk.rename(step.other.name, in: from, to: step.place.name, in: parent, .noReplace, at: point)
            if try observe(step.place.name, in: parent, knownSizes, at: .verifyLook) != .folder(step.inode) {
                // Someone put another one there in this instant.
                try disk.rename(step.place.name, in: parent, to: step.other.name, in: from, .noReplace, at: point)
                throw SystemError("renameat2", step.place, SystemError.busy)
            }
            return step
        case .createFile, .replaceFile:
            let present = try observe(step.place.name, in: parent, knownSizes, at: .recoveryLook)
            // It came back with the folder that holds it.
            if present == .file(step.identity) { return step }
            if step.kind == .replaceFile && present == .absent && wasThere {
                // Someone removed it in this instant: the next opening sees that.
                throw SystemError("statx", step.place, SystemError.busy)
            }
            let (used, copied) = try stageAgain(step, index: index, of: commit)
            if present == .absent {
                try disk.rename(used.other, in: shadow, to: step.place.name, in: parent, .noReplace, at: point)
                return used
            }
            try disk.rename(used.other, in: shadow, to: step.place.name, in: parent, .exchange, at: point)
            let displaced = try disk.status(of: used.other, in: shadow, at: CommitPoint.verifyLook.fault)
            let isSame = copied == nil || displaced.map(FileAttributes.init) == copied
            if try observe(used.other, in: shadow, knownSizes, at: .verifyLook) != present || !isSame {
                // Someone wrote there in this instant: theirs goes back, and the next opening sees it.
                try disk.rename(used.other, in: shadow, to: step.place.name, in: parent, .exchange, at: point)
                throw SystemError("renameat2", step.place, SystemError.busy)
            }
            return used
        }
    }

    /// The step with a slot that holds its folder. Later steps move the folder on by its number: a new one has to be in
    /// the journal first.
    private func stageFolderAgain(
        _ step: RecordStep,
        index: Int,
        of commit: UnretiredCommit
    ) throws(SystemError) -> RecordStep {
        if try observe(step.other, in: shadow, knownSizes, at: .recoveryLook) == .folder(step.inode) { return step }
        var again = step
        again.other = freeSlots()(index)
        let permissions = permissions(ofFolder: step.place)
        try disk.makeFolder(again.other, in: shadow, permissions: permissions, at: CommitPoint.stageFolder.fault)
        let status = try disk.status(of: again.other, in: shadow, at: CommitPoint.stageLook.fault)
        guard let status else { throw SystemError("statx", again.other, SystemError.notThere) }
        again.inode = status.inode
        try journal.appendDurably(
            .restage(commit: commit.sequence, step: UInt32(index), slot: again.other, inode: again.inode)
        )
        return again
    }

    /// The step with a slot that holds its new content, and is flushed.
    ///
    /// What lies in the slot counts only where it was flushed before the record was written. All else is written anew
    /// from the record, because the flush that it had coming may have failed.
    private func stageAgain(
        _ step: RecordStep,
        index: Int,
        of commit: UnretiredCommit
    ) throws(SystemError) -> (step: RecordStep, copied: FileAttributes?) {
        let isWhole = try observe(step.other, in: shadow, knownSizes, at: .recoveryLook) == .file(step.identity)
        if step.contents == .inSlot && isWhole { return (step, try copyAttributesAgain(step)) }
        guard let contents = try contents(of: step) else {
            throw SystemError("open", step.other, SystemError.notThere)
        }
        var again = step
        do throws(SystemError) {
            again.other = freeSlots()(index)
            let written = try writeSlot(
                again.other, contents, attributesOf: step.kind == .replaceFile ? step.place : nil)
            try disk.flush(written.file, at: CommitPoint.stageFlush.fault)
            again.inode = try disk.status(of: written.file, at: CommitPoint.stageLook.fault).inode
            try journal.appendDurably(
                .restage(commit: commit.sequence, step: UInt32(index), slot: again.other, inode: again.inode)
            )
            return (again, written.replaced.map(FileAttributes.init))
        } catch {
            guard error.isFull && isWhole,
                let file = try disk.openIfPresent(step.other, in: shadow, .read, at: CommitPoint.recoveryLook.fault)
            else { throw error }
            try disk.flush(file, at: CommitPoint.stageFlush.fault)
            return (step, nil)
        }
    }

    /// A content that was staged before the crash has the attributes that the file had then.
    private func copyAttributesAgain(_ step: RecordStep) throws(SystemError) -> FileAttributes? {
        let point = CommitPoint.stageAttributes.fault
        guard step.kind == .replaceFile, let old = try disk.openIfPresent(step.place, in: tree, .read, at: point),
            let new = try disk.openIfPresent(step.other, in: shadow, .read, at: point)
        else { return nil }
        let attributes = FileAttributes(try disk.status(of: old, at: point))
        if attributes == FileAttributes(try disk.status(of: new, at: point)) { return attributes }
        try disk.copyAttributes(from: old, to: new, areOwned: false, at: point)
        try disk.flush(new, at: CommitPoint.stageFlush.fault)
        return attributes
    }

    /// Empties the slots of a group that recovery is done with: our own bytes and an unchanged base go, anything else
    /// is kept.
    private func clearSlots(
        of commit: UnretiredCommit,
        _ isComplete: Bool,
        _ history: PathHistory
    ) throws(SystemError) -> [KeptFile] {
        var kept: [KeptFile] = []
        let operations = commit.record.operations
        for step in commit.record.steps where step.kind != .moveFolder {
            try discardOwn(step)
            if isComplete && step.kind == .replaceFile {
                let known = history.files(at: step.place)
                if let file = try release(step, operations, knownSizes, orAnyOf: known) { kept.append(file) }
            } else if try observe(step.other, in: shadow, knownSizes, at: .recoveryLook) != .absent {
                kept.append(try keep(step.other, in: shadow, place: step.place, for: operations))
            }
        }
        return kept
    }
}

import CommitDirectory
import LinuxFiles
import PackerModel

extension JournalSource {
    /// A walk is repeated when the writer moved folders during it, but not for ever.
    private static let walkTries = 20

    /// What a walk found, and what it knows of the writer.
    struct Walk {
        var scan: ScannedWorkspace
        /// What the scan tells of the journal; nil where the journal could not be read.
        var mark: JournalFollower.Mark?
        /// Records of the walk's own time were overwritten unread.
        var hasGap = false
        var failure: SystemError?
    }

    /// Reads the disk and the journal until both tell one story, so that no half of a commit is ever seen.
    func walk(_ scan: () -> ScannedWorkspace) -> Walk {
        do throws(SystemError) {
            for _ in 1..<Self.walkTries {
                if let result = try tryWalk(scan, isLast: false) { return result }
            }
            if let result = try tryWalk(scan, isLast: true) { return result }
            return Walk(scan: scan())
        } catch {
            return Walk(scan: scan(), failure: error)
        }
    }

    private func tryWalk(_ scan: () -> ScannedWorkspace, isLast: Bool) throws(SystemError) -> Walk? {
        // What the writer has finished by now stands on disk; what it has not is told again.
        _ = try follower.poll()
        var result = Walk(scan: scan())
        let since = MonotonicClock.now()
        var finished: [JournalFollower.Commit] = []
        while true {
            // Each is told once: what an earlier poll told is kept.
            let update = try follower.poll()
            finished.removeAll { update.takenBack.contains($0.sequence) }
            finished += update.commits.filter(\.isFinished)
            result.hasGap = result.hasGap || update.gap != nil
            let unfinished = update.commits.last.flatMap { $0.isFinished ? nil : $0 }
            let isWaiting = unfinished.map { !isVisible($0) } ?? false
            if isWaiting && MonotonicClock.now() - since < Self.patience {
                pauseBriefly()
                continue
            }
            let moved = finished.contains(where: \.movesFolders) || (!isWaiting && unfinished?.movesFolders == true)
            // A folder that moved during the walk may have been seen twice or not at all.
            if (moved || result.hasGap) && !isLast { return nil }
            let adopted = unfinished.flatMap { follower.adopt($0) ? $0 : nil }
            let changes = JournaledChanges(assets: assets, disk: disk)
            for commit in finished + [adopted].compactMap({ $0 }) { changes.apply(commit, to: &result.scan) }
            result.mark = update.mark
            return result
        }
    }

    /// A writer's swap takes microseconds: nothing tells when it is over but looking again.
    private func pauseBriefly() {
        _ = Guarded(()).wait(until: MonotonicClock.now() + 1_000_000) { _ -> Void? in nil }
    }
}

extension JournalFollower.Commit {
    var movesFolders: Bool { changes.contains { if case .moveFolder = $0 { true } else { false } } }
}

import CommitDirectory
import LinuxFiles
import PackerModel

extension JournalSource {
    /// A walk is repeated when the writer moved folders during it, but not for ever.
    private static let walkTries = 20

    /// Reads the disk and the journal until both tell one story, so that no half of a commit is ever seen.
    func walk(_ scan: () -> ScannedWorkspace) -> ScannedWorkspace {
        for attempt in 1...Self.walkTries {
            // What the writer has finished by now stands on disk; what it has not is told again.
            _ = poll()
            var result = scan()
            let since = MonotonicClock.now()
            var finished: [JournalFollower.Commit] = []
            var hasGap = false
            while true {
                // Each is told once: what an earlier poll told is kept.
                let update = poll() ?? JournalFollower.Update()
                finished += update.commits.filter(\.isFinished)
                hasGap = hasGap || update.hasGap
                let unfinished = update.commits.last.flatMap { $0.isFinished ? nil : $0 }
                let isWaiting = unfinished.map { !isVisible($0) } ?? false
                let isPatient = MonotonicClock.now() - since < Self.patience
                if isWaiting && isPatient {
                    pauseBriefly()
                    continue
                }
                let seen = finished + [unfinished].compactMap { $0 }
                let moved = finished.contains(where: \.movesFolders) || (!isWaiting && unfinished?.movesFolders == true)
                // A folder that moved during the walk may have been seen twice or not at all.
                if (moved || hasGap) && attempt < Self.walkTries { break }
                if let unfinished { follower.adopt(unfinished) }
                JournaledChanges(assets: assets, disk: disk).apply(seen, to: &result)
                return result
            }
        }
        return scan()
    }

    /// A writer's swap takes microseconds: nothing tells when it is over but looking again.
    private func pauseBriefly() {
        _ = Guarded(()).wait(until: MonotonicClock.now() + 1_000_000) { _ -> Void? in nil }
    }
}

extension JournalFollower.Commit {
    var movesFolders: Bool { changes.contains { if case .moveFolder = $0 { true } else { false } } }
}

import CommitDirectory
import LinuxFiles
import PackerModel

extension Opening {
    /// A walk is repeated when the writer moved folders during it, but not for ever.
    private static let scanTries = 5

    /// Opens without the lock, beside a writer or alone. Nothing is written or repaired.
    func runReader(_ opened: @Sendable (Result<PackerProject, PackerError>) -> Void) throws(PackerError) {
        // Without it there is no writer to follow yet.
        let source = JournalSource(assets: assets, disk: disk)
        let first = SnapshotAssembly.assemble(scan(beside: source), session: session, generation: 1)
        let core = makeCore(first.access == .writable ? first.with(access: .readOnly(.openedReadOnly)) : first)
        let queue = LaneQueue(capacity: options.laneCapacity)
        let ledger = core.ledger
        let follow: @Sendable () -> Void = {
            ledger.pause()
            queue.noteJournal()
        }
        if let source { ledger.flagOnly(when: source.settledCheck(onNews: follow)) }
        report(RecoveryReport(), core)
        let link = MonitorLink()
        do throws(PackerError) {
            try link.start(core, onJournal: follow)
        } catch {
            ledger.stop()
            throw error
        }
        let end = Guarded(PackerProject.EndState())
        opened(.success(PackerProject(path: path, core: core, queue: queue, watch: link, end: end)))
        // What the writer did before the watch was armed raised no event.
        follow()
        let lane = FollowLane(core: core, queue: queue, source: source)
        lane.run()
        lane.finish()
        finish(core, link, end)
    }

    /// Reads the disk and the journal until both tell one story.
    private func scan(beside source: JournalSource?) -> ScannedWorkspace {
        guard let source else { return scan() }
        for attempt in 1...Self.scanTries {
            let before = source.poll()?.commits ?? []
            var result = scan()
            let since = MonotonicClock.now()
            while true {
                let update = source.poll() ?? JournalFollower.Update()
                let unfinished = update.commits.last.flatMap { $0.isFinished ? nil : $0 }
                let isWaiting = unfinished.map { !source.isVisible($0) } ?? false
                let isPatient = MonotonicClock.now() - since < JournalSource.patience
                if isWaiting && isPatient {
                    pauseBriefly()
                    continue
                }
                let moved = !isWaiting && update.commits.contains(where: \.movesFolders)
                // A folder that moved during the walk may have been seen twice or not at all.
                if (moved || update.hasGap) && attempt < Self.scanTries { break }
                if let unfinished { source.follower.adopt(unfinished) }
                let known = before.filter { $0.isFinished && !$0.movesFolders }
                JournaledChanges(assets: assets, disk: disk).apply(known + update.commits, to: &result)
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

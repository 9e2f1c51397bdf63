import CommitDirectory
import LinuxFiles
import PackerModel

extension Opening {
    /// Opens without the lock, beside a writer or alone. Nothing is written or repaired.
    func runReader(_ opened: @Sendable (Result<PackerProject, PackerError>) -> Void) throws(PackerError) {
        let source = JournalSource(assets: assets, disk: disk)
        let walk = source.walk { scan() }
        let first = SnapshotAssembly.assemble(
            walk.scan, session: session, generation: 1, pairs: SideBySide())
        let core = makeCore(first.access == .writable ? first.with(access: .readOnly(.openedReadOnly)) : first)
        let queue = LaneQueue(capacity: options.laneCapacity)
        let ledger = core.ledger
        let follow: @Sendable () -> Void = {
            queue.noteJournal()
            // The lane may be busy for longer than the writer needs to come round.
            source.collect()
        }
        ledger.flagOnly(when: source.settledCheck(onNews: follow))
        if let mark = walk.mark { source.noteSettled(mark) }
        if walk.hasGap { ledger.doubt(.overwritten) }
        report(RecoveryReport(), core)
        let link = MonitorLink()
        do throws(PackerError) {
            try link.start(assets, disk, onJournal: follow)
        } catch {
            ledger.stop()
            throw error
        }
        link.connect(ledger)
        let end = Guarded(PackerProject.EndState())
        opened(.success(PackerProject(path: path, core: core, queue: queue, watch: link, end: end)))
        // What the writer did before the watch was armed raised no event.
        follow()
        let lane = FollowLane(core: core, queue: queue, source: source)
        lane.run()
        lane.finish()
        finish(core, link, end)
    }
}

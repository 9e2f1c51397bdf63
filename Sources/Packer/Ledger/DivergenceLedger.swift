import LinuxFiles
import PackerModel
import TreeMonitor
import WorkspaceFormat

/// Compares dirty paths with the snapshot, on a thread of its own, and says what differs. It writes nothing.
final class DivergenceLedger: Sendable {
    private let assets: Handle
    private let disk: any Disk
    private let publisher: EventPublisher
    private let snapshot: @Sendable () -> Snapshot
    private let state: Guarded<LedgerState>
    private let thread = Guarded<DedicatedThread?>(nil)
    /// The snapshot of the last publication: what the ledger compared with before a refresh.
    private let compared: Guarded<Snapshot>
    /// Asked before anything is flagged; set before the start where a writer's journal is followed.
    private let isJournalFollowed = Guarded<(@Sendable ([BytePath]) -> Bool)?>(nil)

    init(
        assets: Handle, disk: any Disk, options: PackerOptions, publisher: EventPublisher,
        snapshot: @escaping @Sendable () -> Snapshot
    ) {
        self.assets = assets
        self.disk = disk
        self.publisher = publisher
        self.snapshot = snapshot
        compared = Guarded(snapshot())
        state = Guarded(
            LedgerState(
                settleTime: options.settleTime.nanoseconds, settleLimit: options.settleLimit.nanoseconds
            ))
    }

    /// Starts the thread, which begins with reading every input.
    func start() {
        thread.withLock { $0 = DedicatedThread(name: "packer-ledger") { [self] in run() } }
    }

    func stop() {
        state.signal { $0.isStopped = true }
        thread.withLock { $0 }?.join()
        state.withLock { $0.letGo() }
        // It holds what holds the ledger.
        isJournalFollowed.withLock { $0 = nil }
    }

    // MARK: From the monitor's thread

    func hint(_ hint: TreeHint) {
        state.signal { $0.hint(hint, now: MonotonicClock.now()) }
    }

    /// Calls `done` once everything hinted so far has been looked at.
    func barrier(_ done: @escaping @Sendable () -> Void) {
        let isTaken = state.signal { $0.addBarrier(done) }
        if !isTaken { done() }
    }

    // MARK: From the lane's thread

    /// These paths, and everything beneath them, are not looked at until `end`.
    func begin(_ paths: [BytePath]) {
        state.withLock { $0.begin(paths) }
    }

    /// After the publication or the abort: each path is looked at once.
    func end(_ paths: [BytePath], changedRoots: [AssetRoot] = []) {
        let published = snapshot()
        compared.withLock { $0 = published }
        state.signal { state in
            state.queueDigests(of: changedRoots)
            state.end(paths, now: MonotonicClock.now())
        }
    }

    /// After a refresh of one asset.
    func refreshed(_ path: BytePath) {
        state.withLock { state in
            state.outdate(path)
            state.vouch(for: [path])
        }
    }

    /// After a refresh of everything.
    func snapshotReplaced() {
        let new = snapshot()
        let old = compared.withLock { compared in
            defer { compared = new }
            return compared
        }
        // A declaration that the walk met as absent may have come back before it was published, when it was still
        // expected: no look since then would find it.
        var dropped: [BytePath] = []
        old.forEachAsset {
            if new.asset(at: $0.root) == nil { dropped.append(BytePath($0.declarationPath)) }
            return true
        }
        queueAllDigests()
        state.signal { $0.snapshotReplaced(dropped: dropped, now: MonotonicClock.now()) }
    }

    // MARK: While a writer's journal is followed

    /// Before a difference is flagged, `isFollowed` must answer that the writer's journal tells nothing new of these
    /// paths: what was seen may be the writer's own commit. Where it answers no, it sees to it that the journal is read.
    func flagOnly(when isFollowed: @escaping @Sendable ([BytePath]) -> Bool) {
        isJournalFollowed.withLock { $0 = isFollowed }
    }

    /// Nothing is looked at before `resume`.
    func pause() { state.withLock { $0.isPaused = true } }
    func resume() { state.signal { $0.resume() } }

    /// From now on a difference may be a commit of the writer's that nobody told of.
    func doubt(_ doubt: WriterDoubt) {
        state.signal { state in
            if state.doubt(doubt) { publisher.publish(.coverageChanged(state.announced)) }
        }
    }

    /// What stands at these paths was told by the writer since.
    func vouch(for paths: [BytePath]) { state.withLock { $0.vouch(for: paths) } }

    /// The journal can be read again, and tells everything.
    func sees() { state.signal { $0.sees(now: MonotonicClock.now()) } }

    private func queueAllDigests() {
        let roots = roots(where: \.hasInputs)
        state.signal { $0.queueDigests(of: roots) }
    }

    private func roots(where isWanted: (Asset) -> Bool = { _ in true }) -> [AssetRoot] {
        var roots: [AssetRoot] = []
        snapshot().forEachAsset {
            if isWanted($0) { roots.append($0.root) }
            return true
        }
        return roots
    }

    // MARK: From anywhere

    var report: DivergenceReport {
        state.withLock { state in
            DivergenceReport(
                divergences: state.flags.sorted { $0.key < $1.key }.map(\.value), sequence: publisher.lastSequence,
                coverage: state.announced
            )
        }
    }

    var coverage: Coverage { state.withLock(\.announced) }

    /// The flagged paths that one of these is, holds or lies beneath.
    func flagged(among paths: [BytePath]) -> [Divergence] {
        state.withLock { state in
            if state.flags.isEmpty { return [] }
            return state.standingFlags.filter { flag in
                paths.contains { $0.contains(flag.key) || flag.key.contains($0) }
            }.values.sorted { $0.path < $1.path }
        }
    }

    // MARK: The ledger's thread

    private func run() {
        queueAllDigests()
        var look = LedgerLook(assets: assets, disk: disk) { [state] in state.withLock { !$0.isStopped } }
        while true {
            let job = nextJob()
            look.begin()
            switch job {
            case .stop(let barriers):
                for done in barriers { done() }
                return
            case .announceCoverage:
                state.withLock { state in
                    state.coverageIsBelieved()
                    publisher.publish(.coverageChanged(state.announced))
                }
            case .finishBarriers(let barriers):
                for done in barriers { done() }
            case .look(let path, let isHinted, let flagged, let epoch):
                self.look(at: path, .deep, isHinted: isHinted, flagged: flagged, &look, since: epoch)
            case .lookInside(let folders, let epoch): self.look(inside: folders, &look, since: epoch)
            case .digest(let root, let epoch):
                digestInputs(of: root, &look, since: epoch)
            }
        }
    }

    private func look(
        at path: BytePath, _ scope: Snapshot.ExpectationScope, isHinted: Bool, flagged: [BytePath],
        _ look: inout LedgerLook, since epoch: UInt64
    ) {
        let snapshot = snapshot()
        var findings: [LedgerState.Finding] = []
        var undigested = Set<AssetRoot>()
        for file in look.candidates(at: path, scope, in: snapshot, flagged: flagged) {
            let known = state.withLock { $0.digest(of: file) }
            let finding = look.compare(file, known: known, isHinted: isHinted && BytePath(file.path) == path)
            findings.append(finding)
            // One that differs already has nothing to read: its earlier bytes are gone.
            let isAsExpected = finding.divergence == nil && file.fingerprint?.kind == .file
            if file.role == .input, known == nil, isAsExpected, let root = file.root { undigested.insert(root) }
        }
        let stray = isHinted && findings.allSatisfy { $0.path != path } ? look.linkedInode(at: path) : nil
        if let failure = look.failure {
            state.withLock { $0.postpone(path, reason: "\(failure)", now: MonotonicClock.now()) }
            return
        }
        settle(findings, of: path, since: epoch, undigested: undigested)
        if let stray {
            state.withLock { $0.linkedElsewhere(stray, all: { roots() }, now: MonotonicClock.now()) }
        }
    }

    /// Looks at what lies directly in folders. Most are as they should be, and that is seen without a list of what
    /// should be there; the others are looked at one by one.
    private func look(inside folders: [BytePath], _ look: inout LedgerLook, since epoch: UInt64) {
        var (quiet, others) = look.quietFolders(among: folders, in: snapshot())
        // Flags are changed by this thread alone, and not since the look.
        others += state.withLock { $0.settle(quiet, since: epoch, now: MonotonicClock.now()) }
        for folder in others {
            let flagged: [BytePath]? = state.withLock { $0.isStopped ? nil : $0.flags(beneath: folder) }
            guard let flagged else { return }
            look.begin()
            self.look(at: folder, .direct, isHinted: false, flagged: flagged, &look, since: epoch)
        }
    }

    private func nextJob() -> LedgerState.Job {
        while true {
            var due = UInt64.max
            let take: (inout LedgerState) -> LedgerState.Job? = { state in
                let job = state.nextJob(now: MonotonicClock.now())
                due = state.nextDue
                return job
            }
            if let job = state.withLock(take) { return job }
            // Wakes for what is due, or for any hint that makes something due sooner.
            let seen = due
            let isDue: (inout LedgerState) -> Bool? = { state in
                state.nextDue < seen || state.hasWork ? true : nil
            }
            if due == .max { _ = state.wait(isDue) } else { _ = state.wait(until: due, isDue) }
        }
    }

    /// Takes findings over, unless the lane changed the path meanwhile: then it is looked at again.
    private func settle(
        _ findings: [LedgerState.Finding], of path: BytePath, since epoch: UInt64, undigested: Set<AssetRoot>
    ) {
        // Asked after the look: a record is written before its first effect.
        let differing = findings.filter { $0.divergence != nil }.map(\.path)
        let isSettled = differing.isEmpty || (isJournalFollowed.withLock { $0 }?(differing) ?? true)
        state.withLock { state in
            // A reading that was broken off says nothing.
            if state.isStopped { return }
            if !isSettled || state.isOvertaken(path, since: epoch) {
                state.lookAgain(path, now: MonotonicClock.now())
                return
            }
            // An input that is still to be read has not succeeded by a look at its record.
            if undigested.isEmpty || findings.allSatisfy({ $0.path != path }) { state.succeeded(path) }
            if !undigested.isEmpty { state.queueUnread(of: undigested) }
            // Published with the lock held, so that a report and its sequence agree.
            for change in state.apply(findings) {
                switch change {
                case .detected(let flag): publisher.publish(.divergenceDetected(flag))
                case .changed(let flag): publisher.publish(.divergenceChanged(flag))
                case .cleared(let flag): publisher.publish(.divergenceCleared(flag))
                }
            }
        }
    }

    /// Reads an asset's inputs, so that a later edit that is taken back can be told from one that is not. One that was
    /// read before and has the same record still is not read again.
    private func digestInputs(of root: AssetRoot, _ look: inout LedgerLook, since epoch: UInt64) {
        let files = (snapshot().asset(at: root)?.expectedFiles ?? []).filter {
            $0.role == .input && $0.fingerprint?.kind == .file
        }
        for file in state.withLock({ $0.unread(files, of: root) }) {
            let path = BytePath(file.path)
            let reading = look.digestUnchanged(file)
            state.withLock { state in
                if let failure = look.failure {
                    return state.postpone(path, reason: "\(failure)", now: MonotonicClock.now())
                }
                if state.isOvertaken(path, since: epoch) { return }
                switch reading {
                case .known(let digest, let inode, let isLinked):
                    state.succeeded(path)
                    state.remember(digest, of: file, inode: inode, isLinked: isLinked)
                case .changed: state.markDirty(path, now: MonotonicClock.now())
                case .unreadable: state.succeeded(path)
                }
            }
            look.begin()
        }
    }
}

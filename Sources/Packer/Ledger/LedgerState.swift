import DequeModule
import LinuxFiles
import PackerModel
import TreeMonitor

/// What the ledger knows and what it still has to look at. Every change is a function on this value; the ledger
/// keeps it behind one lock.
struct LedgerState {
    struct Dirt {
        var first: UInt64
        var last: UInt64
        /// The kernel reported a change there; otherwise the path is only looked at to make sure.
        var isHinted = false
    }

    enum Job {
        /// `isHinted`: the kernel reported a change at the path itself.
        case look(BytePath, isHinted: Bool, flagged: [BytePath], epoch: UInt64)
        /// Folders that are watched from now on, or have been polled.
        case lookInside([BytePath], epoch: UInt64)
        case digest(AssetRoot, epoch: UInt64)
        case finishBarriers([@Sendable () -> Void])
        case announceCoverage
        case stop([@Sendable () -> Void])
    }

    /// Folders that are looked at together: as many lookups of the lock, and as long a wait for who closes the project.
    private static let armedTogether = 64

    let settleTime: UInt64
    let settleLimit: UInt64

    // What is to be looked at.
    private var dirty: [BytePath: Dirt] = [:]
    /// Dirty paths that have been quiet for long enough.
    private var ready = Deque<(path: BytePath, isHinted: Bool)>()
    private var armed = ArmedFolders()
    private var undigested = Deque<AssetRoot>()
    /// Assets whose files are to be looked at because one of them may have got another name.
    private var swept = Deque<AssetRoot>()
    private var failed = FailedLooks()
    private var linked = LinkedFiles()
    private var barriers: [@Sendable () -> Void] = []
    /// No dirty path is due before this; a lower bound, so that hints need not search for the least.
    private var nextDirty: UInt64 = .max
    var isStopped = false

    // What the lane is changing right now, and what it changed since a look began.
    private var inFlight: [BytePath: Int] = [:]
    private var touched: [BytePath: UInt64] = [:]
    private var epoch: UInt64 = 0
    /// Looks wait while a read-only project's refresh is not told whole.
    var isPaused = false
    private var isLooking = false
    /// Set while a writer's commits cannot be told from foreign edits.
    private var doubted: WriterDoubt?

    // What is known.
    private(set) var flags: [BytePath: Divergence] = [:]
    /// Flags from before a refresh: what they compare with is no longer what the snapshot says.
    private var outdated = Set<BytePath>()
    /// For every folder above a flag, how many there are: most looks are at a path with none beneath it.
    private var flagsBeneath: [BytePath: Int] = [:]
    private var appearedUUIDs: [BytePath: AssetUUID] = [:]
    private var appearedPlaces: [AssetUUID: Set<BytePath>] = [:]
    private var missingUUIDs: [BytePath: AssetUUID] = [:]
    private var missingPlaces: [AssetUUID: Set<BytePath>] = [:]
    /// Of inputs, by root: few each, and there are as many as the project has inputs.
    private var digests: [AssetRoot: [KnownDigest]] = [:]
    private var watch = WatchCoverage.arming
    /// `watch` in the host's terms.
    private var watched = Coverage.starting
    /// Whether every input has been read since the snapshot was last read from disk.
    private var areInputsVerified = false
    private(set) var announced = Coverage.starting

    init(settleTime: UInt64, settleLimit: UInt64) {
        self.settleTime = settleTime
        self.settleLimit = settleLimit
    }

    // MARK: Hints

    mutating func hint(_ hint: TreeHint, now: UInt64) {
        switch hint {
        case .changed(let path): markDirty(path, now: now)
        case .armed(let folder): armed.add(folder)
        case .coverage(let coverage):
            watch = coverage
            watched =
                switch coverage {
                case .arming: .starting
                case .complete: .complete(inputsVerified: true)
                case .verifying(let reason): .verifying(reason: reason)
                case .degraded(let unwatched, let reason):
                    .degraded(unwatched: unwatched.map(\.description), reason: reason)
                case .lost(let reason): .lost(reason: reason)
                }
        }
    }

    /// The earliest time at which there is something to do; a lower bound.
    var nextDue: UInt64 { min(nextDirty, failed.due, linked.due) }

    mutating func markDirty(_ path: BytePath, now: UInt64, isHinted: Bool = true) {
        dirty[path, default: Dirt(first: now, last: now)].last = now
        if isHinted { dirty[path]?.isHinted = true }
        nextDirty = barriers.isEmpty ? min(nextDirty, now + min(settleTime, settleLimit)) : 0
    }

    /// False when nothing is looked at any more.
    mutating func addBarrier(_ done: @escaping @Sendable () -> Void) -> Bool {
        if isStopped { return false }
        barriers.append(done)
        // What happened to these before the call may have raised no event.
        lookAtLinked(now: 0)
        nextDirty = 0
        return true
    }

    mutating func queueDigests(of roots: some Sequence<AssetRoot>) { undigested.append(contentsOf: roots) }

    /// As the other, of inputs that a look found to be unread.
    mutating func queueUnread(of roots: some Sequence<AssetRoot>) {
        // Before the end of the first walk every input that the snapshot knows is in the queue.
        if !isArming { queueDigests(of: roots) }
    }

    // MARK: The lane

    mutating func begin(_ paths: [BytePath]) {
        for path in paths { inFlight[path, default: 0] += 1 }
    }

    mutating func end(_ paths: [BytePath], now: UInt64) {
        epoch += 1
        for path in paths {
            inFlight[path] = inFlight[path].flatMap { $0 > 1 ? $0 - 1 : nil }
            if isLooking { touched[path] = epoch }
            markDirty(path, now: now)
        }
    }

    /// Another snapshot stands for the whole workspace: every flag and every folder is to be looked at again.
    /// - Parameter dropped: declarations that it does not know any more.
    mutating func snapshotReplaced(dropped: [BytePath], now: UInt64) {
        epoch += 1
        areInputsVerified = false
        touched[.root] = epoch
        for path in flags.keys { markDirty(path, now: now) }
        for path in dropped { markDirty(path, now: now) }
        markDirty(.root, now: now)
        outdate(.root)
        doubted = nil
    }

    /// A refresh took what stands at and beneath the path into the snapshot: no command is refused for a flag that
    /// stood there, until a look has confirmed it.
    mutating func outdate(_ path: BytePath) { outdated.formUnion(flags.keys.filter { path.contains($0) }) }

    /// The flags that a command must respect.
    var standingFlags: [BytePath: Divergence] {
        outdated.isEmpty ? flags : flags.filter { !outdated.contains($0.key) }
    }

    mutating func resume() {
        isPaused = false
        // What became due meanwhile was passed over.
        if !dirty.isEmpty { nextDirty = 0 }
    }

    /// - Returns: whether that changes what may be promised.
    mutating func doubt(_ doubt: WriterDoubt) -> Bool {
        if let doubted, doubted.outlasts(doubt) { return false }
        doubted = doubt
        defer { announced = coverage }
        return announced != coverage
    }

    mutating func vouch(for paths: [BytePath]) { doubted?.vouch(for: paths) }

    mutating func sees(now: UInt64) {
        guard let doubted, !doubted.isLasting else { return }
        self.doubted = nil
        for path in flags.keys { markDirty(path, now: now, isHinted: false) }
    }

    private func isBusy(_ path: BytePath) -> Bool { isPaused || Self.isBusy(path, inFlight) }

    private static func isBusy(_ path: BytePath, _ inFlight: [BytePath: Int]) -> Bool {
        inFlight.keys.contains { $0.contains(path) || path.contains($0) }
    }

    private func wasTouched(_ path: BytePath, since start: UInt64) -> Bool {
        touched.contains { $0.value > start && ($0.key.contains(path) || path.contains($0.key)) }
    }

    // MARK: Jobs

    /// The next thing to do; nil when there is nothing before `nextDue`.
    mutating func nextJob(now: UInt64) -> Job? {
        if isStopped {
            defer { barriers = [] }
            return .stop(barriers)
        }
        isLooking = false
        if inFlight.isEmpty { touched = [:] }
        for path in failed.takeDue(now: now) { markDirty(path, now: 0) }
        if linked.due <= now { lookAtLinked(now: now) }
        let folders = takeArmed()
        if !folders.isEmpty {
            isLooking = true
            return .lookInside(folders, epoch: epoch)
        }
        if let (path, isHinted) = popDue(now: now) {
            isLooking = true
            return .look(path, isHinted: isHinted, flagged: flags(beneath: path), epoch: epoch)
        }
        if let path = popSwept() {
            isLooking = true
            return .look(path, isHinted: false, flagged: flags(beneath: path), epoch: epoch)
        }
        if armed.isEmpty, coverage != announced, isQuiet || !isDistrusted { return .announceCoverage }
        if !isArming, let root = undigested.popFirst() {
            isLooking = true
            return .digest(root, epoch: epoch)
        }
        if !areInputsVerified, watch == .complete {
            areInputsVerified = true
            return .announceCoverage
        }
        if !barriers.isEmpty, isQuiet {
            defer { barriers = [] }
            return .finishBarriers(barriers)
        }
        return nil
    }

    /// Whether there is something to do that does not wait for a time.
    var hasWork: Bool {
        isStopped || (!isArming && !undigested.isEmpty) || (!areInputsVerified && watch == .complete)
            || armed.contains { !isBusy($0) } || (armed.isEmpty && coverage != announced && (isQuiet || !isDistrusted))
            || (!barriers.isEmpty && isQuiet) || swept.contains { !isBusy(BytePath($0.path)) }
    }

    private mutating func takeArmed() -> [BytePath] {
        let inFlight = inFlight
        return isPaused ? [] : armed.take(Self.armedTogether) { !Self.isBusy($0, inFlight) }
    }

    private mutating func popSwept() -> BytePath? {
        guard let index = swept.firstIndex(where: { !isBusy(BytePath($0.path)) }) else { return nil }
        return BytePath(swept.remove(at: index).path)
    }

    private mutating func popDue(now: UInt64) -> (BytePath, isHinted: Bool)? {
        if ready.isEmpty && now >= nextDirty { collectDue(now: now) }
        while let next = ready.popFirst() {
            if !isBusy(next.path) { return next }
            // What the lane is changing is looked at when it has finished.
            markDirty(next.path, now: now, isHinted: next.isHinted)
        }
        return nil
    }

    private mutating func collectDue(now: UInt64) {
        let isHurried = !barriers.isEmpty
        nextDirty = .max
        for (path, dirt) in dirty where !isBusy(path) {
            let due = isHurried ? 0 : min(dirt.last + settleTime, dirt.first + settleLimit)
            if due <= now { ready.append((path, dirt.isHinted)) } else { nextDirty = min(nextDirty, due) }
        }
        for (path, _) in ready { dirty[path] = nil }
    }

    /// Until the first walk is over inputs are not read: that would only delay it.
    private var isArming: Bool { watch == .arming }

    private var isDistrusted: Bool { if case .verifying = announced { true } else { false } }

    private var isQuiet: Bool { armed.isEmpty && dirty.isEmpty && ready.isEmpty && swept.isEmpty }

    /// Takes folders over in which everything was found as expected. Answers those of which that is not all there is to
    /// say: something is flagged there, or known that the snapshot does not know.
    mutating func settle(_ folders: [QuietFolder], since start: UInt64, now: UInt64) -> [BytePath] {
        var others: [BytePath] = []
        for folder in folders {
            if isOvertaken(folder.path, since: start) {
                lookAgain(folder.path, now: now)
            } else if linked.hasMet || flags[folder.path] != nil || flagsBeneath[folder.path] != nil
                || folder.asset.map({ digests[$0] != nil }) ?? false
            {
                others.append(folder.path)
            } else {
                succeeded(folder.path)
                if let asset = folder.asset { queueUnread(of: CollectionOfOne(asset)) }
            }
        }
        return others
    }

    /// What is flagged at a path and beneath it.
    func flags(beneath path: BytePath) -> [BytePath] {
        var found = flags[path] == nil ? [] : [path]
        if flagsBeneath[path] != nil { found += flags.keys.filter { $0 != path && path.contains($0) } }
        return found
    }

    /// Puts a look back that the lane overtook, or that met a file in the middle of being written.
    mutating func lookAgain(_ path: BytePath, now: UInt64) { markDirty(path, now: now) }

    // MARK: What no event tells

    /// What was found there is not to be believed: it is looked at again after a while, and until then nothing is
    /// promised. A barrier does not wait for it.
    mutating func postpone(_ path: BytePath, reason: String, now: UInt64) {
        failed.add(path, reason: reason, now: now)
    }

    mutating func succeeded(_ path: BytePath) { failed.remove(path) }

    private mutating func lookAtLinked(now: UInt64) {
        for path in linked.takeAll(now: MonotonicClock.now()) { markDirty(path, now: now, isHinted: false) }
    }

    /// A file with several names changed at a place where nothing is expected.
    /// - Parameter all: every asset's root; asked for where another name of the file may be expected, and is not known.
    mutating func linkedElsewhere(_ inode: UInt64, all: () -> [AssetRoot], now: UInt64) {
        switch linked.meet(inode) {
        case .known(let paths): for path in paths { markDirty(path, now: now) }
        case .unknown:
            swept = Deque(all())
            for path in flags.keys { markDirty(path, now: now, isHinted: false) }
        case .unrelated: break
        }
    }

    func isOvertaken(_ path: BytePath, since start: UInt64) -> Bool {
        isBusy(path) || wasTouched(path, since: start)
    }

    // MARK: Findings

    /// What was found at one path.
    struct Finding {
        var path: BytePath
        var divergence: Divergence?
        /// Of a plain file that stands there.
        var file: (inode: UInt64, isLinked: Bool)?
        /// Of a declaration that appeared.
        var appearedUUID: AssetUUID?
        /// That a missing declaration should have.
        var missingUUID: AssetUUID?
    }

    enum Change {
        case detected(Divergence)
        case changed(Divergence)
        case cleared(Divergence)
    }

    mutating func apply(_ findings: [Finding]) -> [Change] {
        var changes: [Change] = []
        var affected = Set<AssetUUID>()
        for finding in findings {
            linked.note(finding.path, finding.file)
            affected.formUnion(index(finding))
            if let change = setFlag(finding) { changes.append(change) }
        }
        for uuid in affected { changes += followMoves(of: uuid) }
        return changes
    }

    private mutating func setFlag(_ finding: Finding) -> Change? {
        let path = finding.path
        if !outdated.isEmpty { outdated.remove(path) }
        guard var new = finding.divergence else {
            guard let old = flags.removeValue(forKey: path) else { return nil }
            count(path, -1)
            return .cleared(old)
        }
        if let doubted, doubted.covers(path), new.observed != flags[path]?.observed || flags[path]!.isUnverified {
            new.isUnverified = true
        }
        guard let old = flags[path] else {
            flags[path] = new
            count(path, 1)
            return .detected(new)
        }
        new.since = old.since
        // Which of "missing" and "moved" it is, is decided where both ends are known.
        if case .moved = old.kind, finding.missingUUID != nil { new.kind = old.kind }
        flags[path] = new
        return old.hasSameNature(as: new) ? nil : .changed(new)
    }

    private mutating func count(_ path: BytePath, _ change: Int) {
        var folder = path
        while !folder.isRoot {
            folder = folder.parent
            let left = (flagsBeneath[folder] ?? 0) + change
            flagsBeneath[folder] = left == 0 ? nil : left
        }
    }

    /// Keeps who is missing and who appeared findable by uuid; answers the uuids for which that changed.
    private mutating func index(_ finding: Finding) -> [AssetUUID] {
        var affected: [AssetUUID] = []
        let appeared = finding.divergence?.kind == .appeared ? finding.appearedUUID : nil
        if appearedUUIDs[finding.path] != appeared {
            if let old = appearedUUIDs[finding.path] {
                appearedPlaces[old]?.remove(finding.path)
                affected.append(old)
            }
            if let appeared {
                appearedPlaces[appeared, default: []].insert(finding.path)
                affected.append(appeared)
            }
            appearedUUIDs[finding.path] = appeared
        }
        if missingUUIDs[finding.path] != finding.missingUUID {
            if let old = missingUUIDs[finding.path] { missingPlaces[old]?.remove(finding.path) }
            if let uuid = finding.missingUUID { missingPlaces[uuid, default: []].insert(finding.path) }
            missingUUIDs[finding.path] = finding.missingUUID
        }
        if let uuid = finding.missingUUID { affected.append(uuid) }
        return affected
    }

    /// A missing declaration whose uuid stands in exactly one new place was moved there.
    private mutating func followMoves(of uuid: AssetUUID) -> [Change] {
        let places = appearedPlaces[uuid] ?? []
        let kind: Divergence.Kind =
            places.count == 1 ? .moved(to: AssetRoot(onDisk: places.first!.parent.text ?? "")) : .missing
        return (missingPlaces[uuid] ?? []).compactMap { path in
            guard var flag = flags[path], flag.kind != kind else { return nil }
            flag.kind = kind
            flags[path] = flag
            return .changed(flag)
        }
    }

    func digest(of file: ExpectedFile) -> KnownDigest? {
        guard let root = file.root, let wanted = file.fingerprint, let known = digests[root] else { return nil }
        return known.first { $0.isOf(file.path, wanted) }
    }

    mutating func remember(_ digest: KnownDigest, of file: ExpectedFile, inode: UInt64, isLinked: Bool) {
        if let root = file.root {
            var known = digests[root] ?? []
            known.removeAll { $0.isOfSamePath(as: digest) }
            // As long as it has to be, and no longer.
            digests[root] = known + [digest]
        }
        linked.note(BytePath(file.path), (inode, isLinked))
    }

    /// After the end: who still holds the project can ask for the flags, and nothing else is needed any more.
    mutating func letGo() {
        (dirty, ready, armed, swept) = ([:], [], ArmedFolders(), [])
        undigested = []
        digests = [:]
    }

    /// Forgets what is no digest of these, the root's inputs, and answers those that have none.
    mutating func unread(_ files: [ExpectedFile], of root: AssetRoot) -> [ExpectedFile] {
        guard let known = digests[root] else { return files }
        var kept: [KnownDigest] = []
        let unread = files.filter { file in
            guard let digest = digest(of: file) else { return true }
            kept.append(digest)
            return false
        }
        if kept.count < known.count { digests[root] = kept.isEmpty ? nil : kept }
        return unread
    }

    // MARK: Coverage

    mutating func coverageIsBelieved() { announced = coverage }

    /// What may be promised now: complete only once every armed folder has been looked at.
    var coverage: Coverage {
        if let doubted {
            if case .degraded(_, let reason) = watched { return doubted.coverage(beside: reason) }
            if watch == .complete { return doubted.coverage() }
        }
        guard watch == .complete else { return watched }
        if !armed.isEmpty { return announced }
        if let reason = failed.reason { return .verifying(reason: reason) }
        if !linked.isEmpty { return linked.coverage }
        return areInputsVerified ? watched : .complete(inputsVerified: false)
    }
}

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
    }

    enum Job {
        case look(BytePath, Snapshot.ExpectationScope, flagged: [BytePath], epoch: UInt64)
        case digest(AssetRoot, epoch: UInt64)
        case finishBarriers([@Sendable () -> Void])
        case announceCoverage
        case stop([@Sendable () -> Void])
    }

    let settleTime: UInt64
    let settleLimit: UInt64

    // What is to be looked at.
    private var dirty: [BytePath: Dirt] = [:]
    /// Dirty paths that have been quiet for long enough.
    private var ready = Deque<BytePath>()
    private var armed = Deque<BytePath>()
    private var undigested = Deque<AssetRoot>()
    private var barriers: [@Sendable () -> Void] = []
    /// No dirty path is due before this; a lower bound, so that hints need not search for the least.
    private(set) var nextDue: UInt64 = .max
    var isStopped = false

    // What the lane is changing right now, and what it changed since a look began.
    private var inFlight: [BytePath: Int] = [:]
    private var touched: [BytePath: UInt64] = [:]
    private var epoch: UInt64 = 0
    /// Looks wait while a writer's journal has changed and has not been read yet.
    private var pauses: UInt64 = 0
    private var resumed: UInt64 = 0
    private var isLooking = false

    // What is known.
    private(set) var flags: [BytePath: Divergence] = [:]
    /// Flags from before a refresh: what they compare with is no longer what the snapshot says.
    private var outdated = Set<BytePath>()
    /// For every folder above a flag, how many there are: most looks are at a path with none beneath it.
    private var flagsBeneath: [BytePath: Int] = [:]
    private var appearedUUIDs: [BytePath: AssetUUID] = [:]
    private var appearedPlaces: [AssetUUID: Set<BytePath>] = [:]
    private var missingPlaces: [AssetUUID: Set<BytePath>] = [:]
    /// Of inputs, with their digests, by root and path.
    private var digests: [AssetRoot: [BytePath: Fingerprint]] = [:]
    private var watch = WatchCoverage.arming
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
        case .armed(let folder): armed.append(folder)
        case .coverage(let coverage):
            watch = coverage
        }
    }

    mutating func markDirty(_ path: BytePath, now: UInt64) {
        dirty[path, default: Dirt(first: now, last: now)].last = now
        nextDue = barriers.isEmpty ? min(nextDue, now + settleTime) : 0
    }

    /// False when nothing is looked at any more.
    mutating func addBarrier(_ done: @escaping @Sendable () -> Void) -> Bool {
        if isStopped { return false }
        barriers.append(done)
        nextDue = 0
        return true
    }

    mutating func queueDigests(of roots: some Sequence<AssetRoot>) { undigested.append(contentsOf: roots) }

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
    mutating func snapshotReplaced(now: UInt64) {
        epoch += 1
        areInputsVerified = false
        touched[.root] = epoch
        for path in flags.keys { markDirty(path, now: now) }
        markDirty(.root, now: now)
        outdate(.root)
    }

    /// A refresh took what stands at and beneath the path into the snapshot: no command is refused for a flag that
    /// stood there, until a look has confirmed it.
    mutating func outdate(_ path: BytePath) { outdated.formUnion(flags.keys.filter { path.contains($0) }) }

    /// The flags that a command must respect.
    var standingFlags: [BytePath: Divergence] {
        outdated.isEmpty ? flags : flags.filter { !outdated.contains($0.key) }
    }

    mutating func pause() { pauses += 1 }
    var pauseTicket: UInt64 { pauses }
    mutating func resume(upTo ticket: UInt64) {
        resumed = max(resumed, ticket)
        // What became due meanwhile was passed over.
        if !dirty.isEmpty { nextDue = 0 }
    }

    /// What was promised no longer holds until everything has been looked at again.
    mutating func distrust(reason: String) { announced = .verifying(reason: reason) }

    private func isBusy(_ path: BytePath) -> Bool {
        resumed < pauses || inFlight.keys.contains { $0.contains(path) || path.contains($0) }
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
        if let folder = popArmed() {
            isLooking = true
            return .look(folder, .direct, flagged: [], epoch: epoch)
        }
        if let path = popDue(now: now) {
            isLooking = true
            return .look(path, .deep, flagged: flags(beneath: path), epoch: epoch)
        }
        if armed.isEmpty, coverage != announced, isQuiet || !isDistrusted { return .announceCoverage }
        if let root = undigested.popFirst() {
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
        isStopped || !undigested.isEmpty || (!areInputsVerified && watch == .complete)
            || armed.contains { !isBusy($0) } || (armed.isEmpty && coverage != announced && (isQuiet || !isDistrusted))
            || (!barriers.isEmpty && isQuiet)
    }

    private mutating func popArmed() -> BytePath? {
        guard let index = armed.firstIndex(where: { !isBusy($0) }) else { return nil }
        if index == armed.startIndex { return armed.popFirst() }
        return armed.remove(at: index)
    }

    private mutating func popDue(now: UInt64) -> BytePath? {
        if ready.isEmpty && now >= nextDue { collectDue(now: now) }
        while let path = ready.popFirst() {
            if !isBusy(path) { return path }
            // What the lane is changing is looked at when it has finished.
            dirty[path] = dirty[path] ?? Dirt(first: now, last: now)
        }
        return nil
    }

    private mutating func collectDue(now: UInt64) {
        let isHurried = !barriers.isEmpty
        nextDue = .max
        for (path, dirt) in dirty where !isBusy(path) {
            let due = isHurried ? 0 : min(dirt.last + settleTime, dirt.first + settleLimit)
            if due <= now { ready.append(path) } else { nextDue = min(nextDue, due) }
        }
        for path in ready { dirty[path] = nil }
    }

    private var isDistrusted: Bool { if case .verifying = announced { true } else { false } }

    private var isQuiet: Bool { armed.isEmpty && dirty.isEmpty && ready.isEmpty }

    private func flags(beneath path: BytePath) -> [BytePath] {
        var found = flags[path] == nil ? [] : [path]
        if flagsBeneath[path] != nil { found += flags.keys.filter { $0 != path && path.contains($0) } }
        return found
    }

    /// Puts a look back that the lane overtook, or that met a file in the middle of being written.
    mutating func lookAgain(_ path: BytePath, now: UInt64) { markDirty(path, now: now) }

    func isOvertaken(_ path: BytePath, since start: UInt64) -> Bool {
        isBusy(path) || wasTouched(path, since: start)
    }

    // MARK: Findings

    /// What was found at one path.
    struct Finding {
        var path: BytePath
        var divergence: Divergence?
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
            affected.formUnion(index(finding))
            if let change = setFlag(finding.divergence, at: finding.path) { changes.append(change) }
        }
        for uuid in affected { changes += followMoves(of: uuid) }
        return changes
    }

    private mutating func setFlag(_ new: Divergence?, at path: BytePath) -> Change? {
        outdated.remove(path)
        guard var new else {
            guard let old = flags.removeValue(forKey: path) else { return nil }
            count(path, -1)
            return .cleared(old)
        }
        guard let old = flags[path] else {
            flags[path] = new
            count(path, 1)
            return .detected(new)
        }
        new.since = old.since
        // Which of "missing" and "moved" it is, is decided where both ends are known.
        if case .moved = old.kind, new.kind == .missing { new.kind = old.kind }
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
        if let uuid = finding.missingUUID {
            if finding.divergence?.kind == .missing {
                missingPlaces[uuid, default: []].insert(finding.path)
            } else {
                missingPlaces[uuid]?.remove(finding.path)
            }
            affected.append(uuid)
        }
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

    func digest(of file: ExpectedFile) -> Fingerprint.Digest? {
        guard let root = file.root, let wanted = file.fingerprint, let known = digests[root]?[BytePath(file.path)],
            known.hasSameRecord(as: wanted)
        else { return nil }
        return known.digest
    }

    mutating func remember(_ fingerprint: Fingerprint, of file: ExpectedFile) {
        if let root = file.root { digests[root, default: [:]][BytePath(file.path)] = fingerprint }
    }

    mutating func forgetDigests(of root: AssetRoot) { digests[root] = nil }

    // MARK: Coverage

    mutating func coverageIsBelieved() { announced = coverage }

    /// What may be promised now: complete only once every armed folder has been looked at.
    var coverage: Coverage {
        switch watch {
        case .arming: .starting
        case .complete: armed.isEmpty ? .complete(inputsVerified: areInputsVerified) : announced
        case .verifying(let reason): .verifying(reason: reason)
        case .degraded(let unwatched, let reason):
            .degraded(unwatched: unwatched.map(\.description), reason: reason)
        case .lost(let reason): .lost(reason: reason)
        }
    }
}

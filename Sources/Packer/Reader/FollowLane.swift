import CommitDirectory
import LinuxFiles
import PackerModel

/// The lane of a read-only project: it writes nothing, refreshes on request, and follows a writer's journal, so
/// that the writer's commits are not taken for foreign edits. Belongs to the lane's own thread.
///
/// The snapshot changes by the journal's word and by a refresh alone. Where the journal's word is missing, the
/// snapshot stays, and what differs from it is in doubt.
final class FollowLane {
    private let core: ProjectCore
    private let queue: LaneQueue
    private let source: JournalSource
    /// A commit that the writer has not finished: its paths are not looked at meanwhile.
    private var pending: (sequence: UInt64, paths: [BytePath], since: UInt64)?
    /// The newest commit, where it was taken over before the writer was done with it: it may still be taken back.
    private var hasty: (sequence: UInt64, paths: [BytePath], before: ScannedWorkspace)?
    /// The journal could not be read when it was last tried.
    private var isBlind = false
    /// The last walk of a refresh.
    private var walked: JournalSource.Walk?

    /// How often an unfinished commit is looked at again.
    private static let pollInterval: UInt64 = 5_000_000
    /// How often a journal that could not be read is tried again.
    private static let blindInterval: UInt64 = 1_000_000_000

    init(core: ProjectCore, queue: LaneQueue, source: JournalSource) {
        self.core = core
        self.queue = queue
        self.source = source
    }

    func run() {
        while true {
            let wait = pending != nil ? Self.pollInterval : isBlind ? Self.blindInterval : nil
            switch queue.next(until: wait.map { MonotonicClock.now() + $0 }) {
            case .requests(let requests):
                for request in requests { carryOut(request) }
                queue.ended()
            case .idle, .journalChanged: follow()
            case .close: return
            }
        }
    }

    func finish() {
        for request in queue.takeRest() { core.cancelled(request) }
    }

    private func carryOut(_ request: LaneQueue.Request) {
        guard core.start(request) else { return }
        switch request {
        case .refresh(let operation, let target): refresh(operation, target)
        case .mutate(let operation, _), .apply(let operation, _): core.failed(operation, .openedReadOnly)
        case .preview(let mutations, let done):
            var planner = LanePlanner(core)
            done(.success(planner.preview(mutations)))
        }
    }

    // MARK: Following

    private func follow() {
        let update: JournalFollower.Update
        do throws(SystemError) {
            update = try source.follower.poll()
        } catch {
            return noteSight(error)
        }
        noteSight(nil)
        let isTakenBack = takeBack(update.takenBack)
        if update.gap != nil { core.ledger.doubt(.overwritten) }
        take(update, from: isTakenBack)
        if let hasty, update.mark.lastSequence > hasty.sequence { self.hasty = nil }
        // In this order: who finds the journal fully read must find the snapshot that tells it.
        source.noteSettled(update.mark)
    }

    private func take(_ update: JournalFollower.Update, from base: ScannedWorkspace?) {
        var ready = update.commits.filter(\.isFinished)
        // What was written before records that are lost may have been written over by them.
        let vouching = update.commits.dropFirst(update.gap ?? 0).flatMap(\.writtenPaths)
        if let last = update.commits.last, !last.isFinished {
            let since = pending?.sequence == last.sequence ? pending!.since : MonotonicClock.now()
            if source.isVisible(last) || MonotonicClock.now() - since > JournalSource.patience {
                if source.follower.adopt(last) { ready.append(last) }
            } else if pending?.sequence != last.sequence {
                adopt(ready, from: base)
                ready = []
                pending = (last.sequence, last.paths, since)
                core.ledger.begin(last.paths)
                core.ledger.vouch(for: vouching)
                return
            }
            if ready.isEmpty && base == nil && pending?.sequence == last.sequence { return }
        }
        adopt(ready, from: base)
        core.ledger.vouch(for: vouching)
    }

    /// What the writer took back after it was told here, as a writer that meets a foreign file does, or the recovery
    /// of a killed one.
    /// - Returns: what was known before it.
    private func takeBack(_ sequences: [UInt64]) -> ScannedWorkspace? {
        if sequences.isEmpty { return nil }
        guard let hasty, sequences == [hasty.sequence] else {
            core.ledger.doubt(.takenBack)
            return nil
        }
        core.ledger.begin(hasty.paths)
        core.ledger.end(hasty.paths)
        return hasty.before
    }

    /// Publishes what the writer committed, and lets its paths be looked at again.
    private func adopt(_ commits: [JournalFollower.Commit], from base: ScannedWorkspace? = nil) {
        if !commits.isEmpty || base != nil {
            var scan = base ?? core.snapshot.scanned
            let changes = JournaledChanges(assets: core.assets, disk: core.disk)
            for commit in commits {
                if !commit.isFinished { hasty = (commit.sequence, commit.paths, scan) }
                changes.apply(commit, to: &scan)
            }
            let next = core.assemble(scan)
            let operations = commits.flatMap(\.operations)
            core.publish(next, changedRoots: [], operation: operations.count == 1 ? OperationID(operations[0]) : nil)
        }
        release(adopted: commits)
    }

    private func release(adopted: [JournalFollower.Commit]) {
        let paths = adopted.flatMap(\.paths)
        core.ledger.begin(paths)
        core.ledger.end(paths + (pending?.paths ?? []), changedRoots: Self.roots(paths))
        pending = nil
    }

    private static func roots(_ paths: [BytePath]) -> [AssetRoot] {
        paths.compactMap { path in
            path.name == BytePath(Declaration.fileName) ? path.parent.text.map(AssetRoot.init(onDisk:)) : nil
        }
    }

    private func noteSight(_ failure: SystemError?) {
        if let failure {
            core.ledger.doubt(.unreadable("\(failure)"))
        } else if isBlind {
            core.ledger.sees()
        }
        isBlind = failure != nil
        source.noteBlind(isBlind)
    }

    // MARK: Refreshing

    private func refresh(_ operation: PackerOperation, _ target: RefreshTarget) {
        guard case .all = target else { return core.refresh(operation, target) }
        // What is said of the walk comes after the snapshot that it gives: nothing is looked at in between.
        core.ledger.pause()
        core.refresh(operation, target, walk: walk)
        if let walked {
            noteSight(walked.failure)
            if walked.hasGap { core.ledger.doubt(.overwritten) }
            if let mark = walked.mark { source.noteSettled(mark) }
        }
        walked = nil
        core.ledger.resume()
    }

    /// A walk that agrees with the journal: what was pending is in it, or no longer is.
    private func walk(_ scan: () -> ScannedWorkspace) -> ScannedWorkspace {
        let result = source.walk(scan)
        walked = result
        hasty = nil
        release(adopted: [])
        return result.scan
    }
}

extension PackerError {
    static let openedReadOnly = PackerError(
        .readOnly, "the project was opened read-only", remedy: "Open it for writing."
    )
}

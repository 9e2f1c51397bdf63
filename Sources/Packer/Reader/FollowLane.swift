import CommitDirectory
import LinuxFiles
import PackerModel

/// The lane of a read-only project: it writes nothing, refreshes on request, and follows a writer's journal, so
/// that the writer's commits are not taken for foreign edits. Belongs to the lane's own thread.
final class FollowLane {
    private let core: ProjectCore
    private let queue: LaneQueue
    /// Nil while there is no packer's folder in the workspace.
    private var source: JournalSource?
    /// A commit that the writer has not finished: its paths are not looked at meanwhile.
    private var pending: (sequence: UInt64, paths: [BytePath], since: UInt64)?

    /// How often an unfinished commit is looked at again.
    private static let pollInterval: UInt64 = 5_000_000

    init(core: ProjectCore, queue: LaneQueue, source: JournalSource?) {
        self.core = core
        self.queue = queue
        self.source = source
    }

    func run() {
        while true {
            switch queue.next(until: pending == nil ? nil : MonotonicClock.now() + Self.pollInterval) {
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
        case .refresh(let operation, let target): core.refresh(operation, target, walk: walk)
        case .mutate(let operation, _), .apply(let operation, _): core.failed(operation, .openedReadOnly)
        case .preview(let mutations, let done):
            var planner = LanePlanner(core)
            done(.success(planner.preview(mutations)))
        }
    }

    private func follow() {
        let ticket = core.ledger.pauseTicket
        defer {
            // In this order: who finds the journal fully read must find the snapshot that tells it.
            source?.noteSettled()
            core.ledger.resume(upTo: ticket)
        }
        if source == nil { findWriter() }
        guard let source, let update = source.poll() else { return }
        if update.hasGap {
            core.readAnew(
                reason: "the writer's journal was overwritten before it was read, so everything was read anew",
                walk: walk
            )
            return
        }
        var ready = update.commits.filter(\.isFinished)
        if let last = update.commits.last, !last.isFinished {
            let since = pending?.sequence == last.sequence ? pending!.since : MonotonicClock.now()
            if source.isVisible(last) || MonotonicClock.now() - since > JournalSource.patience {
                source.follower.adopt(last)
                ready.append(last)
            } else if pending?.sequence != last.sequence {
                adopt(ready)
                ready = []
                pending = (last.sequence, last.paths, since)
                core.ledger.begin(last.paths)
            }
            if ready.isEmpty { return }
        }
        adopt(ready)
    }

    /// A writer came to a workspace that had none: what it did before its journal is followed is read from disk.
    private func findWriter() {
        guard let found = JournalSource(assets: core.assets, disk: core.disk) else { return }
        source = found
        let ledger = core.ledger
        let queue = queue
        ledger.flagOnly(
            when: found.settledCheck {
                ledger.pause()
                queue.noteJournal()
            })
        core.readAnew(reason: "a writer has just begun to keep this workspace", walk: walk)
    }

    /// A walk that agrees with the journal: what was pending is in it, or no longer is.
    private func walk(_ scan: () -> ScannedWorkspace) -> ScannedWorkspace {
        let result = source?.walk(scan) ?? scan()
        release(adopted: [])
        return result
    }

    /// Publishes what the writer committed, and lets its paths be looked at again.
    private func adopt(_ commits: [JournalFollower.Commit]) {
        if !commits.isEmpty {
            var scan = core.snapshot.scanned
            JournaledChanges(assets: core.assets, disk: core.disk).apply(commits, to: &scan)
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
}

/// A writer's journal, and whether what it tells stands on disk yet.
struct JournalSource {
    let follower: JournalFollower
    let control: Handle
    let assets: Handle
    let disk: any Disk
    /// How far the published snapshot tells of the journal; written by the lane's thread, read by the ledger's.
    let settled = Guarded(JournalFollower.Mark())

    /// Nil where the workspace has no packer's folder, or none that can be opened.
    init?(assets: Handle, disk: any Disk) {
        do throws(SystemError) {
            let name = Workspace.controlName
            guard let control = try disk.openIfPresent(name, in: assets, .folder, at: PackerPoint.openWorkspace) else {
                return nil
            }
            self.init(control: control, assets: assets, disk: disk)
        } catch {
            return nil
        }
    }

    private init(control: Handle, assets: Handle, disk: any Disk) {
        follower = JournalFollower(control: control, disk: disk)
        self.control = control
        self.assets = assets
        self.disk = disk
    }

    func noteSettled() {
        let mark = follower.mark
        settled.withLock { $0 = mark }
    }

    /// Answers, on any thread, whether the snapshot tells everything that the writer wrote; calls `onNews` if not.
    func settledCheck(onNews: @escaping @Sendable () -> Void) -> @Sendable () -> Bool {
        { [settled, control, disk] in
            let mark = settled.withLock { $0 }
            do throws(SystemError) {
                guard try JournalFollower.hasNews(behind: mark, control: control, disk: disk) else { return true }
            } catch {
                return true
            }
            onNews()
            return false
        }
    }

    /// After this long a writer that has not finished a commit is taken for dead. What it flushed counts: the next
    /// writer's recovery completes it.
    static let patience: UInt64 = 1_000_000_000

    /// Nil where the journal cannot be read now: its next change brings another try.
    func poll() -> JournalFollower.Update? {
        do throws(SystemError) { return try follower.poll() } catch { return nil }
    }

    /// Whether every place shows what the commit put there.
    ///
    /// The last step to come tells: steps that build on one another are swapped in their order, and every other one
    /// is looked at where no later step takes it away again.
    func isVisible(_ commit: JournalFollower.Commit) -> Bool {
        commit.changes.enumerated().allSatisfy { index, change in
            let later = commit.changes[(index + 1)...]
            func isMovedOn(_ path: BytePath) -> Bool {
                later.contains { if case .moveFolder(let from, _) = $0 { from.contains(path) } else { false } }
            }
            func isTakenAgain(_ path: BytePath) -> Bool {
                later.contains { later in
                    switch later {
                    case .makeFolder(let place), .moveFolder(_, let place): place == path
                    case .write: false
                    }
                }
            }
            switch change {
            case .makeFolder(let path): return isMovedOn(path) || status(path)?.kind == .folder
            case .moveFolder(let from, let to):
                return (isTakenAgain(from) || status(from) == nil) && (isMovedOn(to) || status(to) != nil)
            case .write(let path, _, let inode, _, _, _): return status(path)?.inode == inode
            }
        }
    }

    private func status(_ path: BytePath) -> FileStatus? {
        do throws(SystemError) {
            let parent = try disk.openParent(of: path, in: assets, at: PackerPoint.followLook)
            return try disk.status(of: path.name, in: parent, at: PackerPoint.followLook)
        } catch {
            return nil
        }
    }
}

extension PackerError {
    static let openedReadOnly = PackerError(
        .readOnly, "the project was opened read-only", remedy: "Open it for writing."
    )
}

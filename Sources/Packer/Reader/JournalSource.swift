import CommitDirectory
import LinuxFiles
import PackerModel

/// A writer's journal, and whether what it tells stands on disk yet.
struct JournalSource: Sendable {
    let follower: JournalFollower
    let assets: Handle
    let disk: any Disk
    /// Whether it was said that the journal cannot be read; written by the lane's thread, read by the ledger's.
    private let isBlind = Guarded(false)

    init(assets: Handle, disk: any Disk) {
        follower = JournalFollower(tree: assets, controlName: Workspace.controlName, disk: disk)
        self.assets = assets
        self.disk = disk
    }

    /// The published snapshot tells everything up to the mark.
    func noteSettled(_ mark: JournalFollower.Mark) { follower.settle(mark) }

    func noteBlind(_ isBlind: Bool) { self.isBlind.withLock { $0 = isBlind } }

    /// Takes in what the writer wrote, on any thread, before it can be overwritten.
    func collect() {
        // Where it cannot be read now, the lane will find out, and say so.
        do throws(SystemError) { try follower.collect() } catch {}
    }

    /// Answers, on any thread, whether the snapshot tells everything that the writer wrote at these paths. If not, it
    /// calls `onNews`, and gives the lane a moment, so that the next look need not come in vain.
    func settledCheck(onNews: @escaping @Sendable () -> Void) -> @Sendable ([BytePath]) -> Bool {
        { paths in
            do throws(SystemError) {
                if try follower.isSettled(paths) { return true }
            } catch {
                // Once that has been said, what differs is flagged as unverified.
                if isBlind.withLock({ $0 }) { return true }
            }
            onNews()
            follower.waitUntilSettled(paths, until: MonotonicClock.now() + Self.moment)
            return false
        }
    }

    private static let moment: UInt64 = 20_000_000

    /// After this long a writer that has not finished a commit is taken for dead. What it flushed counts: the next
    /// writer's recovery completes it.
    static let patience: UInt64 = 1_000_000_000

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

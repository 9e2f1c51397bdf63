import CInotifyTools
import Glibc
import LinuxFiles

/// One watched tree: its folders, what is still to be looked at, and how complete the watch is.
///
/// An event only says where to look. What is armed or dropped follows from what stands there: the same event is right
/// for a folder that was made, moved, exchanged or replaced, whatever else is in the queue. Only the monitor's thread
/// touches it.
final class WatchedTree {
    enum Task {
        /// Look at a folder and watch it. `again`: also where it is watched already, and everything beneath.
        case arm(parent: FolderNode?, name: BytePath, again: Bool)
        /// Try to watch a folder that could not be watched.
        case retry(BytePath)
        /// Have a folder that cannot be watched looked at, and everything beneath.
        case poll(BytePath)
    }

    let request: TreeRequest
    let table: WatchTable
    var root: FolderNode?
    /// The folder that holds the top. Our open handle keeps a deleted top from reporting its own end.
    private var above: FolderNode?

    /// Last in, first out: what a folder holds comes right after it.
    var tasks: [Task] = []
    /// Folders without a watch; nothing beneath them has one.
    var unwatched: [BytePath: WatchRefusal] = [:]
    /// A limit was met in this round: no use in trying the next folder.
    var isAtLimit = false
    /// A walk or a poll is under way, and coverage is to be said at its end.
    var isWalking = false
    var roundStarted: UInt64 = 0

    /// When to look at what is not watched; nil when there is nothing or a look is under way.
    var nextPoll: UInt64?
    /// When to walk everything again after an overflow.
    var nextWalk: UInt64?
    var lastOverflow: UInt64?
    var backoff: UInt64 = 0

    /// The mount that the top stands in, where the mount table shows it.
    var topMount: UInt64?
    /// The mounts beneath the top.
    var mounts: Set<MountTable.Mount> = []
    private(set) var coverage: WatchCoverage?
    private var barriers: [@Sendable () -> Void] = []
    private var outbox: [TreeHint] = []

    init(_ request: TreeRequest, table: WatchTable) {
        self.request = request
        self.table = table
    }

    var isLost: Bool {
        if case .lost = coverage { true } else { false }
    }

    // MARK: Hints

    func say(_ hint: TreeHint) {
        // A writer raises several events in a row for one file, and none of these has been handed over yet.
        if outbox.last != hint { outbox.append(hint) }
    }

    func cover(_ now: WatchCoverage) {
        if coverage == now { return }
        coverage = now
        say(.coverage(now))
    }

    func addBarrier(_ done: @escaping @Sendable () -> Void) { barriers.append(done) }

    /// Hands over what there is to say, and opens the barriers when nothing is left to do.
    func flush() {
        let hints = outbox
        outbox = []
        for hint in hints { request.outlet.deliver(hint) }
        if tasks.isEmpty, nextWalk == nil { openBarriers() }
    }

    func openBarriers() {
        let open = barriers
        barriers = []
        for done in open { done() }
    }

    // MARK: The life of a tree

    func start() {
        cover(.arming)
        walk()
    }

    /// Looks at every folder from the top, watched or not.
    func walk() {
        nextWalk = nil
        nextPoll = nil
        unwatched = [:]
        beginRound()
        tasks = [.arm(parent: nil, name: .root, again: true)]
    }

    func beginRound() {
        isAtLimit = false
        isWalking = true
        roundStarted = MonotonicClock.now()
    }

    /// The kernel has dropped events. The first walk follows at once; as long as overflows follow each other, each
    /// waits longer, so that a storm costs a bounded share of the time and the last walk meets a quiet tree.
    func overflowed() {
        guard !isLost else { return }
        let now = MonotonicClock.now()
        let pacing = request.pacing
        if let last = lastOverflow, now - last < 2 * pacing.longestBackoff {
            backoff = backoff == 0 ? pacing.firstBackoff : min(backoff * 2, pacing.longestBackoff)
        } else {
            backoff = 0
        }
        lastOverflow = now
        verify("The kernel's queue of events overflowed: everything is being looked at again.", after: backoff)
    }

    func verify(_ reason: String, after delay: UInt64) {
        cover(.verifying(reason))
        tasks = []
        nextPoll = nil
        nextWalk = MonotonicClock.now() + delay
    }

    func lose(_ reason: String) {
        guard !isLost else { return }
        end(releasing: true)
        cover(.lost(reason))
    }

    /// Ends every watch; without `releasing`, only our side of them, as the library is being closed.
    func end(releasing: Bool) {
        for node in [root, above].compactMap(\.self) {
            node.leave { if releasing { table.release($0) } }
        }
        root = nil
        above = nil
        tasks = []
        unwatched = [:]
        nextPoll = nil
        nextWalk = nil
    }

    // MARK: Events

    func handle(_ node: FolderNode, _ mask: UInt32, _ name: BytePath) {
        guard node.isLive, !isLost else { return }
        if node === above {
            if mask & (UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM)) != 0, mask & UInt32(IN_ISDIR) != 0 { checkTop() }
            return
        }
        if name.isRoot {
            if node === root { handleTop(mask) }
            return
        }
        say(.changed(node.path.appending(name)))
        guard mask & UInt32(IN_ISDIR) != 0 else { return }
        // At once, not as a task: what a folder that was moved away reports from now on is not ours. A folder that was
        // away and is back may have lost watches meanwhile: what was looked up beneath its path was another's.
        let isMove = mask & UInt32(IN_MOVED_FROM | IN_MOVED_TO) != 0
        arm(parent: node, name: name, again: isMove)
    }

    private func handleTop(_ mask: UInt32) {
        if mask & UInt32(IN_UNMOUNT) != 0 {
            lose("The project's filesystem was unmounted.")
        } else if mask & UInt32(IN_MOVE_SELF) != 0 {
            lose("The project's folder was moved.")
        } else if mask & UInt32(IN_DELETE_SELF) != 0 {
            lose("The project's folder was deleted.")
        } else if mask & UInt32(IN_ATTRIB) != 0 {
            say(.changed(.root))
        }
    }

    /// The kernel has ended this folder's watch: deleted, or its filesystem unmounted.
    func watchEnded(_ node: FolderNode) {
        guard node.isLive, !isLost, node !== above else { return }
        guard node !== root else { return lose("The project's folder is gone.") }
        say(.changed(node.path))
        arm(parent: node.parent, name: node.name, again: false)
    }

    private func checkTop() {
        // A folder that cannot be asked is judged by its own events.
        guard let status = try? request.disk.status(of: request.top, at: MonitorPoint.topStatus) else { return }
        if status.links == 0 { lose("The project's folder was deleted.") }
    }

    func watchAbove(_ top: Handle) {
        guard above == nil else { return }
        // Who may not read that folder learns of a deleted top by its mount or its own events only.
        guard case .success(let watch) = table.watch(top, above: true) else { return }
        let node = FolderNode(name: .root, parent: nil, tree: self, watch: watch)
        table.add(node)
        above = node
        checkTop()
    }
}

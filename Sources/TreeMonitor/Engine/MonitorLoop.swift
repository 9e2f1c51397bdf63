import CInotifyTools
import Glibc
import LinuxFiles

/// The monitor's thread: waits, takes commands, drains events, works in slices, hands over hints.
final class MonitorLoop {
    /// Folders that one tree arms before events are drained again, so that a long walk does not fill the queue.
    private static let slice = 128
    /// Milliseconds between two looks for commands while there is no descriptor to be woken by.
    private static let wakerless: CInt = 50

    private let monitor: TreeMonitor
    private var waker: CInt = -1
    private let table: WatchTable
    private let mounts = MountSource()
    private var trees: [(id: Int, tree: WatchedTree)] = []
    /// The library's own buffer may hold events of which poll(2) knows nothing.
    private var isDrained = true

    init(_ monitor: TreeMonitor) {
        self.monitor = monitor
        table = WatchTable(mounts)
    }

    func run() {
        cinotify_use_own_directory()
        while true {
            if waker < 0 { waker = monitor.openWaker() }
            let mountsMoved = wait(timeout())
            let commands = monitor.takeCommands()
            // What was mounted before a barrier was asked for belongs before it.
            let mountsMovedSince = commands.isEmpty ? false : wait(0)
            for command in commands { perform(command) }
            if trees.isEmpty {
                if monitor.mayEnd() { return }
                continue
            }
            if mountsMoved || mountsMovedSince {
                let now = mounts.read()
                for (_, tree) in trees { tree.mountsChanged(now) }
            }
            drain()
            for (_, tree) in trees {
                startDue(tree)
                tree.work(Self.slice)
            }
            table.leaveFolders()
            if let limit = trees.map(\.tree.request.pacing.endedWatches).min(), table.ended > limit { startAfresh() }
            for (_, tree) in trees { tree.flush() }
        }
    }

    private func perform(_ command: TreeMonitor.Command) {
        switch command {
        case .watch(let id, let request):
            table.open()
            let tree = WatchedTree(request, table: table)
            tree.noteMounts(mounts.read())
            tree.start()
            trees.append((id, tree))
        case .barrier(let id, let done):
            if let tree = tree(id) { tree.addBarrier(done) } else { done() }
        case .stop(let id):
            guard let tree = tree(id) else { return }
            trees.removeAll { $0.id == id }
            tree.end(releasing: !trees.isEmpty)
            if trees.isEmpty {
                table.close()
                mounts.close()
            }
            tree.openBarriers()
        }
    }

    private func tree(_ id: Int) -> WatchedTree? { trees.first { $0.id == id }?.tree }

    private func startDue(_ tree: WatchedTree) {
        let now = MonotonicClock.now()
        if let due = tree.nextWalk, due <= now { tree.walk() }
        if let due = tree.nextPoll, due <= now { tree.startPolling() }
    }

    /// Milliseconds for poll(2): for ever when there is nothing to do.
    private func timeout() -> CInt {
        if !isDrained || trees.contains(where: { !$0.tree.tasks.isEmpty }) { return 0 }
        let longest = waker < 0 ? Self.wakerless : -1
        guard let due = trees.flatMap({ [$0.tree.nextWalk, $0.tree.nextPoll] }).compactMap(\.self).min() else {
            return longest
        }
        let now = MonotonicClock.now()
        let left = due <= now ? 0 : CInt(clamping: (due - now) / 1_000_000 + 1)
        return longest < 0 ? left : min(left, longest)
    }

    /// True when the mount table has changed.
    private func wait(_ timeout: CInt) -> Bool {
        var sources = [
            pollfd(fd: waker, events: Int16(POLLIN), revents: 0),
            pollfd(fd: table.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: mounts.descriptor, events: Int16(POLLPRI), revents: 0),
        ]
        _ = poll(&sources, 3, timeout)
        return sources[2].revents != 0
    }

    /// Handles what was waiting when it began, and no more: a writer that never stops cannot hold the loop here.
    private func drain() {
        var left = table.isOpen ? cinotify_waiting() : 0
        isDrained = true
        while left > 0 {
            guard let event = table.next() else { return }
            left -= 1
            handle(event)
        }
        isDrained = !table.isOpen
    }

    private func handle(_ event: cinotify_event) {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
            for (_, tree) in trees { tree.overflowed() }
            return
        }
        let name = BytePath(bytes: Array(UnsafeRawBufferPointer(start: event.name, count: event.length)))
        for node in table.folders(of: event.watch) { node.tree.handle(node, event.mask, name) }
        if event.mask & UInt32(IN_IGNORED) != 0 {
            for node in table.kernelEnded(event.watch) { node.tree.watchEnded(node) }
        }
    }

    /// The library never forgets an ended watch: past a bound it is closed and opened again, and every tree walked.
    private func startAfresh() {
        for (_, tree) in trees where !tree.isLost {
            tree.end(releasing: false)
            tree.verify("The watch was started afresh: everything is being looked at again.", after: 0)
        }
        table.close()
        table.open()
    }
}

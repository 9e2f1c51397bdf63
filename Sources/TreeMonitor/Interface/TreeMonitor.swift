import CInotifyTools
import Glibc
package import LinuxFiles

/// Says which paths of the watched trees may have changed, and how complete that is. It looks and tells; it holds
/// nothing that it could reconcile.
///
/// One for the process, as libinotifytools has one state for the process: a thread of its own, started with the first
/// watch and ended (the library closed) after the last, is the only one that ever calls it.
package final class TreeMonitor: Sendable {
    package static let shared = TreeMonitor()

    enum Command: Sendable {
        case watch(Int, TreeRequest)
        case barrier(Int, @Sendable () -> Void)
        case stop(Int)
    }

    private struct State {
        var commands: [Command] = []
        /// The eventfd that wakes the thread; -1 while there is none.
        var waker: CInt = -1
        /// The thread that runs, or one that has ended and has not been joined.
        var thread: DedicatedThread?
        /// Watches that have not been stopped.
        var open = 0
        var lastID = 0
        var isRunning: Bool { waker >= 0 }
    }

    private let state = Guarded(State())

    private init() {}

    /// Starts to watch everything beneath `top` and returns at once; arming goes on on the monitor's thread.
    ///
    /// `ignoring` is asked for each folder (path relative to the top) before it is watched or entered. `hints` is
    /// called on the monitor's thread, in order, the first one `coverage(.arming)`; it must not block, and may stop the
    /// watch. Trees may lie inside each other, or be the same.
    package func watch(
        _ top: Handle,
        disk: any Disk,
        pacing: MonitorPacing = MonitorPacing(),
        ignoring: @escaping @Sendable (BytePath) -> Bool,
        hints: @escaping @Sendable (TreeHint) -> Void
    ) throws(MonitorError) -> TreeWatch {
        let outlet = HintOutlet(hints)
        let request = TreeRequest(top: top, disk: disk, pacing: pacing, ignoring: ignoring, outlet: outlet)
        let id = try state.signal { (state) throws(MonitorError) -> Int in
            if let refusal = MonitorError.loadingLibrary() { throw refusal }
            if !state.isRunning { try start(&state) }
            state.lastID += 1
            state.open += 1
            state.commands.append(.watch(state.lastID, request))
            wake(state)
            return state.lastID
        }
        return TreeWatch(outlet: outlet, monitor: self, id: id)
    }

    /// False when no thread runs that could take it.
    func send(_ command: Command) -> Bool {
        state.withLock { state in
            guard state.isRunning else { return false }
            state.commands.append(command)
            wake(state)
            return true
        }
    }

    /// Ends a watch. With the last one the thread ends, too, and this waits for it: then the library is closed.
    func stop(_ id: Int) {
        let isMonitor = state.withLock { state in
            state.open -= 1
            state.commands.append(.stop(id))
            wake(state)
            return state.thread?.isCurrent ?? false
        }
        if isMonitor { return }
        let ended = state.wait { state -> DedicatedThread?? in
            if state.open > 0 { return .some(nil) }
            if state.isRunning { return nil }
            defer { state.thread = nil }
            return .some(state.thread)
        }
        ended?.join()
    }

    func takeCommands() -> [Command] {
        state.withLock { state in
            var number: UInt64 = 0
            _ = read(state.waker, &number, 8)
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// True when the thread may end: nothing has come in meanwhile, and from now on a new watch starts a new thread.
    func mayEnd() -> Bool {
        state.signal { state in
            guard state.commands.isEmpty else { return false }
            close(state.waker)
            state.waker = -1
            return true
        }
    }

    private func start(_ state: inout State) throws(MonitorError) {
        let waker = cinotify_make_waker()
        guard waker >= 0 else {
            throw MonitorError(
                code: .noDescriptor,
                message: "The monitor could not be started: \(String(cString: strerror(errno))).",
                remedy: "Too many files are open: close some, or raise the limit (ulimit -n)."
            )
        }
        // The last one closed the library before it gave up its waker; only its return is left to wait for.
        state.thread?.join()
        state.waker = waker
        state.thread = DedicatedThread(name: "packer-monitor") { MonitorLoop(self, waker: waker).run() }
    }

    private func wake(_ state: State) {
        var one: UInt64 = 1
        _ = write(state.waker, &one, 8)
    }
}

/// What a watch was asked for.
struct TreeRequest: Sendable {
    var top: Handle
    var disk: any Disk
    var pacing: MonitorPacing
    var ignoring: @Sendable (BytePath) -> Bool
    var outlet: HintOutlet
}

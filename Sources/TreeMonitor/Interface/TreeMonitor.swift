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
        /// The eventfd that wakes the thread; -1 while there is none, or no descriptor for it.
        var waker: CInt = -1
        /// The thread takes commands.
        var isRunning = false
        /// The thread that runs, or one that has ended and has not been joined.
        var thread: DedicatedThread?
        /// Watches that have not been stopped.
        var open = 0
        var lastID = 0
    }

    private let state = Guarded(State())

    private init() {}

    /// Starts to watch everything beneath `top` and returns at once; arming goes on on the monitor's thread.
    ///
    /// `ignoring` is asked for each folder (path relative to the top) before it is watched or entered. `hints` is
    /// called on the monitor's thread, in order, the first one `coverage(.arming)`; it must not block, and may stop the
    /// watch. Trees may lie inside each other, or be the same.
    ///
    /// Without the library, an inotify instance or descriptors the tree is polled, the coverage says so, and it is
    /// watched once that can be. Refused is only a host that the library would break.
    /// - Throws: `hostSymbolClash`. Nothing has been started.
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
            if let refusal = MonitorError.loadingLibrary(), refusal.code == .hostSymbolClash { throw refusal }
            if !state.isRunning { start(&state) }
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
            if state.waker >= 0 { _ = read(state.waker, &number, 8) }
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// True when the thread may end: nothing has come in meanwhile, and from now on a new watch starts a new thread.
    func mayEnd() -> Bool {
        state.signal { state in
            guard state.commands.isEmpty else { return false }
            if state.waker >= 0 { close(state.waker) }
            state.waker = -1
            state.isRunning = false
            return true
        }
    }

    /// The descriptor that poll(2) answers when a command comes; -1 where the process has none left.
    func openWaker() -> CInt {
        state.withLock { state in
            guard state.waker < 0 else { return state.waker }
            state.waker = cinotify_make_waker()
            // What came in before could not wake anyone.
            if !state.commands.isEmpty { wake(state) }
            return state.waker
        }
    }

    private func start(_ state: inout State) {
        // The last one closed the library before it gave up its waker; only its return is left to wait for.
        state.thread?.join()
        state.isRunning = true
        state.thread = DedicatedThread(name: "packer-monitor") { MonitorLoop(self).run() }
    }

    private func wake(_ state: State) {
        var one: UInt64 = 1
        if state.waker >= 0 { _ = write(state.waker, &one, 8) }
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

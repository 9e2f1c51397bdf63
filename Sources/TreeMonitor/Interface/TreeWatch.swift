import Glibc
import LinuxFiles

/// One watched tree. Letting go of the last reference stops it.
package final class TreeWatch: Sendable {
    private let outlet: HintOutlet
    private let monitor: TreeMonitor
    private let id: Int

    init(outlet: HintOutlet, monitor: TreeMonitor, id: Int) {
        self.outlet = outlet
        self.monitor = monitor
        self.id = id
    }

    deinit { stop() }

    /// Calls `done` on the monitor's thread after every event that the kernel had queued, and every folder that had
    /// to be armed, when this was called has been handed over as hints. Once stopped it is called at once, on the
    /// caller's thread or the monitor's.
    package func barrier(_ done: @escaping @Sendable () -> Void) {
        if outlet.isStopped || !monitor.send(.barrier(id, done)) { done() }
    }

    /// No hint is delivered after it returns. It waits for a hint that is being delivered on another thread, and with
    /// the process's last watch for the monitor's thread to end, so do not call it with a lock that hints or barriers
    /// take. Called from inside a hint it waits for nothing, and that hint is the last.
    package func stop() {
        if outlet.stop() { monitor.stop(id) }
    }
}

/// The gate between the monitor's thread and a consumer that may close it at any moment.
final class HintOutlet: Sendable {
    private struct State {
        var isStopped = false
        /// The thread that is inside a hint.
        var delivering: pthread_t?
    }

    private let state = Guarded(State())
    private let hints: @Sendable (TreeHint) -> Void

    init(_ hints: @escaping @Sendable (TreeHint) -> Void) { self.hints = hints }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func deliver(_ hint: TreeHint) {
        let isOpen = state.withLock { state in
            if !state.isStopped { state.delivering = pthread_self() }
            return !state.isStopped
        }
        guard isOpen else { return }
        hints(hint)
        state.signal { $0.delivering = nil }
    }

    /// True for the call that stopped it.
    func stop() -> Bool {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        state.wait { state -> Void? in
            guard let thread = state.delivering, pthread_equal(thread, pthread_self()) == 0 else { return () }
            return nil
        }
        return isFirst
    }
}

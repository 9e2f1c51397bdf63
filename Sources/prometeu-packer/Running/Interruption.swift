import Foundation

/// SIGINT and SIGTERM as a call: the first lets the command come to its end, the second ends the process as always.
enum Interruption {
    /// Call while the process has one thread: the others inherit that the signals are blocked, and only the thread
    /// that is started here takes them (sigwait(3)).
    static func start(_ handler: @escaping @Sendable () -> Void) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        Thread.detachNewThread { [signals] in
            var signals = signals
            var number: Int32 = 0
            guard sigwait(&signals, &number) == 0 else { return }
            handler()
            // The next one finds the default disposition and no thread that blocks it.
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            while true { pause() }
        }
    }
}

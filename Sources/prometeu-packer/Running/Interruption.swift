import Foundation

/// SIGINT, SIGTERM and SIGHUP as a call: the first lets the command come to its end, the second ends the process as
/// always.
struct Interruption {
    private let signals: sigset_t

    /// Blocks the signals in this thread and all that it starts. Make it while the process has no other: a thread
    /// that does not block them would be picked to die of them.
    init() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        // nohup(1) has it ignored.
        var hangup = sigaction()
        sigaction(SIGHUP, nil, &hangup)
        if unsafeBitCast(hangup.__sigaction_handler.sa_handler, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) {
            sigaddset(&signals, SIGHUP)
        }
        // Where no thread takes it, the live view can wait for it (sigwait(3)).
        var blocked = signals
        sigaddset(&blocked, SIGWINCH)
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        self.signals = signals
    }

    /// Waits for the first (sigwait(3)), and from then on takes the next one as any process does.
    func wait(_ handler: () -> Void) {
        var signals = signals
        var number: Int32 = 0
        guard sigwait(&signals, &number) == 0 else { return }
        handler()
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}

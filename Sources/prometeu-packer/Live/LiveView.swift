import Foundation
import Packer

/// The live view of a project on a terminal: one thread that waits for keys, news and the clock, and draws.
///
/// With nothing flagged it waits without a timeout. What is flagged ages once a second, and is compared again then: a
/// further write to a flagged file is no event.
final class LiveView {
    private let project: PackerProject
    private let terminal: Terminal
    private let inbox: LiveInbox
    private let deadline: ContinuousClock.Instant?
    private let style: Style
    private var state: LiveState
    private var texts = EarlierTexts()
    private var keys = KeyReader()
    private var shown: (screen: Screen, lines: [String])?
    private var snapshot: Snapshot?
    private var lastRefresh: ContinuousClock.Instant?
    private var pause = LiveView.shortestPause
    private var hasNews = true

    /// A storm of events is looked at no oftener.
    private static let shortestPause = Duration.milliseconds(50)
    /// Of the time, looking takes a tenth.
    private static let pauseForEachLook = 9
    private static let tick = Duration.seconds(1)
    /// Reading stops for keys after so long.
    private static let workSlice = Duration.milliseconds(20)

    private init(_ project: PackerProject, _ terminal: Terminal, _ inbox: LiveInbox, seconds: Double?) {
        self.project = project
        self.terminal = terminal
        self.inbox = inbox
        deadline = seconds.map { .now + .seconds($0) }
        style = Style(Output(descriptor: STDOUT_FILENO))
        state = LiveState(project: project.path)
    }

    /// Shows the project until a key, a signal, the time or the end of the terminal ends it.
    /// - Throws: `OutputError` where the terminal takes nothing more.
    static func show(
        _ project: PackerProject, _ sink: EventStream, on terminal: Terminal, for seconds: Double?
    ) async throws {
        let inbox = try LiveInbox()
        let listener = Task { for await event in sink.events { inbox.add(event) } }
        defer { listener.cancel() }
        noteWindowChanges(in: inbox)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (done: CheckedContinuation<Result<Void, OutputError>, Never>) in
                Thread.detachNewThread {
                    // Its name, as in proc(5): Foundation drops a `Thread.name` that is set before `start` has returned.
                    try? Data("live-view".utf8).write(to: URL(filePath: "/proc/thread-self/comm"))
                    let view = LiveView(project, terminal, inbox, seconds: seconds)
                    done.resume(returning: view.run())
                }
            }
        } onCancel: {
            // At once: a second signal ends the process where it stands.
            terminal.leaveAtOnce()
            inbox.end()
        }
        try result.get()
    }

    /// SIGWINCH is blocked in every thread (see `Interruption`), so that this one can wait for it. It ends with the
    /// process.
    private static func noteWindowChanges(in inbox: LiveInbox) {
        Thread.detachNewThread { [weak inbox] in
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGWINCH)
            var number: Int32 = 0
            while sigwait(&signals, &number) == 0, let inbox { inbox.noteResizing() }
        }
    }

    private func run() -> Result<Void, OutputError> {
        defer { terminal.leave() }
        do throws(OutputError) {
            try terminal.enter()
            while try step() {}
        } catch {
            return error == .failed(EIO) ? .success(()) : .failure(error)
        }
        return .success(())
    }

    /// - Returns: whether it goes on.
    private func step() throws(OutputError) -> Bool {
        let news = inbox.take()
        if news.isOver || deadline.map({ $0 <= .now }) ?? false && shown != nil { return false }
        take(news)
        if isDue(pause) && hasNews || isDue(Self.tick) && !state.flags.isEmpty { refresh() }
        let isWorking = work()
        try draw()
        return try waitForSomething(isWorking ? .zero : timeout)
    }

    private func take(_ news: LiveInbox.News) {
        hasNews = hasNews || news.hasChanged
        for note in news.notes { state.add(note: note) }
        hasNews = hasNews || !news.notes.isEmpty || news.isResized
    }

    private func isDue(_ time: Duration) -> Bool { lastRefresh.map { .now - $0 >= time } ?? true }

    private func refresh() {
        let start = ContinuousClock.now
        defer {
            lastRefresh = .now
            pause = max(Self.shortestPause, (.now - start) * Self.pauseForEachLook)
        }
        hasNews = false
        // The report first: of a snapshot that is newer an event tells again.
        let report = project.divergences
        let newest = project.snapshot
        if snapshot !== newest {
            let changed = snapshot.map { newest.changedRoots(since: $0) }
            texts.expect(newest, changed: changed)
            // One that was only read anew says nothing of what changed before.
            if let changed, !changed.isEmpty { state.changedRoots = changed.map(\.path) }
            state.generation = newest.generation
            state.assets = LiveState.Assets(newest)
            snapshot = newest
        }
        state.coverage = report.coverage
        state.take(report.divergences)
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        state.now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Compares what is in the window, then reads texts that later edits are compared with.
    /// - Returns: whether something is left to be done.
    private func work() -> Bool {
        let end = ContinuousClock.now + Self.workSlice
        let visible = screen.visibleFlags(state)
        for index in visible where state.flags[index].change == nil {
            let flag = state.flags[index].divergence
            let earlier = flag.expected.flatMap { texts.bytes(at: flag.path, expected: $0) }
            let isSmall = flag.observed.map { $0.kind == .file && $0.size <= EarlierTexts.largestFile } ?? false
            let seen = isSmall ? look(at: flag.path) : nil
            let change = TextChange(flag, earlier: earlier, now: seen?.bytes)
            state.set(change, seen: seen?.fingerprint, ofFlag: index, visible: visible)
            if .now >= end { return true }
        }
        while texts.hasWork {
            texts.readNext(look)
            if .now >= end { break }
        }
        return texts.hasWork || screen.visibleFlags(state).contains { state.flags[$0].change == nil }
    }

    private func look(at path: String) -> FileLook? {
        // The monitor tells what cannot be read.
        try? project.look(at: path, keeping: EarlierTexts.largestFile)
    }

    private var screen: Screen {
        let size = terminal.size
        return Screen(columns: size.columns, rows: size.rows, style: style)
    }

    private func draw() throws(OutputError) {
        let screen = screen
        let lines = screen.lines(state)
        if let shown, shown == (screen, lines) { return }
        try terminal.draw(lines)
        shown = (screen, lines)
    }

    /// Until something is due by itself; nil where nothing is.
    private var timeout: Duration? {
        let last = lastRefresh ?? .now
        let moments = [
            hasNews ? last + pause : nil, state.flags.isEmpty ? nil : last + Self.tick, deadline,
        ]
        return moments.compactMap { $0 }.min().map { max(.zero, $0 - .now) }
    }

    /// - Returns: false where the terminal is gone or somebody wants it to end.
    private func waitForSomething(_ timeout: Duration?) throws(OutputError) -> Bool {
        var waited = [
            pollfd(fd: terminal.inputDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        // Rounded up: to wake a little too soon is to wake twice.
        let milliseconds = timeout.map { Int32(clamping: Int64(($0 / .milliseconds(1)).rounded(.up))) } ?? -1
        guard poll(&waited, 2, milliseconds) > 0 else { return true }
        if waited[0].revents & Int16(POLLIN) != 0 {
            guard let typed = terminal.read() else { return false }
            for key in keys.read(typed) {
                if key == .quit { return false }
                state = screen.pressed(key, state)
            }
        } else if waited[0].revents != 0 {
            return false
        }
        return true
    }
}

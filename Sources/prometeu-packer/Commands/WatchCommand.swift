import ArgumentParser
import Foundation
import Packer

struct WatchCommand: PackerCommand, FinishesItsWork {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Tells where the disk diverges from the project as it was opened.",
        discussion: """
            On a terminal it is a live view: how many assets there are and in which state, the coverage, and each \
            flagged path with its kind, since when, what the snapshot says, what the disk says, and the lines that \
            differ. The arrows, the page keys, Home and End scroll; q ends it. --plain, or TERM unset or dumb, gives \
            lines instead.

            Elsewhere it prints the project's state and what is flagged, then divergence, coverage, conflicts and \
            new snapshots as they come, until SIGINT or SIGTERM. Only reads: it works beside a running Studio, and \
            follows Studio's own commits without flagging them.

            Lines can be shown of files of up to 64 KiB. The texts that they are compared with are read when the \
            view begins and kept in memory, 16 MiB of them at most; where one is not kept, the view says so.

            With --until-settled it waits until everything that has happened on disk has been looked at, prints the \
            state, and ends with code 3 when something is flagged, or with 1 when the coverage is not complete and \
            nothing can be promised. Together with --for it watches first, and does so at the end, or at a signal.

            EXAMPLES
              prometeu-packer watch game
              prometeu-packer watch game --plain
              prometeu-packer watch game --for 60 --json
              prometeu-packer watch game --for 60 --until-settled || echo diverged
            """
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "End with the state once all is looked at, with code 3 when something is flagged.")
    var untilSettled = false

    @Option(name: .customLong("for"), help: ArgumentHelp("Watch for so long.", valueName: "seconds"))
    var seconds: Double?

    @Flag(help: "Print lines on a terminal too, instead of the live view.")
    var plain = false

    private static let longest = 1e9

    func validate() throws {
        if let seconds, !(0...Self.longest).contains(seconds) {
            throw ValidationError("--for must be between 0 and \(Int(Self.longest)) seconds.")
        }
    }

    func perform() async throws {
        try await withProject(common.project, access: .readOnly) { project, sink in
            sink.progress.end()
            var printer = Printer(asJSON: common.json)
            if !untilSettled || seconds != nil {
                if let terminal {
                    try await LiveView.show(project, sink, on: terminal, for: seconds)
                } else {
                    try await watch(project, sink, &printer)
                }
            }
            if untilSettled {
                await project.settled()
                let state = ProjectState(project, isSettled: true)
                try printer.show(state)
                try printer.flush()
                try state.requireNothingFlagged()
            }
        }.result.get()
    }

    /// Where there is one for the live view.
    private var terminal: Terminal? {
        common.json || plain ? nil : Terminal(environment: ProcessInfo.processInfo.environment)
    }

    private func watch(_ project: PackerProject, _ sink: EventStream, _ printer: inout Printer) async throws {
        let timer = Task { [seconds] in
            guard let seconds else { return }
            try await Task.sleep(for: .seconds(seconds))
            sink.finish()
        }
        defer { timer.cancel() }
        // `watch | head -1` ends with head, and not with the next event.
        Thread.detachNewThread {
            if Output(descriptor: STDOUT_FILENO).waitForReaderToLeave() { sink.finish() }
        }
        let state = ProjectState(project, isSettled: false)
        try printer.show(state)
        try printer.flush()
        // A cancelled task sees the end of the stream.
        for await event in sink.events {
            if event.sequence > state.report.sequence {
                try printer.show(event)
            } else {
                // The state has it already; what no state shows is told all the same.
                try printer.showNotices([event])
            }
            try printer.flush()
        }
    }
}

import ArgumentParser
import Foundation
import Packer

struct ApplyCommand: PackerCommand, FinishesItsWork {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Carries out mutations, one JSON value a line, and writes one outcome a line.",
        discussion: """
            FILE, or standard input for -, has one mutation a line; an array of them is a transaction: all or none, \
            each planned against what the one before it leaves. Blank lines are skipped. Outcomes come in the order \
            of the lines, each as soon as its operation is durable, so that a script can hold the project open and \
            write one line after the other. Lines that do not wait for outcomes share commits. A line that is \
            refused stops nothing. Standard output has JSON, with --json or without.

            It ends with 0 when every line was committed, and with 1 when one was not. SIGINT stops the reading: \
            what was submitted ends, its outcomes are written, and the code is 1.

            MUTATIONS
              {"do":"create","root":"maps/town","type":"map","name":"Town"}
              {"do":"create","root":"sea","type":"map","preload":true,"included":false}
              {"do":"register","asset":"sprites/found","included":true}
              {"do":"include","asset":7}
              {"do":"exclude","asset":"id:7"}
              {"do":"update","asset":7,"set":{"output.codec":"NONE","name":"Hero"}}
              {"do":"update","asset":"sprites/hero","set":{"inputs.tiles":["a.png"]}}
              {"do":"relocate","asset":"sprites/hero","to":"sprites/villain"}
              {"do":"unregister","asset":"sprites/hero"}
              {"do":"delete","asset":"sprites"}
              {"do":"restore","asset":7,"to":"sprites/hero"}
              {"do":"emptyTrash"}
              {"do":"reidentify","asset":"sprites/hero-copy"}
              [{"do":"relocate","asset":7,"to":"maps/new"},{"do":"exclude","asset":7}]

            EXAMPLES
              prometeu-packer apply game changes.jsonl
              prometeu-packer apply game - <changes.jsonl | jq -r .status
              echo '{"do":"exclude","asset":7}' | prometeu-packer apply game -
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "The mutations; - is standard input.", completion: .file())
    var file: String

    var writesJSON: Bool { true }

    func perform() async throws {
        let source = try LineSource(path: file)
        let finished = try await withProject(common.project, access: .readWrite, tellsNoticesAtOnce: true) {
            project, sink in
            await withTaskCancellationHandler {
                await ApplyRun(source, project, sink.progress, output: Output(descriptor: STDOUT_FILENO)).run()
            } onCancel: {
                source.stop(.interrupted)
            }
        }
        let report = try finished.result.get()
        let ending = report.stop == .interrupted ? "; interrupted, the rest was not read" : ""
        if report.stop != .readerIsGone {
            // Where standard error takes nothing, the outcomes say it all.
            try? Output(descriptor: STDERR_FILENO).write(report.text + ending + "\n")
        }
        if let failure = report.failure { throw failure }
        switch report.stop {
        case .readerIsGone: throw OutputError.readerIsGone
        case .interrupted: throw LinesRefused()
        case nil: if report.refused > 0 { throw LinesRefused() }
        }
    }
}

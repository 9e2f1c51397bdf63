import ArgumentParser
import Foundation
import Packer

/// The diagnostics command. It parses, runs one subcommand, and turns every way of ending into an exit code.
@main
struct PrometeuPacker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prometeu-packer",
        abstract: "Looks into the asset workspace of a project, changes it, and watches it for divergence.",
        discussion: """
            PROJECT is the folder that holds assets/. An ASSET is named by its id, its uuid or its root; \
            id:7, uuid:… and root:… say outright which of them is meant.

            list, show and watch only read, and work beside a running Studio. init, create, relocate and refresh \
            take the project's lock, and are refused while another writer has it.

            EXIT CODES
              0  done
              1  refused or failed; the error names the paths and the remedy
              2  the command line was not understood
              3  watch --until-settled found divergence

            EXAMPLES
              prometeu-packer init game
              prometeu-packer create game sprites/hero --type tile_bank
              prometeu-packer list game --validity invalid
              prometeu-packer watch game --json | jq -r 'select(.kind == "divergence").path'
            """,
        subcommands: [
            InitCommand.self, ListCommand.self, ShowCommand.self, CreateCommand.self, RelocateCommand.self,
            RefreshCommand.self, WatchCommand.self,
        ]
    )

    // On the main actor: the signals are blocked while this is the only thread, so that every later one inherits it.
    @MainActor
    static func main() async {
        // A reader that went away is seen by the write that meets it.
        signal(SIGPIPE, SIG_IGN)
        let invocation: Invocation
        do {
            invocation = try Invocation(Invocation.processArguments)
        } catch {
            Ending(error, asJSON: Invocation.processArguments.wantsJSON).exit()
        }
        let work = Task { await invocation.run() }
        if invocation.finishesItsWork {
            Interruption.start { work.cancel() }
        }
        await work.value.exit()
    }
}

import Foundation

/// Parses, runs one subcommand, and turns every way of ending into an exit code.
///
/// Not an `async` main: that gives the first thread to Dispatch, which takes every signal there (sigsuspend(2)).
@main
enum Main {
    static func main() {
        // A reader that went away is seen by the write that meets it.
        signal(SIGPIPE, SIG_IGN)
        let arguments = Invocation.processArguments
        let invocation: Invocation
        do {
            invocation = try Invocation(arguments)
        } catch {
            Ending(error, asJSON: arguments.wantsJSON).exit()
        }
        let interruption = invocation.finishesItsWork ? Interruption() : nil
        // Detached: the main actor's thread waits for signals and runs nothing.
        let work = Task.detached { await invocation.run().exit() }
        interruption?.wait { work.cancel() }
        while true { pause() }
    }
}

// A Studio of its own process, for the tests that need one.
//
//   studio-child leaks PROJECT ROUNDS    opens and stops a container again and again; says what was left behind
//   studio-child work PROJECT            writes until it is killed, and says what it was told

import Packer
import StudioHost

let arguments = CommandLine.arguments
do {
    switch (arguments.dropFirst().first, arguments.count) {
    case ("leaks", 4): try await findLeaks(in: arguments[2], rounds: Int(arguments[3]) ?? 1)
    case ("work", 3): try await work(in: arguments[2])
    default: say("usage: studio-child leaks PROJECT ROUNDS | work PROJECT")
    }
} catch {
    say("error \(error)")
}

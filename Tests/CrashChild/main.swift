// A writer for the crash tests: runs commands one after the other, says on standard output what it was told, and
// ends itself where it is asked to.
//
//   crash-child PROJECT COUNT [POINT N]
//
// The commands are those of `CrashScript`. A line "ok N" is printed once the N-th, from 0, is acknowledged.

import Foundation
import LinuxFiles
import Packer
import PackerTestSupport

/// Kills the process the N-th time that a fault point is reached.
struct KillAt: FaultInjector {
    let point: String
    let count: Guarded<Int>

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard point.name == self.point else { return .proceed }
        let left = count.withLock { count in
            count -= 1
            return count
        }
        if left == 0 { kill(getpid(), SIGKILL) }
        return .proceed
    }
}

struct Discard: PackerEventSink {
    func publish(_ event: PackerEvent) {}
}

func say(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let count = Int(arguments[2]) else {
    say("usage: crash-child PROJECT COUNT [POINT N]")
    exit(2)
}
var faults: KillAt?
if arguments.count == 5, let number = Int(arguments[4]) {
    faults = KillAt(point: arguments[3], count: Guarded(number))
}
do {
    let project = try await PackerProject.open(
        arguments[1], options: PackerOptions(), sink: Discard(), disk: LinuxDisk(faults: faults)
    )
    say("open")
    for number in 0..<count {
        _ = try await project.submit(CrashScript.operation(number)).result
        say("ok \(number)")
    }
    await project.close()
    say("closed")
} catch {
    say("error \(error)")
    exit(1)
}

// Another process for the crash tests: a writer that is killed, or an editor that nobody asked.
//
//   crash-child PROJECT COUNT [POINT N]
//   crash-child chain PROJECT TABLE SEED SHAPES POINT N
//   crash-child edited PROJECT POINT N
//   crash-child starve PROJECT
//   crash-child editor
//
// The first runs commands one after the other, says on standard output what it was told, and ends itself the N-th time
// that it comes to the point. The commands are those of `CrashScript`. A line "ok N" is printed once the N-th, from 0,
// is acknowledged. `edited` does the same with the one transaction of `EditedProject`. The others are told where they are
// written.

import Foundation
import LinuxFiles
import Packer
import PackerTestSupport

struct Discard: PackerEventSink {
    func publish(_ event: PackerEvent) {}
}

/// One line in one write(2): those of several threads do not mix, and none is lost when the process is killed.
func say(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

func runScript(_ arguments: [String]) async throws {
    guard arguments.count >= 2, let count = Int(arguments[1]) else {
        say("usage: crash-child PROJECT COUNT [POINT N]")
        exit(2)
    }
    var faults: KillAt?
    if arguments.count == 4, let number = Int(arguments[3]) { faults = KillAt(arguments[2], number) }
    let project = try await PackerProject.open(
        arguments[0], options: PackerOptions(createsWorkspace: true), sink: Discard(), disk: LinuxDisk(faults: faults)
    )
    say("open")
    for number in 0..<count {
        _ = try await project.submit(CrashScript.operation(number)).result
        say("ok \(number)")
    }
    await project.close()
    say("closed")
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch arguments.first {
    case "chain":
        var writer = try ChainWriter(Array(arguments.dropFirst()))
        try await writer.run()
    case "edited":
        let faults = KillAt(arguments[2], Int(arguments[3]) ?? 1)
        let project = try await PackerProject.open(
            arguments[1], options: PackerOptions(), sink: Discard(), disk: LinuxDisk(faults: faults))
        _ = try await project.submit(EditedProject.transaction()).result
        await project.close()
    case "starve": try await starve(arguments[1])
    case "editor": ForeignEditor.serve()
    default: try await runScript(arguments)
    }
} catch {
    say("error \(error)")
    exit(1)
}

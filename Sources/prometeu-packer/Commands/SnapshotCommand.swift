import ArgumentParser
import Foundation
import Packer

struct SnapshotCommand: PackerCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Writes the fingerprints of a project's files.",
        discussion: """
            Reads every registry file, declaration and declared input, and writes a line of JSON for each: its path, \
            type, size, executable bit and XXH3-128 digest. The same files always give the same text, whatever their \
            times. Only reads the project: it works beside a running Studio. Compare it with the disk later by \
            divergence.

            It waits until all is looked at, and refuses where the coverage is not complete or the files go on \
            changing meanwhile. With --output the file appears whole or not at all.

            EXAMPLES
              prometeu-packer snapshot game --output before.jsonl
              prometeu-packer snapshot game | jq -r 'select(.role == "input").path'
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Write into this file instead of standard output.", valueName: "file"))
    var output: String?

    func perform() async throws {
        let finished = try await withProject(common.project, access: .readOnly) { project, _ in
            let (entries, coverage) = try await ContentSurvey(project: project).read(ContentSurvey.entries)
            guard coverage == .complete(inputsVerified: true) else { throw CoverageIncomplete(coverage: coverage) }
            return FingerprintFile(entries)
        }
        let file = try finished.result.get()
        guard let output else {
            try Output(descriptor: STDOUT_FILENO).write(file.text())
            return
        }
        do {
            try Data(file.text().utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            throw FingerprintFileError(path: output, reason: .unwritable("\(error)"))
        }
        var printer = Printer(asJSON: common.json)
        if common.json {
            try printer.print(FingerprintsWrittenView(output: output, files: file.entries.count))
        } else {
            try printer.note("\(Quantity.count(file.entries.count, "fingerprint")) in \(output)")
        }
        try printer.flush()
    }
}

/// A file of fingerprints that could not be read, understood or written.
struct FingerprintFileError: Error {
    enum Reason {
        case unreadable(String)
        case unwritable(String)
        case unusable(FingerprintFileFailure)
    }

    let path: String
    let reason: Reason
}

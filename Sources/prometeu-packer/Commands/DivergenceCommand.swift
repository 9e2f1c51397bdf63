import ArgumentParser
import Foundation
import Packer

struct DivergenceCommand: PackerCommand {
    static let configuration = CommandConfiguration(
        commandName: "divergence",
        abstract: "Compares a project with fingerprints that were written earlier.",
        discussion: """
            Reads every file again and compares type, size, bytes and the executable bit; times do not matter. Ends \
            with code 0 where all is the same and 3 where something differs, so that a build server can prove that \
            nobody touched the assets. Needs no write access, and leaves nothing on disk. snapshot \
            writes what it compares with.

            EXAMPLES
              prometeu-packer divergence game --since before.jsonl
              prometeu-packer divergence game --since before.jsonl --json | jq -r .path
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The fingerprints to compare with.", valueName: "file"))
    var since: String

    func perform() async throws {
        let then = try earlier()
        let finished = try await withProject(common.project, access: .readOnly) { project, _ in
            try await ContentSurvey(project: project).read { snapshot, project in
                let now = FingerprintFile(try ContentSurvey.entries(snapshot, project))
                return try Difference.between(then, now) { path in
                    try project.look(at: path).map { FileContent($0.fingerprint) }
                }
            }
        }
        let (differences, coverage) = try finished.result.get()
        try show(differences, files: then.entries.count)
        if !differences.isEmpty { throw DivergenceFound() }
        guard coverage == .complete(inputsVerified: true) else { throw CoverageIncomplete(coverage: coverage) }
    }

    private func earlier() throws -> FingerprintFile {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: since))
        } catch {
            throw FingerprintFileError(path: since, reason: .unreadable("\(error)"))
        }
        do throws(FingerprintFileFailure) {
            return try FingerprintFile(reading: Array(bytes))
        } catch {
            throw FingerprintFileError(path: since, reason: .unusable(error))
        }
    }

    private func show(_ differences: [Difference], files: Int) throws {
        var printer = Printer(asJSON: common.json)
        if common.json {
            for difference in differences { try printer.print(DifferenceView(difference)) }
            try printer.print(ComparisonView(since: since, files: files, differences: differences.count))
        } else {
            if !differences.isEmpty {
                var table = Table(columns: ["KIND", "PATH", "WAS", "IS"])
                table.rows = differences.map {
                    [
                        Table.Cell($0.kind.name, .red), Table.Cell($0.path), Table.Cell($0.expected.text),
                        Table.Cell($0.observed.text),
                    ]
                }
                try printer.print(table)
            }
            try printer.flush()
            let found = Quantity.count(differences.count, "difference")
            try printer.note("\(found) in \(Quantity.count(files, "file"))")
        }
        try printer.flush()
    }
}

extension FileContent? {
    fileprivate var text: String {
        guard let self else { return "-" }
        guard self.type == .file else { return self.type.rawValue }
        let executable = self.executable ? ", executable" : ""
        return Quantity.size(self.size) + executable + (self.digest.map { ", \($0.description.prefix(8))" } ?? "")
    }
}

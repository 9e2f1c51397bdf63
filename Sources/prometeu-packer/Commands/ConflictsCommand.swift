import ArgumentParser
import Packer

struct ConflictsCommand: PackerCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts",
        abstract: "Lists what was written by two at once, and where the copy is that lost its place.",
        discussion: """
            Nobody's bytes are ever overwritten: a copy that could not stay where it was is kept under \
            assets/.prometeu/conflicts/, also after the project is closed, until somebody removes it. To resolve \
            one, look at both, copy back what is wanted, and remove the kept file. Only reads: it works beside a \
            running Studio.

            EXAMPLES
              prometeu-packer conflicts game
              prometeu-packer conflicts game --json | jq -r .kept_at
            """
    )

    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let finished = try await withProject(common.project, access: .readOnly) { project, _ in project.conflicts }
        var printer = Printer(asJSON: common.json)
        // A conflict that opening met stands in the list, too.
        try printer.showNotices(
            finished.notices.filter { if case .conflictKept = $0.kind { false } else { true } })
        let conflicts = try finished.result.get()
        if common.json {
            for conflict in conflicts { try printer.print(ConflictView(conflict)) }
            try printer.print(ConflictsView(total: conflicts.count))
        } else {
            if !conflicts.isEmpty {
                var table = Table(columns: ["PATH", "KEPT AT", "OPERATION"])
                table.rows = conflicts.map {
                    [
                        Table.Cell($0.path), Table.Cell($0.keptAt, .yellow),
                        Table.Cell($0.operation?.description ?? "-", .grey),
                    ]
                }
                try printer.print(table)
            }
            try printer.flush()
            let remedy =
                conflicts.isEmpty
                ? "" : "; look at both, copy back what is wanted, and remove the kept file (paths are below assets/)"
            try printer.note(Quantity.count(conflicts.count, "conflict") + remedy)
        }
        try printer.flush()
    }
}

/// The last line of the conflicts.
struct ConflictsView: Encodable {
    let kind = "conflicts"
    let total: Int
}

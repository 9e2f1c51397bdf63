import Packer

/// How a command that has changed or refreshed something says so.
struct OutcomeReport {
    let name: String
    let verb: String

    init(_ name: String, verb: String) {
        self.name = name
        self.verb = verb
    }

    /// - Throws: the operation's own error, after the notices.
    func print(_ finished: Finished<Done>, asJSON: Bool) throws {
        var printer = Printer(asJSON: asJSON)
        try printer.showNotices(finished.notices)
        try printer.flush()
        let done = try finished.result.get()
        if asJSON {
            try printer.print(OutcomeView(name, done))
        } else {
            var table = Table(columns: ["", .number(""), "", ""])
            table.rows = done.outcome.assets.map {
                [
                    Table.Cell(verb), Table.Cell($0.id?.description ?? "-"), Table.Cell($0.root.path),
                    Table.Cell($0.uuid?.description ?? "", .grey),
                ]
            }
            try printer.print(table)
            try printer.print("\(done.snapshot.text)")
        }
        try printer.flush()
    }
}

extension Snapshot {
    /// `generation 2, 3 assets, 1 error, 0 warnings`.
    var text: String {
        let (errors, warnings) = allDiagnostics.counts
        return [
            "generation \(generation)", Quantity.count(count, "asset"), Quantity.count(errors, "error"),
            Quantity.count(warnings, "warning"),
        ].joined(separator: ", ")
    }
}

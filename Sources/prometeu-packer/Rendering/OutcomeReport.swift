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
    func print(_ finished: Finished<OperationOutcome>, asJSON: Bool) throws {
        var printer = Printer(asJSON: asJSON)
        try printer.showNotices(finished.notices)
        try printer.flush()
        let outcome = try finished.result.get()
        if asJSON {
            try printer.print(OutcomeView(name, outcome))
        } else {
            try printer.print("\(verb) \(Quantity.count(outcome.assets.count, "asset")) (generation \(outcome.generation))")
            var table = Table(columns: [.number(""), "", ""], indentation: "  ")
            table.rows = outcome.assets.map {
                [
                    Table.Cell($0.id?.description ?? "-"), Table.Cell($0.root.path),
                    Table.Cell($0.uuid?.description ?? "", .grey),
                ]
            }
            try printer.print(table)
        }
        try printer.flush()
    }
}

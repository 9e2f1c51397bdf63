import ArgumentParser
import Packer

struct ShowCommand: PackerCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one asset: its declaration, inputs and diagnostics.",
        discussion: """
            ASSET is an id, a uuid or a root. Paths of diagnostics are relative to assets/. Only reads: it works \
            beside a running Studio.

            EXAMPLES
              prometeu-packer show game 7
              prometeu-packer show game sprites/hero
              prometeu-packer show game root:7 --json
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "An id, a uuid or a root.")
    var asset: String

    func perform() async throws {
        let finished = try await withProject(common.project, access: .readOnly) { project, _ in project.snapshot }
        var printer = Printer(asJSON: common.json)
        try printer.showNotices(finished.notices)
        let snapshot = try finished.result.get()
        let found = try snapshot.asset(AssetReference(argument: asset))
        if common.json {
            try printer.print(AssetDetailsView(found, generation: snapshot.generation))
        } else {
            try Self.print(found, to: &printer)
        }
        try printer.flush()
    }

    private static func print(_ asset: Asset, to printer: inout Printer) throws {
        try printer.print(asset.root.path)
        try printer.print(facts(asset))
        if !asset.inputs.isEmpty {
            try printer.print("inputs", .grey)
            try printer.print(inputs(asset))
        }
        if !asset.diagnostics.isEmpty {
            try printer.print("diagnostics", .grey)
            for diagnostic in asset.diagnostics {
                let severity = diagnostic.severity.rawValue
                try printer.print(
                    "  \(severity): \(diagnostic.place): \(diagnostic.message) [\(diagnostic.code.rawValue)]",
                    diagnostic.severity == .error ? .red : .yellow
                )
                try printer.print("    remedy: \(diagnostic.remedy)")
            }
        }
    }

    private static func facts(_ asset: Asset) -> Table {
        var table = Table(columns: ["", ""], indentation: "  ")
        func fact(_ name: String, _ value: String?, _ colour: Colour? = nil) {
            table.rows.append([Table.Cell(name, .grey), Table.Cell(value ?? "-", colour)])
        }
        fact("id", asset.id?.description)
        fact("uuid", asset.uuid?.description)
        fact("name", asset.name)
        fact("type", asset.type?.rawValue)
        fact("registration", asset.registration.rawValue)
        fact("validity", asset.validity.rawValue, asset.validity.colour)
        fact("build", asset.isIncludedInBuild ? "included" : "excluded")
        fact("declaration", asset.declaration == nil ? "cannot be read" : asset.declarationPath)
        if let declaration = asset.declaration {
            fact("format", declaration.output.format)
            fact("codec", declaration.output.codec)
            fact("metadata", declaration.output.metadata)
            fact("preload", declaration.preloadEnabled ? "enabled" : "disabled")
        }
        return table
    }

    private static func inputs(_ asset: Asset) -> Table {
        var table = Table(columns: ["ROLE", "PATH", .number("SIZE"), "MODIFIED"], indentation: "  ")
        table.rows = asset.inputs.map { input in
            [
                Table.Cell(input.role),
                Table.Cell(input.path),
                input.size.map { Table.Cell(Quantity.size($0)) } ?? Table.Cell("missing", .red),
                Table.Cell(input.modified.map(Quantity.localTime) ?? "-"),
            ]
        }
        return table
    }
}

import ArgumentParser
import Packer

struct ListCommand: PackerCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the assets of a project.",
        discussion: """
            Shows the assets in the order of their roots, registered or not. Every condition that is given must \
            hold. Only reads: it works beside a running Studio.

            EXAMPLES
              prometeu-packer list game
              prometeu-packer list game --validity invalid --type map
              prometeu-packer list game --included --text hero --limit 20
              prometeu-packer list game --json | jq -r 'select(.kind == "asset").root'
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(help: "Only those that are registered, unregistered or unknown.")
    var registration: Registration?

    @Option(help: "Only those that are valid, invalid or missing.")
    var validity: Validity?

    @Option(help: "Only those of this type, like tile_bank.")
    var type: String?

    @Flag(help: "Only those that take part in the build, or do not.")
    var participation: BuildParticipation?

    @Option(help: "Only those with this in their root or name; capitals do not matter.")
    var text: String?

    @Option(help: "At most so many.")
    var limit: Int?

    // The model's own values, as words of the command line.
    enum Registration: String, CaseIterable, ExpressibleByArgument {
        case registered, unregistered, unknown
        var value: Asset.Registration {
            switch self {
            case .registered: .registered
            case .unregistered: .unregistered
            case .unknown: .unknown
            }
        }
    }

    enum Validity: String, CaseIterable, ExpressibleByArgument {
        case valid, invalid, missing
        var value: Asset.Validity {
            switch self {
            case .valid: .valid
            case .invalid: .invalid
            case .missing: .missing
            }
        }
    }

    enum BuildParticipation: String, EnumerableFlag {
        case included, excluded
    }

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func perform() async throws {
        let finished = try await withProject(common.project, access: .readOnly) { project, _ in project.snapshot }
        var printer = Printer(asJSON: common.json)
        try printer.showNotices(finished.notices)
        let snapshot = try finished.result.get()
        let filter = AssetFilter(
            registration: registration?.value,
            validity: validity?.value,
            isIncludedInBuild: participation.map { $0 == .included },
            type: type.map(AssetType.init(rawValue:)),
            text: text
        )
        let page = snapshot.list(filter, limit: limit ?? .max)
        for diagnostic in snapshot.diagnostics {
            let text = "\(diagnostic.severity.rawValue): \(diagnostic.place): \(diagnostic.message)"
            try printer.note(text, DiagnosticView(diagnostic))
            try printer.note("  remedy: \(diagnostic.remedy)")
        }
        if common.json {
            for asset in page.assets { try printer.print(AssetView(asset)) }
            try printer.print(
                ListView(
                    generation: snapshot.generation,
                    shown: page.assets.count,
                    total: snapshot.count,
                    hasMore: page.next != nil
                )
            )
        } else {
            if !page.assets.isEmpty { try printer.print(Self.table(page.assets)) }
            try printer.flush()
            let rest = page.next == nil ? "" : "; more match, raise --limit to see them"
            try printer.note("\(page.assets.count) of \(Quantity.count(snapshot.count, "asset"))\(rest)")
        }
        try printer.flush()
    }

    static func table(_ assets: [Asset]) -> Table {
        var table = Table(columns: [
            .number("ID"), "ROOT", "TYPE", "REGISTRATION", "VALIDITY", "BUILD", .number("INPUTS"), .number("SIZE"),
            "DIAGNOSTICS",
        ])
        table.rows = assets.map { asset in
            let (errors, warnings) = asset.diagnostics.counts
            let problems = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
            return [
                Table.Cell(asset.id?.description ?? "-"),
                Table.Cell(asset.root.path),
                Table.Cell(asset.type?.rawValue ?? "-"),
                Table.Cell(asset.registration.rawValue, asset.registration == .registered ? nil : .yellow),
                Table.Cell(asset.validity.rawValue, asset.validity.colour),
                Table.Cell(asset.isIncludedInBuild ? "included" : "excluded", asset.isIncludedInBuild ? nil : .grey),
                Table.Cell(String(asset.inputs.count)),
                Table.Cell(Quantity.size(asset.inputBytes)),
                Table.Cell(
                    problems.map { Quantity.count($0.0, $0.1) }.joined(separator: ", "),
                    errors > 0 ? .red : .yellow
                ),
            ]
        }
        return table
    }
}

/// The last line of a list.
struct ListView: Encodable {
    let kind = "list"
    let generation: UInt64
    let shown: Int
    let total: Int
    let hasMore: Bool
}

extension Asset.Validity {
    var colour: Colour { self == .valid ? .green : .red }
}

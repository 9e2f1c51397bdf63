import ArgumentParser
import Packer

struct TrashCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "trash",
        abstract: "Lists what was deleted and can be restored, or removes it for good.",
        discussion: """
            The oldest deletion comes first. The list only reads: it works beside a running Studio. --empty removes \
            everything in the trash for good; nothing brings it back.

            EXAMPLES
              prometeu-packer trash game
              prometeu-packer trash game --json | jq -r 'select(.kind == "deletion").root'
              prometeu-packer trash game --empty --preview
              prometeu-packer trash game --empty
            """
    )
    static let pastTense = "emptied"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Flag(help: "Remove everything in the trash for good.")
    var empty = false

    func validate() throws {
        if change.preview && !empty { throw ValidationError("--preview goes with --empty: a list changes nothing.") }
    }

    func mutation() throws(PackerError) -> Mutation { .emptyTrash }

    func perform() async throws {
        if empty { return try await performChange() }
        let finished = try await withProject(common.project, access: .readOnly) { project, _ in project.snapshot }
        var printer = Printer(asJSON: common.json)
        try printer.showNotices(finished.notices)
        let snapshot = try finished.result.get()
        let assets = snapshot.trash.reduce(0) { $0 + $1.assets.count }
        if common.json {
            for item in snapshot.trash { try printer.print(DeletionView(item)) }
            try printer.print(
                TrashView(generation: snapshot.generation, deletions: snapshot.trash.count, assets: assets))
        } else {
            if !snapshot.trash.isEmpty { try printer.print(Self.table(snapshot.trash)) }
            try printer.flush()
            let deletions = Quantity.count(snapshot.trash.count, "deletion")
            try printer.note("\(deletions), \(Quantity.count(assets, "asset"))")
        }
        try printer.flush()
    }

    /// A row an asset; what one deletion took says so once.
    private static func table(_ items: [TrashItem]) -> Table {
        var table = Table(columns: ["DELETED", "FOLDER", .number("ID"), "ROOT", "UUID", "DELETION"])
        for item in items {
            for (index, asset) in item.assets.enumerated() {
                let isFirst = index == 0
                table.rows.append([
                    Table.Cell(isFirst ? Quantity.localTime(item.deletedAt) : ""),
                    Table.Cell(isFirst ? item.root.path : ""), Table.Cell(asset.id.description),
                    Table.Cell(asset.root.path), Table.Cell(asset.uuid.description, .grey),
                    Table.Cell(isFirst ? item.operation.description : "", .grey),
                ])
            }
        }
        return table
    }
}

/// What one deletion took.
struct DeletionView: Encodable {
    let kind = "deletion"
    let operationID: String
    let number: Int
    let deletedAt: String
    let root: String
    let assets: [Trashed]

    struct Trashed: Encodable {
        let id: UInt32
        let uuid: String
        let root: String
        let includedInBuild: Bool
    }

    enum CodingKeys: String, CodingKey {
        case kind, number, deletedAt, root, assets
        case operationID = "operationId"
    }

    init(_ item: TrashItem) {
        operationID = item.operation.description
        number = item.number
        deletedAt = Quantity.exactTime(item.deletedAt)
        root = item.root.path
        assets = item.assets.map {
            Trashed(
                id: $0.id.rawValue, uuid: $0.uuid.description, root: $0.root.path, includedInBuild: $0.isIncludedInBuild
            )
        }
    }
}

/// The last line of a trash.
struct TrashView: Encodable {
    let kind = "trash"
    let generation: UInt64
    let deletions: Int
    let assets: Int
}

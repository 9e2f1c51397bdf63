import ArgumentParser
import Packer

struct UpdateCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Changes values of an asset's declaration, and no other byte of it.",
        discussion: """
            --set takes \(DeclarationSetting.keys.joined(separator: ", ")). Values are plain text; preload.enabled is \
            true or false, and output.metadata the text of a JSON object. --input gives the files of a role, as in \
            create: all that it shall have, in place of what it has; a role with nothing behind the = has no files.

            EXAMPLES
              prometeu-packer update game 7 --set output.codec=NONE
              prometeu-packer update game 7 --set name=Hero --set preload.enabled=true
              prometeu-packer update game maps/town --input grid=a.tmx --input grid=b.tmx
              prometeu-packer update game 7 --set 'output.metadata={"tile_size": 16}' --preview
            """
    )
    static let pastTense = "updated"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "An id, a uuid or a root.")
    var asset: String

    @Option(name: .customLong("set"), help: ArgumentHelp("A value and its name.", valueName: "key=value"))
    var settings: [String] = []

    @Option(
        name: .customLong("input"), help: ArgumentHelp("A file of a role's, all of them.", valueName: "role=path"))
    var inputs: [CreateCommand.Input] = []

    func validate() throws {
        if settings.isEmpty && inputs.isEmpty {
            throw ValidationError("Nothing is to be changed: give --set or --input.")
        }
        _ = try DeclarationSetting.changes(settings)
    }

    func mutation() throws(PackerError) -> Mutation {
        let reference = try AssetReference(argument: asset)
        // Validated when it was parsed.
        let changes = (try? DeclarationSetting.changes(settings)) ?? []
        let roles = CreateCommand.roles(inputs).map { role in
            DeclarationChange.inputPaths(role: role.role, role.paths.filter { !$0.isEmpty })
        }
        return .update(reference, changes + roles)
    }
}

/// `key=value` as `--set` takes it.
enum DeclarationSetting {
    static let keys = ["name", "type", "output.format", "output.codec", "output.metadata", "preload.enabled"]

    /// - Throws: `ValidationError` for what is no such setting, and for a key that is given twice.
    static func changes(_ settings: [String]) throws -> [DeclarationChange] {
        var seen = Set<Substring>()
        return try settings.map { setting in
            let key = setting.prefix { $0 != "=" }
            guard key.endIndex != setting.endIndex else {
                throw ValidationError("--set takes a key, = and a value; \"\(setting)\" has no =.")
            }
            if !seen.insert(key).inserted { throw ValidationError("--set gives \(key) twice.") }
            return try change(key, String(setting[setting.index(after: key.endIndex)...]))
        }
    }

    private static func change(_ key: Substring, _ value: String) throws -> DeclarationChange {
        switch key {
        case "name": return .name(value)
        case "type": return .type(AssetType(rawValue: value))
        case "output.format": return .outputFormat(value)
        case "output.codec": return .outputCodec(value)
        case "output.metadata": return .outputMetadata(value)
        case "preload.enabled":
            guard let isEnabled = Bool(value) else {
                throw ValidationError("preload.enabled is true or false, and not \"\(value)\".")
            }
            return .preloadEnabled(isEnabled)
        default:
            throw ValidationError(
                "A declaration has no \"\(key)\" that --set changes; there are \(keys.joined(separator: ", ")), and"
                    + " --input for the files of a role.")
        }
    }
}

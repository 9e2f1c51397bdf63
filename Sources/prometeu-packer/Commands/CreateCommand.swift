import ArgumentParser
import Packer

struct CreateCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Makes a new asset and registers it.",
        discussion: """
            ROOT is the asset's folder, relative to assets/. It may exist and hold files, but no declaration. \
            Inputs are paths relative to it; a role that is given several times has several files. When the command \
            has ended well, the asset is durable; a SIGINT lets a commit that has begun finish.

            EXAMPLES
              prometeu-packer create game sprites/hero --type tile_bank
              prometeu-packer create game sprites/boss --type tile_bank --name Boss
              prometeu-packer create game maps/town --type map --input grid=town.tmx
              prometeu-packer create game music/intro --type sound_bank --preload
              prometeu-packer create game maps/cave --type map --preview
            """
    )
    static let pastTense = "created"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "The folder of the new asset, relative to assets/.")
    var root: String

    @Option(help: "What it is, like tile_bank.")
    var type: String

    @Option(help: "The name for people. (default: the last component of ROOT)")
    var name: String?

    @Option(help: "The output format, like TILES/indexed_v1. (default: the type's usual one)")
    var format: String?

    @Option(help: "The output codec. (default: the type's usual one)")
    var codec: String?

    @Option(name: .customLong("input"), help: ArgumentHelp("An input file and its role.", valueName: "role=path"))
    var inputs: [Input] = []

    @Flag(help: "Preload it.")
    var preload = false

    @Flag(help: "Leave it out of the build.")
    var exclude = false

    struct Input: ExpressibleByArgument {
        var role: String
        var path: String

        init?(argument: String) {
            guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
            role = String(argument[..<equals])
            path = String(argument[argument.index(after: equals)...])
        }
    }

    func mutation() throws(PackerError) -> Mutation {
        var asset = NewAsset(
            root: try AssetRoot(argument: root),
            name: name,
            type: AssetType(rawValue: type),
            inputs: Self.roles(inputs),
            preloadEnabled: preload,
            isIncludedInBuild: !exclude
        )
        if let format { asset.output.format = format }
        if let codec { asset.output.codec = codec }
        return .create(asset)
    }

    /// One entry a role, in the order in which they were first given.
    static func roles(_ inputs: [Input]) -> [Declaration.InputRole] {
        inputs.reduce(into: []) { roles, input in
            if let known = roles.firstIndex(where: { $0.role == input.role }) {
                roles[known].paths.append(input.path)
            } else {
                roles.append(Declaration.InputRole(role: input.role, paths: [input.path]))
            }
        }
    }
}

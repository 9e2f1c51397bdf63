import ArgumentParser
import Packer

struct DeleteCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Moves an asset, or a folder that holds several, to the trash.",
        discussion: """
            The folder goes with everything in it, and can be restored with its identity until the trash is \
            emptied.

            EXAMPLES
              prometeu-packer delete game 7
              prometeu-packer delete game sprites/old --preview
              prometeu-packer delete game root:sprites --json
            """
    )
    static let pastTense = "deleted"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "An id, a uuid, a root, or a folder that holds assets.")
    var asset: String

    func mutation() throws(PackerError) -> Mutation {
        .delete(try AssetReference(argument: asset))
    }
}

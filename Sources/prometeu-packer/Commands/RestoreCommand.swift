import ArgumentParser
import Packer

struct RestoreCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Puts back from the trash what one deletion took.",
        discussion: """
            Everything that was deleted with it comes back, with its ids and uuids: to where it was, or to \
            another root.

            EXAMPLES
              prometeu-packer restore game 7
              prometeu-packer restore game sprites/hero --to sprites/villain
              prometeu-packer restore game 7 --preview
            """
    )
    static let pastTense = "restored"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "The id, uuid or root of an asset in the trash, or the folder that was deleted.")
    var asset: String

    @Option(help: ArgumentHelp("Where it goes, relative to assets/. (default: where it was)", valueName: "root"))
    var to: String?

    func mutation() throws(PackerError) -> Mutation {
        .restore(
            try AssetReference(argument: asset),
            to: try to.map { root throws(PackerError) in try AssetRoot(argument: root) })
    }
}

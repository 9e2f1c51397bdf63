import ArgumentParser
import Packer

struct ExcludeCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "exclude",
        abstract: "Leaves an asset out of the build.",
        discussion: """
            Only the registry changes; the asset stays registered.

            EXAMPLES
              prometeu-packer exclude game 7
              prometeu-packer exclude game sprites/hero --preview
            """
    )
    static let pastTense = "excluded"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "An id, a uuid or a root.")
    var asset: String

    func mutation() throws(PackerError) -> Mutation {
        .exclude(try AssetReference(argument: asset))
    }
}

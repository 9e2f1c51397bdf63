import ArgumentParser
import Packer

struct ReidentifyCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "reidentify",
        abstract: "Gives an asset whose id or uuid stands twice another.",
        discussion: """
            The one that is named gets a new identity, in the registry and its declaration; the others keep \
            theirs. Name it by its root. An identity that stands once is never changed.

            EXAMPLES
              prometeu-packer reidentify game sprites/hero-copy
              prometeu-packer reidentify game sprites/hero-copy --preview
            """
    )
    static let pastTense = "re-identified"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "An id, a uuid or a root.")
    var asset: String

    func mutation() throws(PackerError) -> Mutation {
        .reidentify(try AssetReference(argument: asset))
    }
}

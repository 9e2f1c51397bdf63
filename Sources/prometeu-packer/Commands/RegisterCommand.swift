import ArgumentParser
import Packer

struct RegisterCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Gives an asset that nobody registered an id.",
        discussion: """
            Its declaration gives the uuid; no file of the asset changes. Where its uuid is another asset's, one \
            of the two is re-identified first.

            EXAMPLES
              prometeu-packer register game sprites/found
              prometeu-packer register game sprites/found --exclude
              prometeu-packer register game sprites/found --preview
            """
    )
    static let pastTense = "registered"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "An id, a uuid or a root.")
    var asset: String

    @Flag(help: "Leave it out of the build.")
    var exclude = false

    func mutation() throws(PackerError) -> Mutation {
        .register(try AssetReference(argument: asset), isIncludedInBuild: !exclude)
    }
}

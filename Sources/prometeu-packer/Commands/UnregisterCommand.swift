import ArgumentParser
import Packer

struct UnregisterCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "unregister",
        abstract: "Takes an asset out of the registry; its files stay.",
        discussion: """
            Its id is never given out again. An asset whose folder is gone can be unregistered, too.

            EXAMPLES
              prometeu-packer unregister game 7
              prometeu-packer unregister game sprites/hero --preview
            """
    )
    static let pastTense = "unregistered"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "An id, a uuid or a root.")
    var asset: String

    func mutation() throws(PackerError) -> Mutation {
        .unregister(try AssetReference(argument: asset))
    }
}

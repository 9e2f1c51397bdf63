import ArgumentParser
import Packer

struct IncludeCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "include",
        abstract: "Lets an asset take part in the build.",
        discussion: """
            Only the registry changes.

            EXAMPLES
              prometeu-packer include game 7
              prometeu-packer include game sprites/hero --json
            """
    )
    static let pastTense = "included"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "An id, a uuid or a root.")
    var asset: String

    func mutation() throws(PackerError) -> Mutation {
        .include(try AssetReference(argument: asset))
    }
}

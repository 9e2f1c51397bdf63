import ArgumentParser
import Packer

struct RelocateCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "relocate",
        abstract: "Moves an asset, or a folder that holds several, to another root.",
        discussion: """
            The folder goes with everything in it; ids and uuids stay. An asset whose folder was moved by hand is \
            relocated to where it is now: then only the registry follows. A SIGINT lets a commit that has begun \
            finish.

            EXAMPLES
              prometeu-packer relocate game 7 actors/hero
              prometeu-packer relocate game sprites/hero actors/hero --json
              prometeu-packer relocate game sprites actors --preview
            """
    )
    static let pastTense = "relocated"

    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "An id, a uuid, a root, or a folder that holds assets.")
    var asset: String

    @Argument(help: "Where it goes, relative to assets/. Nothing may stand there.")
    var root: String

    func mutation() throws(PackerError) -> Mutation {
        .relocate(try AssetReference(argument: asset), to: try AssetRoot(argument: root))
    }
}

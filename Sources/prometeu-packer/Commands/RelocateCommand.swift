import ArgumentParser
import Packer

struct RelocateCommand: PackerCommand, FinishesItsWork {
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
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "An id, a uuid, a root, or a folder that holds assets.")
    var asset: String

    @Argument(help: "Where it goes, relative to assets/. Nothing may stand there.")
    var root: String

    func perform() async throws {
        let reference = try AssetReference(argument: asset)
        let target = try AssetRoot(argument: root)
        let finished = try await carryOut(in: common.project) { try $0.submit(.relocate(reference, to: target)) }
        try OutcomeReport("relocate", verb: "relocated").print(finished, asJSON: common.json)
    }
}

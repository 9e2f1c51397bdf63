import ArgumentParser
import Packer

struct RefreshCommand: PackerCommand, FinishesItsWork {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Reads the project, or one asset, from disk again.",
        discussion: """
            Takes the project's lock, finishes what a crash interrupted, and reads what stands on disk. Without \
            ASSET all of it is read. It changes no asset: what is broken is listed by list and show.

            EXAMPLES
              prometeu-packer refresh game
              prometeu-packer refresh game sprites/hero --json
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "An id, a uuid or a root. (default: all)")
    var asset: String?

    func perform() async throws {
        let target: RefreshTarget =
            if let asset { .asset(try AssetReference(argument: asset)) } else { .all }
        let finished = try await carryOut(in: common.project) { try $0.refresh(target) }
        try OutcomeReport("refresh", verb: "refreshed").print(finished, asJSON: common.json)
    }
}

import ArgumentParser
import Packer

/// What every command takes that changes assets.
struct ChangeOptions: ParsableArguments {
    @Flag(help: "Show what it would do, and change nothing.")
    var preview = false
}

/// A subcommand that is one mutation: shown, or carried out.
protocol ChangingCommand: PackerCommand, FinishesItsWork {
    var change: ChangeOptions { get }
    /// What became of the assets, in a word: `created`.
    static var pastTense: String { get }
    /// - Throws: `name.invalid` or `asset.unknown` for what cannot be meant.
    func mutation() throws(PackerError) -> Mutation
}

extension ChangingCommand {
    func perform() async throws { try await performChange() }

    func performChange() async throws {
        let mutation = try mutation()
        if change.preview { return try await show(mutation) }
        let finished = try await carryOut(in: common.project) { try $0.submit(mutation) }
        try OutcomeReport(mutation.name, verb: Self.pastTense).print(finished, asJSON: common.json)
    }

    /// Reads only: it works beside a writer, and takes no lock.
    private func show(_ mutation: Mutation) async throws {
        let finished = try await withProject(common.project, access: .readOnly) { project, _ in
            try await project.preview([mutation])
        }
        var printer = Printer(asJSON: common.json)
        try printer.showNotices(finished.notices)
        let preview = try finished.result.get()
        try printer.show(preview, name: mutation.name)
        try printer.flush()
        if !preview.canBeApplied { throw PreviewBlocked(blockers: preview.blockers) }
    }
}

/// A preview was shown that could not be applied.
struct PreviewBlocked: Error {
    let blockers: [PackerError]
}

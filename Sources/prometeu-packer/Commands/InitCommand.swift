import ArgumentParser
import Foundation
import Packer

struct InitCommand: PackerCommand, FinishesItsWork {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes the asset workspace of a project.",
        discussion: """
            Makes assets/ with an empty registry in PROJECT, which must be there. Refused where there is an assets/ \
            already, whatever is in it.

            EXAMPLES
              prometeu-packer init game
              prometeu-packer init . --json
            """
    )

    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let assets = common.project + "/assets"
        var status = stat()
        // Opening would take what is there for the workspace; a dangling link is something, too.
        if lstat(assets, &status) == 0 {
            throw PackerError(
                .workspaceExists,
                "the project has an assets folder already",
                paths: [assets],
                remedy: "Use it as it is, or name another project."
            )
        }
        let finished = try await withProject(common.project, access: .readWrite, createsWorkspace: true) { project, _ in
            project.snapshot
        }
        var printer = Printer(asJSON: common.json)
        try printer.showNotices(finished.notices)
        let snapshot = try finished.result.get()
        if common.json {
            try printer.print(WorkspaceView(project: common.project, assets: snapshot.count))
        } else {
            try printer.print("made the asset workspace of \(common.project)")
        }
        try printer.flush()
    }
}

struct WorkspaceView: Encodable {
    let kind = "workspace"
    let project: String
    let assets: Int
}

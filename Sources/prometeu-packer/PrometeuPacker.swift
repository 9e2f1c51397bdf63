import ArgumentParser

/// The diagnostics command's root.
struct PrometeuPacker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prometeu-packer",
        abstract: "Looks into the asset workspace of a project, changes it, and watches it for divergence.",
        discussion: """
            PROJECT is the folder that holds assets/. An ASSET is named by its id, its uuid or its root; \
            id:7, uuid:… and root:… say outright which of them is meant.

            list, show, trash, conflicts, watch, snapshot and divergence only read, and work beside a running Studio; so does any change \
            with --preview, which shows what it would do. init, refresh, apply and the changes take the project's \
            lock, and are refused while another writer has it.

            EXIT CODES
              0  done
              1  refused or failed; the error names the paths and the remedy
              2  the command line was not understood
              3  watch --until-settled found divergence, or divergence a difference

            EXAMPLES
              prometeu-packer init game
              prometeu-packer create game sprites/hero --type tile_bank
              prometeu-packer list game --validity invalid
              prometeu-packer delete game sprites/hero --preview
              prometeu-packer apply game changes.jsonl
              prometeu-packer watch game --json | jq -r 'select(.kind == "divergence").path'
              prometeu-packer explain input.missing
            """,
        subcommands: [
            InitCommand.self, ListCommand.self, ShowCommand.self, CreateCommand.self, RegisterCommand.self,
            IncludeCommand.self, ExcludeCommand.self, UpdateCommand.self, RelocateCommand.self,
            UnregisterCommand.self, DeleteCommand.self, RestoreCommand.self, TrashCommand.self,
            ReidentifyCommand.self, ApplyCommand.self, RefreshCommand.self, ConflictsCommand.self, WatchCommand.self,
            SnapshotCommand.self, DivergenceCommand.self, ExplainCommand.self,
        ]
    )
}

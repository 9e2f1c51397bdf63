import Packer

/// What an operation would do.
struct PreviewView: Encodable {
    let kind = "preview"
    let name: String
    /// Of the snapshot that it stands on.
    let generation: UInt64
    let canBeApplied: Bool
    let changes: [Change]
    let assets: [OutcomeView.Touched]
    let blockers: [Failure]
    let warnings: [DiagnosticView]

    struct Change: Encodable {
        let change: String
        let path: String
        @Nullable var to: String?
        @Nullable var before: String?
        @Nullable var after: String?

        init(_ change: PlannedChange) {
            self.change = change.kind.rawValue
            path = change.path
            to = change.to
            before = change.before
            after = change.after
        }
    }

    init(_ preview: Preview, name: String) {
        self.name = name
        generation = preview.generation
        canBeApplied = preview.canBeApplied
        changes = preview.changes.map(Change.init)
        assets = preview.assets.map(OutcomeView.Touched.init)
        blockers = preview.blockers.map(Failure.init)
        warnings = preview.warnings.map(DiagnosticView.init)
    }
}

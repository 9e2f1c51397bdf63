import Packer

/// A project at one moment.
struct ProjectState: Sendable {
    let project: String
    let snapshot: Snapshot
    let report: DivergenceReport
    /// Everything that happened before it was asked for has been looked at.
    let isSettled: Bool

    init(_ project: PackerProject, isSettled: Bool) {
        self.project = project.path
        // The report first: a snapshot that is newer than its sequence is shown again by the event that tells of it,
        // one that is older would be shown by none.
        report = project.divergences
        snapshot = project.snapshot
        self.isSettled = isSettled
    }

    /// - Throws: `DivergenceFound`; `CoverageIncomplete` where nothing is flagged but something may be.
    func requireNothingFlagged() throws {
        if !report.divergences.isEmpty { throw DivergenceFound() }
        guard case .complete = report.coverage else { throw CoverageIncomplete(coverage: report.coverage) }
    }
}

/// Divergence was asked for, and is there.
struct DivergenceFound: Error {}

/// Nothing is flagged, and that proves nothing.
struct CoverageIncomplete: Error {
    let coverage: Coverage
}

public import Packer

/// One open project as Studio uses it: requests to the packer and its responses, passed on unchanged.
///
/// It has no meaning of its own: it never looks at the disk and never derives an asset's state; each member is one
/// call of the project. What happens without being asked for comes over the bus.
public struct PackerAdapter: Sendable {
    private let project: PackerProject

    package init(_ project: PackerProject) { self.project = project }

    /// The project's folder, as it was opened.
    public var path: String { project.path }
    /// What the project's events carry.
    public var session: SessionID { project.session }

    // MARK: Queries

    /// The newest snapshot; questions that belong together are asked of one.
    public var snapshot: Snapshot { project.snapshot }

    public var divergences: DivergenceReport { project.divergences }

    public var coverage: Coverage { project.coverage }

    /// Commands that wait or run, in their order.
    public var runningOperations: [OperationID] { project.runningOperations }

    /// Returns when everything that happened on disk before the call has been looked at.
    public func settled() async { await project.settled() }

    /// Copies that commits put aside and nobody has taken away.
    public var conflicts: [Conflict] { project.conflicts }

    /// What these changes would do.
    public func preview(_ mutations: [Mutation]) async throws(PackerError) -> Preview {
        try await project.preview(mutations)
    }

    // MARK: Commands

    /// Queues a change and returns at once.
    public func submit(_ mutation: Mutation) throws(PackerError) -> PackerOperation { try project.submit(mutation) }

    /// Queues several changes as one, all of them or none.
    public func submit(_ mutations: [Mutation]) throws(PackerError) -> PackerOperation {
        try project.submit(mutations)
    }

    /// Queues what a preview shows: exactly that, or nothing.
    public func apply(_ preview: Preview) throws(PackerError) -> PackerOperation { try project.apply(preview) }

    /// Asks the packer to read the disk again.
    public func refresh(_ target: RefreshTarget = .all) throws(PackerError) -> PackerOperation {
        try project.refresh(target)
    }

    package func close(_ mode: CloseMode) async { await project.close(mode) }
}

/// One open project.
public final class PackerProject: Sendable {
    public let path: String
    init() { path = "" }
    public static func open(
        _ path: String,
        options: PackerOptions = PackerOptions(),
        sink: any PackerEventSink
    ) async throws(PackerError) -> PackerProject { fatalError("stub") }
    public var session: SessionID { fatalError("stub") }
    /// The newest snapshot.
    public var snapshot: Snapshot { fatalError("stub") }
    /// The first event's sequence has this to be compared with.
    public func submit(_ mutation: Mutation) throws(PackerError) -> PackerOperation { fatalError("stub") }
    public func refresh(_ target: RefreshTarget = .all) throws(PackerError) -> PackerOperation { fatalError("stub") }
    public var divergences: DivergenceReport { fatalError("stub") }
    public var coverage: Coverage { fatalError("stub") }
    /// Commands that are queued or run.
    public var runningOperations: [OperationID] { fatalError("stub") }
    /// Returns when everything that happened on disk before the call has been looked at.
    public func settled() async { fatalError("stub") }
    public func close(_ mode: CloseMode = .drain) async { fatalError("stub") }
}

/// A command on its way.
public final class PackerOperation: Sendable {
    public let id: OperationID
    public let name: String
    init(id: OperationID, name: String) { self.id = id; self.name = name }
    /// Waits for its end without blocking a thread.
    public var result: OperationOutcome { get async throws(PackerError) { fatalError("stub") } }
    /// Takes it back while it is queued; false once it runs or has ended.
    @discardableResult public func cancel() -> Bool { false }
}

public import Packer

/// What the assets page shows and wants: a pure state machine, with no packer, clock or thread in it.
///
/// Each step takes what happened (a person's action, an answer of the packer, an event) and returns the requests that
/// follow from it, in order. Assets, flags and errors are the packer's values, kept as they came; what is listed is
/// looked up in the snapshot that the state holds, so that rows and details always tell one truth.
public struct AssetsWorkspace: Sendable {
    /// The project's folder, as it was opened.
    public let project: String
    /// Events of other sessions are ignored.
    public let session: SessionID
    public internal(set) var filter = AssetFilter.all
    public internal(set) var sort = AssetSort()
    /// How many rows are wanted.
    public internal(set) var limit = Self.pageSize
    /// What list and details are looked up in; nil until the first answer.
    public internal(set) var snapshot: Snapshot?
    public internal(set) var selection: AssetReference?
    public internal(set) var staged: StagedWrite?
    public internal(set) var refresh = Refresh.idle
    public internal(set) var flags = DivergenceBoard()
    public internal(set) var operations = OperationBoard()
    /// Copies that commits put aside.
    public internal(set) var conflicts: [Conflict] = []
    /// True after the last event: nothing changes any more.
    public internal(set) var isClosed = false

    var newestEvent: UInt64?
    /// Of the newest write that was staged.
    var stagedNumber = 0
    /// Operations that this page asked for, while they run.
    var own: Set<OperationID> = []

    public static let pageSize = 100

    package init(project: String, session: SessionID) {
        self.project = project
        self.session = session
    }

    public enum Refresh: Sendable, Equatable {
        case idle
        case running
        case failed(PackerError)
    }

    /// True for an operation that was asked for here and waits for its turn.
    public func canCancel(_ operation: OperationID) -> Bool {
        own.contains(operation) && operations.running.contains { $0.id == operation && !$0.isStarted }
    }
}

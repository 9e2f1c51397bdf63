/// How a project is opened.
public struct PackerOptions: Sendable, Equatable {
    public enum Access: Sendable, Equatable {
        /// Takes the project's lock; a second writer is refused with `workspace.inUse`.
        case readWrite
        /// Takes no lock and repairs nothing; follows the journal of a writer beside it.
        case readOnly
    }

    public var access: Access
    /// Makes `assets/` and its registry where there are none, instead of refusing.
    public var createsWorkspace: Bool
    /// A changed path is looked at once it has been quiet for this long.
    public var settleTime: Duration
    /// A path that never gets quiet is looked at after this long all the same.
    public var settleLimit: Duration
    /// Commands that may wait in the lane; one more is refused with `lane.full`.
    public var laneCapacity: Int
    /// Events that may wait for the sink; past it new commands are refused with `events.backlog`.
    public var eventCapacity: Int

    public init(
        access: Access = .readWrite,
        createsWorkspace: Bool = false,
        settleTime: Duration = .milliseconds(50),
        settleLimit: Duration = .seconds(1),
        laneCapacity: Int = 10_000,
        eventCapacity: Int = 100_000
    ) {
        self.access = access
        self.createsWorkspace = createsWorkspace
        self.settleTime = settleTime
        self.settleLimit = settleLimit
        self.laneCapacity = laneCapacity
        self.eventCapacity = eventCapacity
    }
}

/// What a refresh reads again.
public enum RefreshTarget: Sendable, Equatable {
    case all
    /// One asset: its declaration and inputs. A root that the snapshot does not know is looked at, too.
    case asset(AssetReference)
}

/// What becomes of commands that wait when a project is closed.
public enum CloseMode: Sendable, Equatable {
    /// They are carried out first.
    case drain
    /// They end as cancelled; one that runs is finished.
    case cancel
}

/// The flagged paths at one moment.
public struct DivergenceReport: Sendable, Equatable {
    /// Ordered by path.
    public var divergences: [Divergence]
    /// The sequence of the newest event when this was true.
    public var sequence: UInt64
    public var coverage: Coverage
}

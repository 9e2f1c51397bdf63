import CommitDirectory
package import LinuxFiles
public import PackerModel
import TreeMonitor
import WorkspaceFormat

/// One open project: the owner of what the files of its asset workspace mean.
///
/// Reads are served from `snapshot`. Writes run on a lane of their own, one after the other, each durable and
/// visible whole or not at all. What others change on disk is flagged, and never mended or overwritten. The sink
/// hears of all of it, in order.
///
/// Every member may be called from any thread. Close it with `close`; dropping the last reference closes it too,
/// without waiting.
public final class PackerProject: Sendable {
    /// The project's folder, as it was given.
    public let path: String
    let core: ProjectCore
    private let queue: LaneQueue
    private let watch: MonitorLink
    private let end: Guarded<EndState>

    struct EndState {
        var hasEnded = false
        var waiters: [@Sendable () -> Void] = []
    }

    init(path: String, core: ProjectCore, queue: LaneQueue, watch: MonitorLink, end: Guarded<EndState>) {
        self.path = path
        self.core = core
        self.queue = queue
        self.watch = watch
        self.end = end
    }

    deinit { queue.close(.drain) }

    /// Opens a project: takes its lock, finishes what a crash interrupted, and reads all of it from disk.
    ///
    /// Runs on threads of its own, and tells progress to the sink meanwhile. When it returns, the first snapshot
    /// can be read; the watches are being set up, and the coverage says how far that is.
    /// - Parameters:
    ///   - path: the folder that holds `assets/`.
    ///   - sink: hears every event of the session, from the first progress to `closed`.
    /// - Throws: `workspace.missing`, `workspace.unreadable`, `workspace.inUse` naming the owner, `journal.damaged`,
    ///   `journal.newerFormat`, `recovery.failed`, `project.readOnly` where the filesystem cannot hold a writable
    ///   project, `monitor.libraryClash`, `disk.*`. Nothing is open then. A broken asset or registry is no error:
    ///   the snapshot's diagnostics tell.
    public static func open(
        _ path: String, options: PackerOptions = PackerOptions(), sink: any PackerEventSink
    ) async throws(PackerError) -> PackerProject {
        try await open(path, options: options, sink: sink, disk: LinuxDisk())
    }

    /// As `open`, on a disk that can be failed and paused.
    package static func open(
        _ path: String, options: PackerOptions, sink: any PackerEventSink, disk: LinuxDisk
    ) async throws(PackerError) -> PackerProject {
        let result = await withCheckedContinuation { continuation in
            ProjectThread.start(path, options, sink, disk) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// The opening that events, previews and generations belong to.
    public var session: SessionID { core.session }

    /// The newest snapshot. Costs a reference, and never waits for a writer or the disk.
    public var snapshot: Snapshot { core.snapshot }

    /// Hands a command to the lane.
    /// - Returns: at once, with its id and a handle on its outcome.
    /// - Throws: `project.closed`, `lane.full` or `events.backlog`: it was not taken, and no event tells of it.
    ///   Refusals of the command itself come through the handle.
    public func submit(_ mutation: Mutation) throws(PackerError) -> PackerOperation {
        try submit(name: mutation.name) { .mutate($0, [mutation]) }
    }

    /// Hands several mutations to the lane as one operation: all of them or none, each planned against what the one
    /// before it leaves.
    /// - Throws: as `submit` of one; `mutation.invalid` where there are none.
    public func submit(_ transaction: [Mutation]) throws(PackerError) -> PackerOperation {
        guard let first = transaction.first else {
            throw PackerError(
                .mutationInvalid, "a transaction needs a mutation", remedy: "Give it at least one.")
        }
        return try submit(name: transaction.count == 1 ? first.name : "transaction") { .mutate($0, transaction) }
    }

    /// What an operation of these mutations would do now, with everything that stands in its way. Nothing is changed.
    ///
    /// Planned on the lane, after what waits there, against the snapshot and the disk. Works on a project that was
    /// opened read-only, too.
    /// - Throws: `project.closed`, `lane.full`. Why the mutations themselves cannot be done is in `blockers`.
    public func preview(_ mutations: [Mutation]) async throws(PackerError) -> Preview {
        let result: Result<Preview, PackerError> = await withCheckedContinuation { continuation in
            do throws(PackerError) {
                try queue.add(.preview(mutations, { continuation.resume(returning: $0) })) {}
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Hands what a preview shows to the lane: exactly that, with the identities that it shows, or nothing.
    ///
    /// Where it would do anything else by now, or belongs to another opening of the project, the operation fails
    /// with `preview.stale`, and its `freshPreview` shows what it would do.
    /// - Throws: as `submit`.
    public func apply(_ preview: Preview) throws(PackerError) -> PackerOperation {
        let name = preview.mutations.count == 1 ? preview.mutations[0].name : "transaction"
        return try submit(name: name) { .apply($0, preview) }
    }

    /// Reads the disk again, all of it or one asset, and publishes what stands there.
    ///
    /// This is how a host accepts what others changed: nothing else ever takes a foreign edit into the snapshot.
    public func refresh(_ target: RefreshTarget = .all) throws(PackerError) -> PackerOperation {
        try submit(name: "refresh") { .refresh($0, target) }
    }

    private func submit(
        name: String, _ request: (PackerOperation) -> LaneQueue.Request
    ) throws(PackerError) -> PackerOperation {
        let publisher = core.publisher
        if publisher.isBacklogged {
            throw PackerError(
                .eventBacklog, "too many events wait for the host's sink",
                remedy: "Let the sink catch up: it must not block."
            )
        }
        var generator = RandomSource()
        // Weakly: a sink may keep operations, and the publisher has the sink.
        let operation = PackerOperation(id: OperationID(using: &generator), name: name) { [weak publisher] in
            publisher?.isDelivering ?? false
        }
        try queue.add(request(operation)) {
            publisher.publish(.operationQueued(name: name), operation: operation.id)
        }
        return operation
    }

    /// The flagged paths, with the sequence of the newest event that they stand on. O(flagged).
    public var divergences: DivergenceReport { core.ledger.report }

    /// How far "nothing diverged" can be believed now. O(1).
    public var coverage: Coverage { core.ledger.coverage }

    /// Bytes that were kept because they could not stay where they were, and that nobody has removed since: also
    /// those of earlier sessions. What a person took away by hand is gone from here after a refresh. O(conflicts).
    public var conflicts: [Conflict] { core.conflicts }

    /// Commands that wait or run, in their order.
    public var runningOperations: [OperationID] { queue.operations }

    /// Returns when everything that happened on disk before the call has been looked at, and every input has been
    /// read once. Watches that are being set up are waited for.
    public func settled() async {
        await withCheckedContinuation { continuation in
            let ledger = core.ledger
            watch.barrier { ledger.barrier { continuation.resume() } }
        }
    }

    /// Ends the session: carries out or cancels what waits, empties the journal, delivers the last event, and gives
    /// the lock back. May be called more than once.
    public func close(_ mode: CloseMode = .drain) async {
        queue.close(mode)
        await withCheckedContinuation { continuation in
            let hasEnded = end.withLock { end in
                if !end.hasEnded { end.waiters.append { continuation.resume() } }
                return end.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }
}

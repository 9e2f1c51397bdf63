import CommitDirectory
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// What the parts of an open project share: the newest snapshot, and the way to tell about it.
final class ProjectCore: Sendable {
    let assets: Handle
    let disk: any Disk
    let session: SessionID
    private let isReadOnly: Bool
    let publisher: EventPublisher
    let ledger: DivergenceLedger
    /// Replaced by the lane's thread alone; read from any.
    let newest: Published<Snapshot>
    /// As `newest`.
    private let kept: Guarded<[Conflict]>

    init(
        assets: Handle, disk: any Disk, options: PackerOptions, session: SessionID, publisher: EventPublisher,
        first: Snapshot
    ) {
        self.assets = assets
        self.disk = disk
        self.session = session
        isReadOnly = options.access == .readOnly
        self.publisher = publisher
        let newest = Published(first)
        self.newest = newest
        kept = Guarded(KeptConflicts.list(in: assets, disk: disk))
        ledger = DivergenceLedger(assets: assets, disk: disk, options: options, publisher: publisher) {
            newest.value
        }
    }

    var snapshot: Snapshot { newest.value }
    var conflicts: [Conflict] { kept.withLock { $0 } }

    // MARK: For the lane's thread

    /// Makes a snapshot the newest, then says so.
    func publish(_ snapshot: Snapshot, changedRoots: [AssetRoot], operation: OperationID?) {
        newest.replace(by: snapshot)
        announce(changedRoots: changedRoots, operation: operation)
    }

    func announce(changedRoots: [AssetRoot], operation: OperationID?) {
        let snapshot = snapshot
        publisher.publish(
            .snapshotPublished(
                SnapshotSummary(
                    assets: snapshot.count, changedRoots: changedRoots, isWritable: snapshot.access == .writable
                )), operation: operation, generation: snapshot.generation
        )
    }

    func committed(_ operation: PackerOperation, _ outcome: OperationOutcome) {
        publisher.publish(.operationCommitted(outcome), operation: operation.id)
        operation.end(.success(outcome))
    }

    func failed(_ operation: PackerOperation, _ error: PackerError) {
        publisher.publish(.operationFailed(error), operation: operation.id)
        operation.end(.failure(error))
    }

    /// False for one that was cancelled before its turn, which ends here.
    func start(_ request: LaneQueue.Request) -> Bool {
        guard let operation = request.operation else { return true }
        guard operation.start() else {
            cancelled(operation)
            return false
        }
        publisher.publish(.operationStarted, operation: operation.id)
        return true
    }

    /// What the lane was closed upon.
    func cancelled(_ request: LaneQueue.Request) {
        if let operation = request.operation { cancelled(operation) }
        if case .preview(_, let done) = request { done(.failure(.closed)) }
    }

    private func cancelled(_ operation: PackerOperation) {
        publisher.publish(.operationCancelled, operation: operation.id)
        operation.end(.failure(.cancelled(operation.id)))
    }

    func report(kept files: [KeptFile]) {
        for file in files {
            let operation = OperationID(file.operation)
            let conflict = Conflict(
                path: file.place.description, keptAt: Snapshot.controlPath + "/" + file.keptAt.description,
                operation: operation)
            kept.withLock { kept in
                if !kept.contains(where: { $0.keptAt == conflict.keptAt }) { kept.append(conflict) }
            }
            publisher.publish(.conflictKept(conflict), operation: operation)
        }
    }

    /// Reads the disk again as the host asked, and publishes what it found.
    /// - Parameter walk: wraps the walk of a project that is read beside a writer.
    func refresh(
        _ operation: PackerOperation, _ target: RefreshTarget,
        walk: (() -> ScannedWorkspace) -> ScannedWorkspace = { $0() }
    ) {
        do throws(PackerError) {
            let outcome: OperationOutcome
            switch target {
            case .all: outcome = refreshAll(operation, walk)
            case .asset(let reference): outcome = try refreshOne(operation, reference)
            }
            committed(operation, outcome)
        } catch {
            failed(operation, error)
        }
    }

    /// Publishes a snapshot of the whole workspace. No look that began before it is believed.
    private func replace(_ snapshot: Snapshot, operation: OperationID?) {
        ledger.begin([.root])
        publish(snapshot, changedRoots: [], operation: operation)
        ledger.snapshotReplaced()
        ledger.end([.root])
    }

    /// The next generation; a project that is read-only by how it was opened stays so.
    func assemble(_ scan: ScannedWorkspace) -> Snapshot {
        let next = SnapshotAssembly.assemble(
            scan, session: session, generation: snapshot.generation + 1, pairs: SideBySide())
        return isReadOnly && next.access == .writable ? next.with(access: .readOnly(.openedReadOnly)) : next
    }

    private func refreshAll(
        _ operation: PackerOperation, _ walk: (() -> ScannedWorkspace) -> ScannedWorkspace
    ) -> OperationOutcome {
        let publisher = publisher
        let scan = walk {
            WorkspaceScanner(assets: assets, disk: disk).scan { progress in
                publisher.publish(.operationProgress(progress), operation: operation.id)
            }
        }
        let snapshot = assemble(scan)
        let conflicts = KeptConflicts.list(in: assets, disk: disk)
        kept.withLock { $0 = conflicts }
        replace(snapshot, operation: operation.id)
        return OperationOutcome(operation: operation.id, generation: snapshot.generation, assets: [])
    }

    private func refreshOne(
        _ operation: PackerOperation, _ reference: AssetReference
    ) throws(PackerError) -> OperationOutcome {
        let root: AssetRoot
        if case .root(let named) = reference { root = named } else { root = try snapshot.asset(reference).root }
        let found = WorkspaceScanner(assets: assets, disk: disk, workers: 1).readRoot(root)
        if snapshot.asset(at: root) == nil, found?.isAsset != true {
            throw PackerError(
                .assetUnknown, "there is no asset at \"\(root.path.escaped)\", in the project or on disk",
                paths: [root.path.escaped], remedy: "List the assets, or refresh everything."
            )
        }
        var scan = snapshot.scanned
        scan.roots.removeAll { $0.root == root }
        scan.bareFolders[root] = nil
        switch found {
        case .root(let root)?: scan.roots.append(root)
        case .bareFolder(let inode)?: scan.bareFolders[root] = inode
        case nil: break
        }
        let next = assemble(scan)
        let path = BytePath(root.path)
        ledger.begin([path])
        publish(next, changedRoots: [root], operation: operation.id)
        ledger.refreshed(path)
        ledger.end([path], changedRoots: [root])
        return OperationOutcome(
            operation: operation.id, generation: next.generation,
            assets: next.asset(at: root).map { [OperationOutcome.Touched(id: $0.id, uuid: $0.uuid, root: $0.root)] }
                ?? []
        )
    }
}

import CommitDirectory
import LinuxFiles
import PackerModel

/// The life of a project on its lane's thread: bootstrap, commands, close.
enum ProjectThread {
    static func start(
        _ path: String, _ options: PackerOptions, _ sink: any PackerEventSink, _ disk: LinuxDisk,
        opened: @escaping @Sendable (Result<PackerProject, PackerError>) -> Void
    ) {
        _ = DedicatedThread(name: "packer-lane") {
            var generator = RandomSource()
            let session = SessionID(using: &generator)
            let publisher = EventPublisher(
                project: path, session: session, sink: sink, capacity: options.eventCapacity
            )
            do throws(PackerError) {
                let workspace = try Workspace.open(path, options: options, disk: disk)
                let opening = Opening(
                    path: path, options: options, disk: disk, workspace: workspace, session: session,
                    publisher: publisher
                )
                switch options.access {
                case .readWrite: try opening.runWriter(opened)
                case .readOnly: try opening.runReader(opened)
                }
            } catch {
                publisher.publish(.closed)
                publisher.close()
                opened(.failure(error))
            }
        }
    }
}

/// What is known while a project is being opened.
struct Opening {
    let path: String
    let options: PackerOptions
    let disk: LinuxDisk
    let workspace: Workspace
    let session: SessionID
    let publisher: EventPublisher

    var assets: Handle { workspace.assets }

    /// A sink that takes longer delays no command for what recovery tells.
    private static let tellingLimit: UInt64 = 5_000_000_000

    /// Returns when the project is closed; throws when it could not be opened.
    func runWriter(
        _ opened: @Sendable (Result<PackerProject, PackerError>) -> Void
    ) throws(PackerError) {
        let directory: CommitDirectory
        let recovery: RecoveryReport
        do throws(OpenFailure) {
            (directory, recovery) = try CommitDirectory.open(
                tree: assets, controlName: Workspace.controlName, disk: disk, host: .current(),
                slotSeed: .random(in: .min ... .max)
            )
        } catch {
            throw PackerError(error, project: path)
        }
        do throws(SystemError) {
            try workspace.complete(disk)
        } catch {
            let isControl = error.path == Workspace.controlName
            throw PackerError(error, within: path + (isControl ? "/assets" : "/assets/.prometeu"))
        }
        var scan: ScannedWorkspace? = scan()
        // Folders are armed beside the assembly. Where that is refused, nothing was written: the lock goes with the
        // directory's descriptors.
        let link = MonitorLink()
        try link.start(assets, disk)
        let core = makeCore(
            SnapshotAssembly.assemble(scan!, session: session, generation: 1, pairs: SideBySide()))
        report(recovery, core)
        link.connect(core.ledger)
        let queue = LaneQueue(capacity: options.laneCapacity)
        let end = Guarded(PackerProject.EndState())
        opened(.success(PackerProject(path: path, core: core, queue: queue, watch: link, end: end)))
        // It takes a while, and nobody has to wait for it.
        scan = nil
        if !recovery.isEmpty {
            // A crash before the host was told must leave the next opening something to tell.
            publisher.waitUntilDelivered(limit: Self.tellingLimit)
        }
        // A failure has ended all writing, as the first command will be told.
        do throws(CommitFailure) { try directory.forgetRecovered() } catch {}
        let lane = WriteLane(core: core, directory: directory, queue: queue)
        _ = lane.run()
        lane.finish()
        finish(core, link, end)
    }

    func scan() -> ScannedWorkspace {
        WorkspaceScanner(assets: assets, disk: disk).scan { publisher.publish(.bootstrapProgress($0)) }
    }

    func makeCore(_ first: Snapshot) -> ProjectCore {
        ProjectCore(
            assets: assets, disk: disk, options: options, session: session, publisher: publisher, first: first
        )
    }

    /// What recovery did, each interrupted operation under its own id, then the first snapshot.
    func report(_ recovery: RecoveryReport, _ core: ProjectCore) {
        let completed = recovery.completed.map { OperationID($0) }
        let rolledBack = recovery.rolledBack.map { OperationID($0) }
        core.announce(changedRoots: [], operation: nil)
        if !recovery.isEmpty {
            publisher.publish(.recoveryCompleted(RecoverySummary(completed: completed, rolledBack: rolledBack)))
        }
        for id in completed {
            publisher.publish(
                .operationCommitted(OperationOutcome(operation: id, generation: 1, assets: [], isRecovered: true)),
                operation: id, isRecovered: true
            )
        }
        for id in rolledBack {
            publisher.publish(
                .operationFailed(
                    PackerError(
                        .conflict, "it was interrupted, and taken back whole when the project was opened again",
                        remedy: "Look at what others changed meanwhile, and try again."
                    )), operation: id, isRecovered: true
            )
        }
        core.report(kept: recovery.kept)
        core.ledger.start()
    }

    func finish(_ core: ProjectCore, _ link: MonitorLink, _ end: Guarded<PackerProject.EndState>) {
        link.stop()
        core.ledger.stop()
        publisher.publish(.closed)
        publisher.close()
        let waiters = end.withLock { end in
            end.hasEnded = true
            defer { end.waiters = [] }
            return end.waiters
        }
        for waiter in waiters { waiter() }
    }
}

import CommitDirectory
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// The one place where a project's snapshot changes. Everything here belongs to the lane's own thread.
final class WriteLane {
    private let core: ProjectCore
    private let directory: CommitDirectory
    private let queue: LaneQueue
    private let check: PathCheck
    private var generator = SystemRandomNumberGenerator()

    /// A checkpoint waits this long for a further command, whose folders it could flush along.
    private static let checkpointDelay: UInt64 = 2_000_000
    /// A checkpoint waits for no more groups than this.
    private static let checkpointLimit = 32

    init(core: ProjectCore, directory: CommitDirectory, queue: LaneQueue) {
        self.core = core
        self.directory = directory
        self.queue = queue
        check = PathCheck(assets: core.assets, disk: core.disk)
    }

    /// Carries out what comes until the project is closed.
    func run() -> CloseMode {
        while true {
            let delay = directory.uncheckpointed > 0 && directory.brokenReason == nil ? Self.checkpointDelay : nil
            switch queue.next(until: delay.map { MonotonicClock.now() + $0 }) {
            case .requests(let requests):
                carryOut(requests)
                queue.ended()
                if directory.uncheckpointed >= Self.checkpointLimit { checkpoint() }
            case .idle: checkpoint()
            case .journalChanged: break
            case .close(let mode): return mode
            }
        }
    }

    /// After the last command: what waits ends as cancelled, and the journal is left empty.
    func finish() {
        for request in queue.takeRest() { core.cancelled(request.operation) }
        do throws(CommitFailure) { core.report(kept: try directory.close()) } catch { noteBroken() }
    }

    private func checkpoint() {
        do throws(CommitFailure) {
            core.report(kept: try directory.checkpoint())
        } catch {
            noteBroken()
        }
    }

    private func carryOut(_ requests: [LaneQueue.Request]) {
        var group = Group(core.snapshot)
        for request in requests {
            guard request.operation.start() else {
                core.cancelled(request.operation)
                continue
            }
            core.publisher.publish(.operationStarted, operation: request.operation.id)
            switch request {
            case .refresh(let operation, let target): refresh(operation, target)
            case .mutate(let operation, let mutations): add(operation, mutations, to: &group)
            }
        }
        commit(group)
    }

    // MARK: Commands

    /// Commands that are committed together.
    private struct Group {
        struct Member {
            var operation: PackerOperation
            var mutations: [Mutation]
            var touched: [OperationOutcome.Touched]
        }

        var draft: Draft
        var members: [Member] = []

        init(_ snapshot: Snapshot) { draft = Draft(snapshot) }

        var movesFolders: Bool { draft.steps.contains { if case .moveFolder = $0 { true } else { false } } }
    }

    private func add(_ operation: PackerOperation, _ mutations: [Mutation], to group: inout Group) {
        do throws(PackerError) {
            // A move stands alone: the paths of every other step then mean the same before and after it.
            let moves = mutations.contains { if case .relocate = $0 { true } else { false } }
            if !group.members.isEmpty && (moves || group.movesFolders) {
                commit(group)
                group = Group(core.snapshot)
            }
            var draft = group.draft
            var touched: [OperationOutcome.Touched] = []
            for mutation in mutations { touched += try draft.plan(mutation, using: &generator) }
            let expectations = draft.expectations.dropFirst(group.draft.expectations.count)
            let flagged = core.ledger.flagged(among: expectations.map { BytePath($0.path) })
            if !flagged.isEmpty { throw PathCheck.diverged(flagged.map(\.path)) }
            try check.require(expectations)
            group.draft = draft
            group.members.append(Group.Member(operation: operation, mutations: mutations, touched: touched))
        } catch {
            core.failed(operation, error)
        }
    }

    private func commit(_ group: Group) {
        guard !group.members.isEmpty else { return }
        let plan: CommitPlan
        do throws(PackerError) {
            plan = try CommitPlan(group.draft, check)
            let flagged = core.ledger.flagged(among: plan.segments.keys.map { $0 })
            if !flagged.isEmpty { throw PathCheck.diverged(flagged.map(\.path)) }
        } catch {
            if group.members.count > 1 { return commitOneByOne(group) }
            core.failed(group.members[0].operation, error)
            return
        }
        core.ledger.begin(plan.paths)
        let receipt: CommitReceipt
        do throws(CommitFailure) {
            receipt = try directory.commit(
                CommitGroup(operations: group.members.map { OperationKey($0.operation.id) }, steps: plan.steps)
            )
        } catch {
            core.ledger.end(plan.paths)
            failed(group, error)
            return
        }
        publish(group, plan, receipt)
    }

    /// One refusal costs only itself: each member is planned and committed again by itself.
    private func commitOneByOne(_ group: Group) {
        for member in group.members {
            var single = Group(core.snapshot)
            add(member.operation, member.mutations, to: &single)
            commit(single)
        }
    }

    private func failed(_ group: Group, _ failure: CommitFailure) {
        if case .conflict(_, let kept) = failure {
            core.report(kept: kept)
            if group.members.count > 1 { return commitOneByOne(group) }
        }
        // First what the project has become, then who is told that it failed.
        noteBroken()
        for member in group.members { core.failed(member.operation, PackerError(failure)) }
    }

    private func publish(_ group: Group, _ plan: CommitPlan, _ receipt: CommitReceipt) {
        var segments: [Int: Fingerprint] = [:]
        for (path, index) in plan.segments {
            if let written = receipt.written[path] { segments[index] = Self.fingerprint(written) }
        }
        let written = plan.created.compactMap { created in
            receipt.written[BytePath(created.root.path + "/" + Declaration.fileName)].map {
                look(created.root, created.reading, $0, group.draft)
            }
        }
        let snapshot = group.draft.snapshot(
            generation: core.snapshot.generation + 1, written: written, segments: segments
        )
        core.publish(
            snapshot, changedRoots: group.draft.changedRoots,
            operation: group.members.count == 1 ? group.members[0].operation.id : nil
        )
        core.ledger.end(plan.paths, changedRoots: group.draft.changedRoots)
        for member in group.members {
            core.committed(
                member.operation,
                OperationOutcome(
                    operation: member.operation.id, generation: snapshot.generation, assets: member.touched
                )
            )
        }
    }

    private static func fingerprint(_ written: CommitReceipt.Written) -> Fingerprint {
        Fingerprint(written.status, digest: written.digest).doubtingRecentChange()
    }

    private func look(
        _ root: AssetRoot, _ reading: DeclarationReading, _ written: CommitReceipt.Written, _ draft: Draft
    ) -> WrittenDeclaration {
        var seen = WrittenDeclaration(
            root: root, folderInode: 0, fingerprint: Self.fingerprint(written), inputs: [], reading: reading
        )
        do throws(SystemError) {
            let folder = try core.disk.open(BytePath(root.path), in: core.assets, .folder, at: PackerPoint.adoptLook)
            seen.folderInode = try core.disk.status(of: folder, at: PackerPoint.adoptLook).inode
            let reader = RootReader(disk: core.disk, format: DeclarationFormat())
            seen.inputs = try RootReader.inputs(of: reading) { (path) throws(SystemError) in
                try reader.look(path, in: folder)
            }
        } catch {
            // It was taken away again in this instant: the ledger will flag it.
            seen.inputs = RootReader.inputs(of: reading)
        }
        return seen
    }

    // MARK: Refresh

    private func refresh(_ operation: PackerOperation, _ target: RefreshTarget) {
        if case .readOnly(let reason) = core.snapshot.access, directory.brokenReason != nil {
            core.failed(operation, reason)
            return
        }
        core.refresh(operation, target)
    }

    /// After a failure that ends writing, the snapshot says so.
    private func noteBroken() {
        guard let reason = directory.brokenReason, case .writable = core.snapshot.access else { return }
        core.publish(
            core.snapshot.with(
                generation: core.snapshot.generation + 1, access: .readOnly(PackerError(broken: reason))),
            changedRoots: [], operation: nil
        )
    }
}

import CommitDirectory
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// The one place where a project's snapshot changes. Everything here belongs to the lane's own thread.
final class WriteLane {
    private let core: ProjectCore
    private let directory: CommitDirectory
    private let queue: LaneQueue
    private var planner: LanePlanner
    private let emptied: EmptiedTrash

    /// A checkpoint waits this long for a further command, whose folders it could flush along.
    private static let checkpointDelay: UInt64 = 2_000_000
    /// A checkpoint waits for no more groups than this.
    private static let checkpointLimit = 32

    init(core: ProjectCore, directory: CommitDirectory, queue: LaneQueue) {
        self.core = core
        self.directory = directory
        self.queue = queue
        planner = LanePlanner(core)
        emptied = EmptiedTrash(assets: core.assets, disk: core.disk)
    }

    /// Carries out what comes until the project is closed.
    func run() -> CloseMode {
        // What an earlier session had no time to remove.
        emptied.remove()
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
        for request in queue.takeRest() { core.cancelled(request) }
        emptied.stop()
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
            if case .preview(let mutations, let done) = request {
                done(.success(planner.preview(mutations)))
                continue
            }
            guard core.start(request) else { continue }
            switch request {
            case .refresh(let operation, let target): refresh(operation, target)
            case .mutate(let operation, let mutations): add(operation, mutations, to: &group)
            case .apply(let operation, let preview): apply(operation, preview, in: &group)
            case .preview: break
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
            var shown: [AssetUUID]
            var touched: [OperationOutcome.Touched]
            /// Why it has no part in the commit.
            var refusal: PackerError?
        }

        var draft: Draft
        var members: [Member] = []
        var committing: [Member] { members.filter { $0.refusal == nil } }

        init(_ snapshot: Snapshot) { draft = Draft(snapshot) }
    }

    private func add(
        _ operation: PackerOperation, _ mutations: [Mutation], shown: [AssetUUID] = [], to group: inout Group
    ) {
        // What stands on disk decides about an asset that nobody has looked at yet: not who was grouped with whom.
        if group.draft.leavesUnseen(mutations) {
            commit(group)
            group = Group(core.snapshot)
        }
        do throws(PackerError) {
            let context = PlanContext(operation: operation.id, now: MonotonicClock.fileTime())
            let planned = try planner.add(mutations, context, shown: shown, to: &group.draft)
            group.members.append(
                Group.Member(operation: operation, mutations: mutations, shown: shown, touched: planned.touched))
        } catch {
            // Judged by what those before it leave, and told after them: if they fail, it is judged anew.
            group.members.append(
                Group.Member(operation: operation, mutations: mutations, shown: shown, touched: [], refusal: error))
        }
    }

    /// Carries out what a preview shows, if that is still what would happen.
    private func apply(_ operation: PackerOperation, _ preview: Preview, in group: inout Group) {
        let fresh = planner.preview(preview.mutations, shown: preview.identities)
        if preview.session == core.session && fresh.doesTheSame(as: preview) {
            return add(operation, preview.mutations, shown: preview.identities, to: &group)
        }
        operation.offer(fresh)
        core.failed(operation, .stale(preview, fresh))
    }

    private func commit(_ group: Group) {
        guard !group.members.isEmpty else { return }
        if group.draft.isEmpty { return end(group, core.snapshot) }
        let plan: CommitPlan
        do throws(PackerError) {
            plan = try planner.commitPlan(group.draft)
        } catch {
            if group.members.count > 1 { return commitOneByOne(group) }
            core.failed(group.members[0].operation, group.members[0].refusal ?? error)
            return
        }
        core.ledger.begin(plan.paths)
        let receipt: CommitReceipt
        do throws(CommitFailure) {
            receipt = try directory.commit(
                CommitGroup(operations: group.committing.map { OperationKey($0.operation.id) }, steps: plan.steps)
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
            add(member.operation, member.mutations, shown: member.shown, to: &single)
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
        for member in group.members { core.failed(member.operation, member.refusal ?? PackerError(failure)) }
    }

    private func publish(_ group: Group, _ plan: CommitPlan, _ receipt: CommitReceipt) {
        var segments: [Int: Fingerprint] = [:]
        for (path, index) in plan.segments {
            if let written = receipt.written[path] { segments[index] = Fingerprint(written) }
        }
        let (snapshot, changedRoots) = group.draft.snapshot(
            generation: core.snapshot.generation + 1,
            seen: planner.folders.look(group.draft, plan, .afterCommit(receipt.written)), segments: segments
        )
        core.publish(
            snapshot, changedRoots: changedRoots,
            operation: group.committing.count == 1 ? group.committing[0].operation.id : nil
        )
        core.ledger.end(plan.paths, changedRoots: changedRoots)
        if group.draft.base.trash != snapshot.trash { emptied.remove() }
        end(group, snapshot)
    }

    private func end(_ group: Group, _ snapshot: Snapshot) {
        for member in group.members {
            if let refusal = member.refusal {
                core.failed(member.operation, refusal)
                continue
            }
            core.committed(
                member.operation,
                OperationOutcome(
                    operation: member.operation.id, generation: snapshot.generation, assets: member.touched
                )
            )
        }
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

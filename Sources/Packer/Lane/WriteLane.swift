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
            case .mutate(let operation, let mutations): add(Group.Member(operation, mutations), to: &group)
            case .apply(let operation, let preview): apply(operation, preview, in: &group)
            case .preview: break
            }
        }
        commit(&group)
    }

    // MARK: Commands

    /// Commands that are committed together.
    private struct Group {
        struct Member {
            let operation: PackerOperation
            let mutations: [Mutation]
            let context: PlanContext
            /// The uuids of what it makes: those that a preview has shown, and all of them once it is planned.
            var identities: [AssetUUID]
            var touched: [OperationOutcome.Touched] = []
            /// Why it has no part in the commit.
            var refusal: PackerError?

            init(_ operation: PackerOperation, _ mutations: [Mutation], shown: [AssetUUID] = []) {
                self.operation = operation
                self.mutations = mutations
                context = PlanContext(operation: operation.id, now: MonotonicClock.fileTime())
                identities = shown
            }

            /// To be judged anew.
            var unplanned: Member {
                var member = self
                (member.touched, member.refusal) = ([], nil)
                return member
            }
        }

        private(set) var draft: Draft
        var members: [Member] = []
        /// Whether each file that a member edits is looked at when it is planned, too, and not only when it is read
        /// right before the commit. That tells which of many members is in the way.
        let looksAhead: Bool
        var committing: [Member] { members.filter { $0.refusal == nil } }

        init(_ snapshot: Snapshot, looksAhead: Bool = false) {
            draft = Draft(snapshot)
            self.looksAhead = looksAhead
        }

        /// The group's only draft, so that whoever takes it can change it without a copy.
        mutating func takeDraft() -> Draft {
            defer { draft = Draft(draft.base) }
            return draft
        }

        mutating func add(_ member: Member, _ planner: inout LanePlanner) {
            var member = member
            let revision = draft.revision
            do throws(PackerError) {
                let planned = try planner.add(
                    member.mutations, member.context, identities: member.identities, looksAhead: looksAhead, to: &draft)
                member.touched = planned.touched
                member.identities = planned.identities
            } catch {
                // Judged by what those before it leave, and told after them: if they fail, it is judged anew.
                member.refusal = error
                if draft.revision != revision { planAgain(&planner) }
            }
            members.append(member)
        }

        /// Without what a refused member has left in the draft.
        private mutating func planAgain(_ planner: inout LanePlanner) {
            draft = Draft(draft.base)
            for (index, member) in members.enumerated() where member.refusal == nil {
                do throws(PackerError) {
                    _ = try planner.plan(member.mutations, member.context, identities: member.identities, in: &draft)
                } catch {
                    // The same mutations were planned before, in the same order: it cannot be. Were it, it is refused.
                    members[index].refusal = error
                    return planAgain(&planner)
                }
            }
        }
    }

    private func add(_ member: Group.Member, to group: inout Group) {
        // What stands on disk decides about an asset that nobody has looked at yet: not who was grouped with whom.
        if group.draft.leavesUnseen(member.mutations) {
            commit(&group)
            group = Group(core.snapshot, looksAhead: group.looksAhead)
        }
        group.add(member, &planner)
    }

    /// Carries out what a preview shows, if that is still what would happen.
    private func apply(_ operation: PackerOperation, _ preview: Preview, in group: inout Group) {
        let fresh = planner.preview(preview.mutations, shown: preview.identities)
        if preview.session == core.session && fresh.doesTheSame(as: preview) {
            return add(Group.Member(operation, preview.mutations, shown: preview.identities), to: &group)
        }
        operation.offer(fresh)
        core.failed(operation, .stale(preview, fresh))
    }

    private func commit(_ group: inout Group) {
        guard !group.members.isEmpty else { return }
        if group.draft.isEmpty { return end(group, core.snapshot) }
        let plan: CommitPlan
        do throws(PackerError) {
            plan = try planner.commitPlan(group.draft)
        } catch {
            if group.members.count > 1 { return commitApart(group) }
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
        publish(&group, plan, receipt)
    }

    /// One refusal costs only itself: the members are planned again, each with a look of its own, and if that is not
    /// enough, each is committed by itself.
    private func commitApart(_ group: Group) {
        if !group.looksAhead {
            var again = Group(core.snapshot, looksAhead: true)
            for member in group.members { add(member.unplanned, to: &again) }
            return commit(&again)
        }
        for member in group.members {
            var single = Group(core.snapshot)
            single.add(member.unplanned, &planner)
            commit(&single)
        }
    }

    private func failed(_ group: Group, _ failure: CommitFailure) {
        if case .conflict(_, let kept) = failure {
            core.report(kept: kept)
            if group.members.count > 1 { return commitApart(group) }
        }
        // First what the project has become, then who is told that it failed.
        noteBroken()
        for member in group.members { core.failed(member.operation, member.refusal ?? PackerError(failure)) }
    }

    private func publish(_ group: inout Group, _ plan: CommitPlan, _ receipt: CommitReceipt) {
        let draft = group.takeDraft()
        var segments: [Int: Fingerprint] = [:]
        for (path, index) in plan.segments {
            if let written = receipt.written[path] { segments[index] = Fingerprint(written) }
        }
        let trash = draft.base.trash
        let seen = planner.folders.look(draft, plan, .afterCommit(receipt.written))
        let (snapshot, changedRoots) = (consume draft).snapshot(
            generation: core.snapshot.generation + 1, seen: seen, segments: segments)
        let committed = group.committing
        core.publish(
            snapshot, changedRoots: changedRoots,
            operation: committed.count == 1 ? committed[0].operation.id : nil
        )
        core.ledger.end(plan.paths, changedRoots: changedRoots)
        if trash != snapshot.trash { emptied.remove() }
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

import CommitDirectory
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// Plans operations against a snapshot and the disk, and shows what they would do. Belongs to a lane's thread.
struct LanePlanner {
    let core: ProjectCore
    let check: PathCheck
    let folders: PlannedFolders
    private var generator = RandomSource()

    init(_ core: ProjectCore) {
        self.core = core
        check = PathCheck(assets: core.assets, disk: core.disk)
        folders = PlannedFolders(assets: core.assets, disk: core.disk)
    }

    /// Plans one more operation and checks its expectations on disk.
    /// - Parameters:
    ///   - identities: uuids to use for new identities, before any are drawn.
    ///   - looksAhead: whether files are looked at that `commitPlan` reads anyway.
    /// - Throws: a refusal, whose part in the draft stays there: see `Draft.revision`.
    mutating func add(
        _ mutations: [Mutation], _ context: PlanContext, identities: [AssetUUID], looksAhead: Bool,
        to draft: inout Draft
    ) throws(PackerError) -> Draft.Planned {
        let known = draft.expectations.count
        let planned = try plan(mutations, context, identities: identities, in: &draft)
        let expectations = draft.expectations[known...]
        try requireUnflagged(expectations.map { BytePath($0.path) })
        try check.require(expectations, looksAhead: looksAhead)
        return planned
    }

    mutating func plan(
        _ mutations: [Mutation], _ context: PlanContext, identities: [AssetUUID], in draft: inout Draft
    ) throws(PackerError) -> Draft.Planned {
        try draft.plan(mutations, context, identities: IdentitySource(shown: identities), using: &generator)
    }

    func commitPlan(_ draft: Draft) throws(PackerError) -> CommitPlan {
        let plan = try CommitPlan(draft, check)
        try requireUnflagged(Array(plan.segments.keys))
        return plan
    }

    private func requireUnflagged(_ paths: [BytePath]) throws(PackerError) {
        let flagged = core.ledger.flagged(among: paths)
        if !flagged.isEmpty { throw PathCheck.diverged(flagged.map(\.path)) }
    }

    // MARK: Previews

    /// - Parameter shown: uuids to use for new identities, before any are drawn.
    mutating func preview(_ mutations: [Mutation], shown: [AssetUUID] = []) -> Preview {
        var base = core.snapshot
        // Who opened it read-only has asked for that, and may still want to see.
        if base.access == .readOnly(.openedReadOnly) { base = base.with(access: .writable) }
        let context = PlanContext(operation: OperationID(using: &generator), now: MonotonicClock.fileTime())
        var draft = Draft(base)
        do throws(PackerError) {
            let planned = try add(mutations, context, identities: shown, looksAhead: true, to: &draft)
            let plan = try commitPlan(draft)
            let (next, changed) = draft.snapshot(
                generation: base.generation + 1, seen: folders.look(draft, plan, .beforeCommit), segments: [:])
            return Preview(
                session: base.session, generation: base.generation, mutations: mutations,
                changes: plan.shownChanges(draft), assets: planned.touched, blockers: [],
                warnings: next.diagnosticsNew(since: base, at: changed), identities: planned.identities)
        } catch {
            return Preview(
                session: base.session, generation: base.generation, mutations: mutations, changes: [], assets: [],
                blockers: [error], warnings: [], identities: shown)
        }
    }
}

extension CommitPlan {
    /// The plan in the terms that a person is shown.
    fileprivate func shownChanges(_ draft: Draft) -> [PlannedChange] {
        var shown: [PlannedChange] = []
        let control = BytePath(Snapshot.controlPath)
        for step in steps {
            switch step {
            case .makeFolder(let path):
                if !control.contains(path) { shown.append(PlannedChange(.createFolder, path.description)) }
            case .moveFolder(let from, let to, _): shown.append(Self.shownMove(from, to, draft.base.trash))
            case .createFile(let path, let contents):
                if !control.contains(path) {
                    shown.append(
                        PlannedChange(
                            .createFile, path.description, after: String(decoding: contents, as: UTF8.self)))
                }
            case .replaceFile(let path, let contents, _, _):
                if let before = displaced[path] {
                    shown.append(
                        PlannedChange(
                            .editFile, path.description, before: String(decoding: before, as: UTF8.self),
                            after: String(decoding: contents, as: UTF8.self)))
                }
            }
        }
        return shown + draft.registryChanges.map(Self.shownEntries)
    }

    private static func shownMove(_ from: BytePath, _ to: BytePath, _ items: [TrashItem]) -> PlannedChange {
        let trash = BytePath(TrashLayout.path)
        if from == trash {
            return PlannedChange(
                .emptyTrash, trash.description, before: items.map(\.root.path.escaped).joined(separator: "\n"))
        }
        if trash.contains(to) { return PlannedChange(.moveToTrash, from.description) }
        if trash.contains(from) { return PlannedChange(.restoreFromTrash, to.description) }
        return PlannedChange(.moveFolder, from.description, to: to.description)
    }

    private static func shownEntries(_ change: (before: [RegistryEntry], after: [RegistryEntry])) -> PlannedChange {
        func lines(_ entries: [RegistryEntry]) -> String? {
            if entries.isEmpty { return nil }
            return entries.map { String(decoding: RegistryFormat.line($0), as: UTF8.self) }.joined(separator: "\n")
        }
        let id = (change.before + change.after).first?.id.rawValue ?? 0
        return PlannedChange(
            .editRegistry,
            Snapshot.controlPath + "/" + RegistrySegment.fileName(RegistrySegment.index(of: id)),
            before: lines(change.before), after: lines(change.after))
    }
}

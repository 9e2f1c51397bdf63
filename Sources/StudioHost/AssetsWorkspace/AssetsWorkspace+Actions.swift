public import Packer

extension AssetsWorkspace {
    /// What a person does.
    public enum Action: Sendable, Equatable {
        case appear
        case filter(AssetFilter)
        case sort(AssetSort)
        case showMore
        case select(AssetReference?)
        /// Prepares a write, all of it or nothing, in place of one that is not under way: asks for its preview.
        case stage([Mutation])
        /// Prepares the relocation of what is selected, to a path as a person typed it.
        case relocateSelection(to: String)
        /// Asks for the preview of what is staged once more.
        case previewAgain
        /// Applies what is shown.
        case apply
        /// Drops what is staged, unless it is under way.
        case discard
        case refresh(RefreshTarget)
        /// Takes an operation of this page back while it waits.
        case cancel(OperationID)
    }

    /// What the workspace asks of the packer.
    package enum Request: Sendable, Equatable {
        case snapshot
        case divergences
        case conflicts
        case runningOperations
        /// The number tells the answers to one staged write from those to another.
        case preview(Int, [Mutation])
        case apply(Int, Preview)
        case refresh(RefreshTarget)
        case cancel(OperationID)
    }

    package mutating func act(_ action: Action) -> [Request] {
        guard !isClosed else { return [] }
        switch action {
        case .appear: return everything
        case .filter(let filter):
            guard filter != self.filter else { return [] }
            self.filter = filter
            limit = Self.pageSize
        case .sort(let sort):
            self.sort = sort
        case .showMore:
            if listing?.hasMore == true { limit += Self.pageSize }
        case .select(let reference):
            selection = reference
        case .stage(let mutations): return stage(mutations)
        case .relocateSelection(let path): return relocateSelection(to: path)
        case .previewAgain:
            switch staged?.phase {
            case .shown, .failed: return stage(staged?.mutations ?? [])
            case nil, .previewing, .applying, .applied: return []
            }
        case .apply: return apply()
        case .discard:
            if staged?.isUnderWay != true { staged = nil }
        case .refresh(let target):
            guard refresh != .running else { return [] }
            refresh = .running
            return [.refresh(target)]
        case .cancel(let operation):
            return canCancel(operation) ? [.cancel(operation)] : []
        }
        return []
    }

    private mutating func stage(_ mutations: [Mutation]) -> [Request] {
        guard staged?.isUnderWay != true, !mutations.isEmpty else { return [] }
        stagedNumber += 1
        staged = StagedWrite(number: stagedNumber, mutations: mutations, phase: .previewing)
        return [.preview(stagedNumber, mutations)]
    }

    private mutating func relocateSelection(to path: String) -> [Request] {
        guard let selection, staged?.isUnderWay != true else { return [] }
        do throws(NameProblem) {
            return stage([.relocate(selection, to: try AssetRoot(validating: path))])
        } catch {
            stagedNumber += 1
            let refusal = PackerError(.nameInvalid, error.message, paths: [path], remedy: "Choose another path.")
            staged = StagedWrite(number: stagedNumber, mutations: [], phase: .failed(refusal, nil))
            return []
        }
    }

    private mutating func apply() -> [Request] {
        guard let staged, staged.canBeApplied, let preview = staged.phase.preview else { return [] }
        self.staged?.phase = .applying(preview, nil)
        return [.apply(staged.number, preview)]
    }

    /// What is asked where nothing is known, or where it is not known what was missed.
    var everything: [Request] { [.snapshot, .divergences, .conflicts, .runningOperations] }
}

public import Packer

extension AssetsWorkspace {
    /// What a person does.
    public enum Action: Sendable, Equatable {
        case appear
        case filter(AssetFilter)
        case showMore
        case select(AssetReference?)
        /// Prepares a change, in place of one that is not under way.
        case stage(Mutation)
        case apply
        /// Drops what is staged, unless it is under way.
        case discard
        case refresh(RefreshTarget)
    }

    /// What the workspace asks of the packer. Each is answered once.
    package enum Request: Sendable, Equatable {
        case list(AssetFilter, limit: Int)
        case details(AssetReference)
        case divergences
        case submit(Mutation)
        case refresh(RefreshTarget)
    }

    /// What the packer answers.
    package enum Answer: Sendable {
        case listed(Listing)
        case details(AssetReference, Result<Asset, PackerError>)
        /// All flags and the coverage, as they were at an event.
        case divergences([Divergence], coverage: Coverage, sequence: UInt64)
        case commandEnded(Result<OperationOutcome, PackerError>)
        case refreshEnded(Result<OperationOutcome, PackerError>)
    }

    package mutating func act(_ action: Action) -> [Request] {
        guard !isClosed else { return [] }
        switch action {
        case .appear:
            return everything
        case .filter(let filter):
            guard filter != self.filter else { return [] }
            self.filter = filter
            limit = Self.pageSize
            return [list]
        case .showMore:
            guard let listing, listing.hasMore, listing.limit == limit else { return [] }
            limit += Self.pageSize
            return [list]
        case .select(let reference):
            selection = reference
            details = nil
            return selected
        case .stage(let mutation):
            guard staged?.status != .submitted else { return [] }
            staged = StagedCommand(mutation: mutation, status: .prepared)
            return []
        case .apply:
            return apply()
        case .discard:
            if staged?.status != .submitted { staged = nil }
            return []
        case .refresh(let target):
            guard refresh != .running else { return [] }
            refresh = .running
            return [.refresh(target)]
        }
    }

    package mutating func receive(_ answer: Answer) -> [Request] {
        switch answer {
        case .listed(let listing):
            // An answer that was overtaken, by a newer one or by another wish, is no news.
            if listing.filter == filter, listing.limit == limit, listing.generation >= self.listing?.generation ?? 0 {
                self.listing = listing
            }
            return []
        case .details(let reference, let result):
            if reference == selection { details = result }
            return []
        case .divergences(let all, let coverage, let sequence):
            // Events that came in the meantime know more than this answer: ask again.
            guard sequence >= flagsStandOn else { return isClosed ? [] : [.divergences] }
            divergences = Dictionary(all.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
            self.coverage = coverage
            flagsStandOn = sequence
            return []
        case .commandEnded(.success(let outcome)):
            staged?.status = .committed(outcome)
            return shown
        case .commandEnded(.failure(let error)):
            staged?.status = .failed(error)
            return []
        case .refreshEnded(.success):
            refresh = .idle
            return shown
        case .refreshEnded(.failure(let error)):
            refresh = .failed(error)
            return []
        }
    }

    private mutating func apply() -> [Request] {
        switch staged?.status {
        case .prepared, .failed: break
        case nil, .submitted, .committed: return []
        }
        staged?.status = .submitted
        return staged.map { [.submit($0.mutation)] } ?? []
    }

    // MARK: Requests that belong together

    private var list: Request { .list(filter, limit: limit) }
    private var selected: [Request] { selection.map { [.details($0)] } ?? [] }
    /// What stands on the snapshot.
    var shown: [Request] { isClosed ? [] : [list] + selected }
    var everything: [Request] { shown + [.divergences] }
}

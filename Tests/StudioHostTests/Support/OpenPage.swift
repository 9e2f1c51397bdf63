import Foundation
import Packer
import StudioHost

/// A page at work, and the newest of its states.
final class OpenPage {
    private let runner: AssetsWorkspaceRunner
    private var states: AsyncStream<AssetsWorkspace>.Iterator
    private var newest: AssetsWorkspace?

    init(_ project: PackerAdapter, bus: EventBus) {
        let runner = AssetsWorkspaceRunner(project, bus: bus)
        self.runner = runner
        states = runner.states.makeAsyncIterator()
        Task { await runner.run() }
    }

    /// What is done is in the next state that is shown.
    func act(_ action: AssetsWorkspace.Action) async {
        await runner.act(action)
        newest = await runner.workspace
    }

    /// The first state from now on of which `holds` is true; nil when there is none before the end.
    func show(_ holds: (AssetsWorkspace) -> Bool) async -> AssetsWorkspace? {
        if let newest, holds(newest) { return newest }
        while let state = await states.next(isolation: #isolation) {
            newest = state
            if holds(state) { return state }
        }
        return nil
    }

    /// Stages a write, and answers the page once it shows what that would do, or why not.
    func stage(_ mutations: [Mutation]) async -> AssetsWorkspace? {
        await act(.stage(mutations))
        return await show { $0.staged?.phase != .previewing }
    }

    /// Stages, applies, and answers the page once that has ended.
    func write(_ mutations: [Mutation]) async -> AssetsWorkspace? {
        _ = await stage(mutations)
        return await apply()
    }

    func apply() async -> AssetsWorkspace? {
        await act(.apply)
        return await show { $0.staged?.isUnderWay != true }
    }

    func refresh(_ target: RefreshTarget = .all) async -> AssetsWorkspace? {
        await act(.refresh(target))
        return await show { $0.refresh != .running }
    }
}

extension AssetsWorkspace {
    var outcome: OperationOutcome? { if case .applied(let outcome) = staged?.phase { outcome } else { nil } }
    var preview: Preview? { staged?.phase.preview }
    var refusal: PackerError? { if case .failed(let error, _) = staged?.phase { error } else { nil } }
    var shownAsset: Asset? { if case .success(let details) = details { details.asset } else { nil } }
    var roots: [String] { listing?.rows.map(\.asset.root.path) ?? [] }

    func row(_ root: String) -> AssetListing.Row? { listing?.rows.first { $0.asset.root.path == root } }
}

extension PackerOptions {
    /// A new workspace where there is none, and flags soon.
    static let test = PackerOptions(createsWorkspace: true, settleTime: .milliseconds(5))
}

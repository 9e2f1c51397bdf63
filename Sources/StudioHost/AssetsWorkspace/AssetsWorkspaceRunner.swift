import Packer

/// Connects an assets workspace to a project: carries its requests out and brings it answers and events.
public actor AssetsWorkspaceRunner {
    public private(set) var workspace: AssetsWorkspace
    /// The newest state after each step, for one reader; ends with `run`. A reader that is busy skips states.
    public nonisolated let states: AsyncStream<AssetsWorkspace>

    private let project: PackerAdapter
    private let events: AsyncStream<PackerEvent>
    private let changes: AsyncStream<AssetsWorkspace>.Continuation
    /// Those of this page that have not ended, so that they can be cancelled.
    private var operations: [OperationID: PackerOperation] = [:]

    /// Subscribes at once, so that what happens before `run` is not missed.
    public init(_ project: PackerAdapter, bus: EventBus) {
        self.project = project
        workspace = AssetsWorkspace(project: project.path, session: project.session)
        events = bus.subscribe(to: PackerEvent.self)
        (states, changes) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Shows the project until it is closed, the bus ends or the task is cancelled. Call it once.
    public func run() async {
        act(.appear)
        for await event in events {
            step { $0.observe(event) }
            if workspace.isClosed { break }
        }
        step {
            $0.busEnded()
            return []
        }
        changes.finish()
    }

    public func act(_ action: AssetsWorkspace.Action) { step { $0.act(action) } }

    private func receive(_ answer: AssetsWorkspace.Answer) { step { $0.receive(answer) } }

    private func step(_ change: (inout AssetsWorkspace) -> [AssetsWorkspace.Request]) {
        // Shown once what can be answered at once has been: nobody sees a write as applied in a list without it.
        for request in change(&workspace) { carryOut(request) }
        changes.yield(workspace)
    }

    private func carryOut(_ request: AssetsWorkspace.Request) {
        switch request {
        case .snapshot: receive(.snapshot(project.snapshot))
        case .divergences:
            let report = project.divergences
            receive(.divergences(report.divergences, coverage: report.coverage, sequence: report.sequence))
        case .conflicts: receive(.conflicts(project.conflicts))
        case .runningOperations: receive(.runningOperations(project.runningOperations))
        case .preview(let number, let mutations):
            Task { await preview(number, mutations) }
        case .apply(let number, let preview):
            command(.write(number)) { () throws(PackerError) in try project.apply(preview) }
        case .refresh(let target):
            command(.refresh) { () throws(PackerError) in try project.refresh(target) }
        case .cancel(let operation): operations[operation]?.cancel()
        }
    }

    private func preview(_ number: Int, _ mutations: [Mutation]) async {
        do throws(PackerError) {
            receive(.previewed(number, .success(try await project.preview(mutations))))
        } catch {
            receive(.previewed(number, .failure(error)))
        }
    }

    /// Submits now, so that commands reach the lane in the order of the requests, and answers when it has ended.
    private func command(
        _ command: AssetsWorkspace.Command, _ submit: () throws(PackerError) -> PackerOperation
    ) {
        do throws(PackerError) {
            let operation = try submit()
            operations[operation.id] = operation
            receive(.taken(command, operation.id))
            Task { await end(command, operation) }
        } catch {
            receive(.ended(command, .failure(error), fresh: nil))
        }
    }

    private func end(_ command: AssetsWorkspace.Command, _ operation: PackerOperation) async {
        let result: Result<OperationOutcome, PackerError>
        do throws(PackerError) {
            result = .success(try await operation.result)
        } catch {
            result = .failure(error)
        }
        operations[operation.id] = nil
        receive(.ended(command, result, fresh: operation.freshPreview))
    }
}

import Packer

/// Connects an assets workspace to a project: carries its requests out and brings it answers and events.
public actor AssetsWorkspaceRunner {
    public private(set) var workspace: AssetsWorkspace
    /// The newest state after each step, for one reader; ends with `run`. A reader that is busy skips states.
    public nonisolated let states: AsyncStream<AssetsWorkspace>

    private let project: PackerAdapter
    private let events: AsyncStream<PackerEvent>
    private let changes: AsyncStream<AssetsWorkspace>.Continuation

    /// Subscribes at once, so that what happens before `run` is not missed.
    public init(_ project: PackerAdapter, bus: EventBus) {
        self.project = project
        workspace = AssetsWorkspace(session: project.session)
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
        let requests = change(&workspace)
        changes.yield(workspace)
        for request in requests { carryOut(request) }
    }

    private func carryOut(_ request: AssetsWorkspace.Request) {
        switch request {
        case .list(let filter, let limit):
            let snapshot = project.snapshot
            let page = snapshot.list(filter, limit: limit)
            receive(
                .listed(
                    AssetsWorkspace.Listing(
                        generation: snapshot.generation,
                        access: snapshot.access,
                        filter: filter,
                        limit: limit,
                        assets: page.assets,
                        hasMore: page.next != nil
                    )
                )
            )
        case .details(let reference):
            let snapshot = project.snapshot
            receive(.details(reference, Result { () throws(PackerError) in try snapshot.asset(reference) }))
        case .divergences:
            let report = project.divergences
            receive(.divergences(report.divergences, coverage: report.coverage, sequence: report.sequence))
        case .submit(let mutation):
            command(AssetsWorkspace.Answer.commandEnded) { () throws(PackerError) in try project.submit(mutation) }
        case .refresh(let target):
            command(AssetsWorkspace.Answer.refreshEnded) { () throws(PackerError) in try project.refresh(target) }
        }
    }

    /// Submits now, so that commands reach the lane in the order of the requests, and answers when it has ended.
    private func command(
        _ answer: @escaping @Sendable (Result<OperationOutcome, PackerError>) -> AssetsWorkspace.Answer,
        _ submit: () throws(PackerError) -> PackerOperation
    ) {
        do {
            let operation = try submit()
            Task {
                do throws(PackerError) {
                    receive(answer(.success(try await operation.result)))
                } catch {
                    receive(answer(.failure(error)))
                }
            }
        } catch {
            receive(answer(.failure(error)))
        }
    }
}

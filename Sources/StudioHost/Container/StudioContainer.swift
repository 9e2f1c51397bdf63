public import Packer

/// Studio's composition root: it owns the event bus and the open projects, and knows the order in which they live.
///
/// The bus is first and last: a project cannot be opened before `start`, and the bus ends after the last project's
/// last event. A container runs once.
public actor StudioContainer {
    private enum Phase {
        case new
        case running(EventBus)
        case stopping(Task<Void, Never>)
    }

    private var phase = Phase.new
    private var projects: [PackerAdapter] = []
    /// Calls of `open` that wait for the packer.
    private var openings = 0
    private var stopWaitsForOpenings: CheckedContinuation<Void, Never>?

    public init() {}

    /// Starts the bus. Subscribe to it before the first `open`, and no event is missed.
    /// - Throws: `container.alreadyStarted`, `container.stopped`.
    @discardableResult
    public func start() throws(StudioError) -> EventBus {
        switch phase {
        case .new:
            let bus = EventBus()
            phase = .running(bus)
            return bus
        case .running:
            throw StudioError(
                .alreadyStarted,
                "the container runs already",
                remedy: "Use the bus that the first start returned."
            )
        case .stopping: throw .stopped
        }
    }

    /// Opens a project whose events go to the bus: the bridge is made before the packer, so that the first event
    /// of bootstrap has somewhere to go.
    /// - Throws: `container.notStarted`, `container.stopped`; `packer.refused` with the packer's own error as cause.
    ///   Nothing is open then.
    public func open(
        _ path: String,
        options: PackerOptions = PackerOptions()
    ) async throws(StudioError) -> PackerAdapter {
        let bridge = PackerEventBridge(to: try runningBus())
        openings += 1
        defer { openingEnded() }
        let project: PackerProject
        do {
            project = try await PackerProject.open(path, options: options, sink: bridge)
        } catch {
            throw StudioError(error)
        }
        let adapter = PackerAdapter(project)
        projects.append(adapter)
        return adapter
    }

    /// Closes one project and returns after its last event is on the bus.
    public func close(_ project: PackerAdapter, _ mode: CloseMode = .drain) async {
        await project.close(mode)
        projects.removeAll { $0.session == project.session }
    }

    /// Closes every project, then ends the bus: its subscribers read what is buffered, and their sequences end.
    ///
    /// A project whose `open` is under way is waited for and closed with the rest. A second call waits for the
    /// first. Before `start` there is nothing to close, and the container can never be started.
    public func stop(_ mode: CloseMode = .drain) async {
        if case .stopping(let task) = phase { return await task.value }
        var bus: EventBus?
        if case .running(let running) = phase { bus = running }
        let task = Task { [bus] in
            await openingsToEnd()
            await closeAll(mode)
            bus?.end()
        }
        phase = .stopping(task)
        await task.value
    }

    // MARK: Steps

    private func runningBus() throws(StudioError) -> EventBus {
        switch phase {
        case .running(let bus): return bus
        case .new:
            throw StudioError(
                .notStarted,
                "there is no event bus yet for a project to report to",
                remedy: "Start the container first, then open projects."
            )
        case .stopping: throw .stopped
        }
    }

    private func openingEnded() {
        openings -= 1
        guard openings == 0 else { return }
        stopWaitsForOpenings?.resume()
        stopWaitsForOpenings = nil
    }

    private func openingsToEnd() async {
        guard openings > 0 else { return }
        await withCheckedContinuation { stopWaitsForOpenings = $0 }
    }

    private func closeAll(_ mode: CloseMode) async {
        await withDiscardingTaskGroup { group in
            for project in projects { group.addTask { await project.close(mode) } }
        }
        projects = []
    }
}

extension StudioError {
    fileprivate static var stopped: StudioError {
        StudioError(.stopped, "the container has been stopped", remedy: "Make a new container; one runs once.")
    }
}

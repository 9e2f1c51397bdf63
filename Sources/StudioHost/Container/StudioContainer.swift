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
    /// The open projects, in the order of their opening.
    public private(set) var projects: [PackerAdapter] = []
    /// Calls of `open` that wait for the packer.
    private var openings = 0
    private var stopWaitsForOpenings: CheckedContinuation<Void, Never>?
    private var stopWaiters: [CheckedContinuation<Void, Never>] = []

    public init() {}

    /// The bus, for whoever did not start it.
    /// - Throws: `container.notStarted`, `container.stopped`.
    public var bus: EventBus {
        get throws(StudioError) {
            switch phase {
            case .new: throw .notStarted
            case .running(let bus): return bus
            case .stopping: throw .stopped
            }
        }
    }

    /// Starts the bus. Subscribe to it before the first `open`, and no event is missed.
    /// - Throws: `container.alreadyStarted`, `container.stopped`.
    @discardableResult
    public func start() throws(StudioError) -> EventBus {
        switch phase {
        case .new:
            let bus = EventBus()
            phase = .running(bus)
            return bus
        case .running: throw .alreadyStarted
        case .stopping: throw .stopped
        }
    }

    /// Opens a project whose events go to the bus: the bridge is made before the packer, so that the first event
    /// of bootstrap has somewhere to go.
    /// - Throws: `container.notStarted`; `container.stopped`, also when the container is stopped meanwhile;
    ///   `packer.refused` with the packer's own error as cause. Nothing is open then.
    public func open(
        _ path: String,
        options: PackerOptions = PackerOptions()
    ) async throws(StudioError) -> PackerAdapter {
        let bridge = PackerEventBridge(to: try bus)
        openings += 1
        defer { openingEnded() }
        let project: PackerAdapter
        do {
            project = PackerAdapter(try await PackerProject.open(path, options: options, sink: bridge))
        } catch {
            throw StudioError(error)
        }
        if case .stopping = phase {
            await project.close(.cancel)
            throw .stopped
        }
        projects.append(project)
        return project
    }

    /// Closes one project and returns after its last event is on the bus.
    public func close(_ project: PackerAdapter, _ mode: CloseMode = .drain) async {
        await project.close(mode)
        projects.removeAll { $0.session == project.session }
    }

    /// Closes every project, then ends the bus: sequences give what is buffered and end; callbacks have been called
    /// with their last value when this returns.
    ///
    /// A project whose `open` is under way is waited for and closed, and that call throws. A second call waits for
    /// the first. Before `start` there is nothing to close, and the container can never be started.
    ///
    /// Do not block a callback of the bus on it: it waits for the callbacks.
    public func stop(_ mode: CloseMode = .drain) async {
        if case .stopping(let task) = phase { return await task.value }
        var bus: EventBus?
        if case .running(let running) = phase { bus = running }
        let task = Task { [bus] in
            await openingsToEnd()
            await closeAll(mode)
            await bus?.endAndDeliver()
            for waiter in stopWaiters { waiter.resume() }
            stopWaiters = []
        }
        phase = .stopping(task)
        await task.value
    }

    /// Returns when the container has been stopped, by whomever.
    public func stopped() async {
        if case .stopping(let task) = phase { return await task.value }
        await withCheckedContinuation { stopWaiters.append($0) }
    }

    // MARK: Steps

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

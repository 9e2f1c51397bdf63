package import Packer

extension AssetsWorkspace {
    /// Takes an event from the bus. Their numbers are dense: a gap means that events were lost, and all is asked anew.
    package mutating func observe(_ event: PackerEvent) -> [Request] {
        guard event.session == session, !isClosed, event.sequence > newestEvent ?? 0 else { return [] }
        let isGap = newestEvent.map { event.sequence > $0 + 1 } ?? false
        newestEvent = event.sequence
        let requests = take(event)
        return isGap && !isClosed ? everything : requests
    }

    /// The bus has ended, so no event will follow.
    package mutating func busEnded() { isClosed = true }

    private mutating func take(_ event: PackerEvent) -> [Request] {
        flags.observe(event)
        operations.observe(event)
        switch event.kind {
        case .snapshotPublished:
            return event.generation > snapshot?.generation ?? 0 ? [.snapshot] : []
        case .conflictKept(let conflict):
            if !conflicts.contains(conflict) { conflicts.append(conflict) }
        case .operationCommitted, .operationFailed, .operationCancelled:
            if let operation = event.operation { own.remove(operation) }
        case .closed:
            isClosed = true
        case .bootstrapProgress, .recoveryCompleted, .operationQueued, .operationStarted, .operationProgress,
            .divergenceDetected, .divergenceChanged, .divergenceCleared, .coverageChanged:
            break
        }
        return []
    }
}

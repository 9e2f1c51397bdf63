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
        switch event.kind {
        case .snapshotPublished:
            return event.generation > listing?.generation ?? 0 ? shown : []
        case .divergenceDetected(let divergence), .divergenceChanged(let divergence):
            if flagsMove(to: event.sequence) { divergences[divergence.path] = divergence }
        case .divergenceCleared(let divergence):
            if flagsMove(to: event.sequence) { divergences[divergence.path] = nil }
        case .coverageChanged(let coverage):
            if flagsMove(to: event.sequence) { self.coverage = coverage }
        case .conflictKept(let conflict):
            conflicts.append(conflict)
        case .closed:
            isClosed = true
        case .bootstrapProgress, .recoveryCompleted, .operationQueued, .operationStarted, .operationProgress,
            .operationCommitted, .operationFailed, .operationCancelled:
            break
        }
        return []
    }

    /// False for an event that the newest answer has already counted.
    private mutating func flagsMove(to sequence: UInt64) -> Bool {
        guard sequence > flagsStandOn else { return false }
        flagsStandOn = sequence
        return true
    }
}

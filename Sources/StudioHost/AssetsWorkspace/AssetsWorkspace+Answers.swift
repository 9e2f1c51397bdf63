package import Packer

extension AssetsWorkspace {
    /// What the packer answers.
    package enum Answer: Sendable {
        case snapshot(Snapshot)
        /// All flags and the coverage, as they were at an event.
        case divergences([Divergence], coverage: Coverage, sequence: UInt64)
        case conflicts([Conflict])
        case runningOperations([OperationID])
        case previewed(Int, Result<Preview, PackerError>)
        /// A command was taken: what follows is the events of this operation, then the end.
        case taken(Command, OperationID)
        /// - fresh: where the preview would not do any more what it showed, what it would do now.
        case ended(Command, Result<OperationOutcome, PackerError>, fresh: Preview?)
    }

    package enum Command: Sendable, Equatable {
        /// The staged write of this number.
        case write(Int)
        case refresh
    }

    package mutating func receive(_ answer: Answer) -> [Request] {
        switch answer {
        case .snapshot(let snapshot):
            // One that was overtaken is no news.
            if snapshot.generation >= self.snapshot?.generation ?? 0 { self.snapshot = snapshot }
        case .divergences(let all, let coverage, let sequence):
            // Events that came in the meantime know more than this answer: ask again.
            if !flags.replace(all, coverage: coverage, sequence: sequence), !isClosed { return [.divergences] }
        case .conflicts(let conflicts): self.conflicts = conflicts
        case .runningOperations(let running): operations.keepRunning(running)
        case .previewed(let number, let result):
            guard staged?.number == number, staged?.phase == .previewing else { return [] }
            switch result {
            case .success(let preview): staged?.phase = .shown(preview, isRenewed: false)
            case .failure(let error): staged?.phase = .failed(error, nil)
            }
        case .taken(let command, let operation):
            own.insert(operation)
            if case .write(let number) = command, staged?.number == number,
                case .applying(let preview, nil) = staged?.phase
            {
                staged?.phase = .applying(preview, operation)
            }
        case .ended(let command, let result, let fresh): return ended(command, result, fresh)
        }
        return []
    }

    private mutating func ended(
        _ command: Command, _ result: Result<OperationOutcome, PackerError>, _ fresh: Preview?
    ) -> [Request] {
        if command == .refresh {
            refresh = .idle
            if case .failure(let error) = result { refresh = .failed(error) }
        }
        if case .write(let number) = command, staged?.number == number,
            case .applying(let preview, let operation) = staged?.phase
        {
            if let operation { own.remove(operation) }
            switch (result, fresh) {
            case (.success(let outcome), _): staged?.phase = .applied(outcome)
            case (.failure, let fresh?): staged?.phase = .shown(fresh, isRenewed: true)
            case (.failure(let error), nil): staged?.phase = .failed(error, preview)
            }
        }
        guard case .success(let outcome) = result, !isClosed else { return [] }
        own.remove(outcome.operation)
        // A refresh also looks which copies somebody has taken away.
        return (outcome.generation > snapshot?.generation ?? 0 ? [.snapshot] : [])
            + (command == .refresh ? [.conflicts] : [])
    }
}

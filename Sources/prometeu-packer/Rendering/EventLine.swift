import Packer

extension Printer {
    mutating func show(_ state: ProjectState) throws {
        if asJSON {
            try print(StateView(state))
            for divergence in state.report.divergences { try print(DivergenceView(divergence, .standing)) }
            return
        }
        let flagged = state.report.divergences.count
        var facts = Table(columns: ["", ""])
        facts.rows = [
            [Table.Cell("project", .grey), Table.Cell(state.project)],
            [Table.Cell("snapshot", .grey), Table.Cell(state.snapshot.text)],
            [Table.Cell("coverage", .grey), Table.Cell(state.report.coverage.text, state.report.coverage.colour)],
            [Table.Cell("flagged", .grey), Table.Cell(String(flagged), flagged == 0 ? .green : .red)],
        ]
        try print(facts)
        for divergence in state.report.divergences { try print("  \(divergence.text)", .red) }
    }

    /// One event as `watch` shows it; nothing for the kinds that it does not.
    mutating func show(_ event: PackerEvent) throws {
        switch event.kind {
        case .divergenceDetected(let divergence): try show(divergence, .detected, event)
        case .divergenceChanged(let divergence): try show(divergence, .changed, event)
        case .divergenceCleared(let divergence): try show(divergence, .cleared, event)
        case .coverageChanged(let coverage):
            if asJSON {
                try print(CoverageEventView(coverage: CoverageView(coverage), event: EventStamp(event)))
            } else {
                try print("\(clock(event))  coverage    \(coverage.text)", coverage.colour)
            }
        case .snapshotPublished(let summary):
            let roots = summary.changedRoots.map(\.path)
            if asJSON {
                try print(SnapshotEventView(assets: summary.assets, changedRoots: roots, event: EventStamp(event)))
            } else {
                let changed = roots.isEmpty ? "" : "; changed: " + roots.joined(separator: ", ")
                let assets = Quantity.count(summary.assets, "asset")
                try print("\(clock(event))  snapshot    generation \(event.generation), \(assets)\(changed)")
            }
        case .conflictKept(let conflict):
            if asJSON {
                try print(ConflictView(conflict, event))
            } else {
                try print("\(clock(event))  conflict    \(conflict.text)", .yellow)
            }
        default: break
        }
    }

    private mutating func show(
        _ divergence: Divergence,
        _ change: DivergenceView.Change,
        _ event: PackerEvent
    ) throws {
        if asJSON { return try print(DivergenceView(divergence, change, event: event)) }
        let label = change.rawValue.padding(to: 10)
        try print("\(clock(event))  \(label)  \(divergence.text)", change == .cleared ? .green : .red)
    }

    /// What is told beside a result: conflicts and recovered commands.
    mutating func showNotices(_ notices: [PackerEvent]) throws {
        for event in notices {
            guard let text = event.notice else { continue }
            switch event.kind {
            case .conflictKept(let conflict): try note(text, ConflictView(conflict, event))
            case .recoveryCompleted(let summary): try note(text, RecoveryView(summary, event))
            default: break
            }
        }
    }

    private func clock(_ event: PackerEvent) -> String {
        String(Quantity.localTime(event.time).suffix(8))
    }
}

extension PackerEvent {
    /// What an opening or a write met that its caller should know and no result says.
    var notice: String? {
        switch kind {
        case .conflictKept(let conflict): "note: \(conflict.text)"
        case .recoveryCompleted(let summary) where !summary.completed.isEmpty || !summary.rolledBack.isEmpty:
            "note: an interrupted session was recovered: \(summary.completed.count) of its operations were"
                + " completed, \(summary.rolledBack.count) taken back"
        default: nil
        }
    }
}

extension String {
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension Conflict {
    var text: String { "\(path) was written by someone else meanwhile; the copy that lost its place is \(keptAt)" }
}

extension Divergence {
    /// `modified  sprites/hero/hero.png`, with what else is known.
    var text: String {
        var text = "\(label.padding(to: 10))  \(path)"
        if case .moved(let target) = kind { text += " -> \(target.path)" }
        return text + doubt
    }

    /// Why it may be no foreign edit, if it may.
    var doubt: String {
        if !isUnverified { return "" }
        return expected?.kind == .file && expected?.digest == nil
            ? " (may be the same: its earlier bytes had not been read)"
            : " (may be the writer's own: what it wrote could not be followed; refresh to compare again)"
    }

    var label: String {
        switch kind {
        case .typeChanged: "type"
        case .registryModified: "registry"
        default: kind.name
        }
    }
}

extension Coverage {
    var text: String {
        switch self {
        case .starting: "starting: the watches are being set up"
        case .complete(let inputsVerified):
            inputsVerified ? "complete" : "complete; the inputs' bytes are still being read"
        case .verifying(let reason): "verifying: \(reason)"
        case .degraded(_, let reason):
            "degraded at \(CoverageView(self).unwatched.joined(separator: ", ")): \(reason)"
        case .lost(let reason): "lost: \(reason)"
        }
    }

    var colour: Colour {
        switch self {
        case .complete: .green
        case .starting, .verifying, .degraded: .yellow
        case .lost: .red
        }
    }
}

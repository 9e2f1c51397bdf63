import PackerTestSupport

/// Explains every event of a session by what was done in it; whatever it cannot explain is left over.
struct DayAccount {
    /// What was asked for, by the operation's id, in order.
    var asked: [(id: String, what: String)] = []
    /// Paths below `assets/` that somebody else touched.
    var edited: Set<String> = []
    /// Operations of a session that was killed before this one.
    var interrupted: Set<String> = []

    struct Entry {
        var event: EventLine
        /// Nil where nothing that was done explains it.
        var why: String?
    }

    func explain(_ events: [EventLine]) -> [Entry] {
        let whats = Dictionary(asked.map { ($0.id, $0.what) }, uniquingKeysWith: { $1 })
        let committed = Set(events.filter { $0.kind == "operationCommitted" }.map { $0.detail })
        var hasSnapshot = false
        return events.enumerated().map { index, event in
            var why: String?
            switch event.kind {
            case "bootstrapProgress": why = hasSnapshot ? nil : "the first walk"
            case "snapshotPublished":
                if !hasSnapshot {
                    why = event.operation == nil && event.generation == 1 ? "what bootstrap found" : nil
                } else if let operation = event.operation {
                    why = whats[operation].map { "after: \($0)" }
                } else {
                    why = committed.contains("\(event.generation)") ? "commands that committed together" : nil
                }
                hasSnapshot = true
            case "recoveryCompleted": why = interrupted.isEmpty ? nil : "the process was killed"
            case "operationCommitted", "operationFailed":
                let operation = event.operation ?? ""
                why = whats[operation] ?? (interrupted.contains(operation) ? "interrupted when it was killed" : nil)
            case "operationQueued", "operationStarted", "operationProgress", "operationCancelled":
                why = event.operation.flatMap { whats[$0] }
            case "divergenceDetected", "divergenceChanged", "divergenceCleared":
                why = edited.contains(event.detail) ? "somebody else was at it" : nil
            case "coverageChanged": why = "the watch"
            case "closed": why = index == events.count - 1 ? "the end" : nil
            default: why = nil
            }
            return Entry(event: event, why: why)
        }
    }

    /// Operations without exactly one end, and edits without a flag that came and went.
    func missing(in events: [EventLine]) -> [String] {
        let ends = Dictionary(grouping: events.filter(\.isTerminal), by: { $0.operation ?? "" })
        let flags = Dictionary(grouping: events.filter { $0.kind.hasPrefix("divergence") }, by: \.detail)
        return asked.filter { ends[$0.id]?.count != 1 }.map { "no end: \($0.what)" }
            + edited.sorted().filter { path in
                flags[path]?.first?.kind != "divergenceDetected" || flags[path]?.last?.kind != "divergenceCleared"
            }.map { "no flag that came and went: \($0)" }
    }

    /// The log as people read it: what repeats is one line.
    static func log(_ entries: [Entry]) -> String {
        var lines: [String] = []
        var run: (first: Entry, last: Entry, count: Int)?
        func end() {
            guard let run else { return }
            let numbers =
                run.count == 1
                ? "\(run.first.event.sequence)" : "\(run.first.event.sequence)-\(run.last.event.sequence)"
            let why = run.first.why ?? "NOT EXPLAINED"
            let what = run.count == 1 ? "\(why)  \(run.first.event.detail)" : "\(run.count) of them"
            lines.append("  #\(numbers)  generation \(run.last.event.generation)  \(run.first.event.kind)  \(what)")
        }
        for entry in entries {
            if let last = run?.last, last.event.kind == entry.event.kind, (last.why == nil) == (entry.why == nil) {
                run?.last = entry
                run?.count += 1
            } else {
                end()
                run = (entry, entry, 1)
            }
        }
        end()
        return lines.joined(separator: "\n")
    }
}

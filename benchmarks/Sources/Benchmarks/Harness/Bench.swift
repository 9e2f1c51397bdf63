import Foundation

/// One run: where it works, how much of it there is, and what it measured.
final class Bench {
    let scratch: Scratch
    let isFull: Bool
    let sizes: [Int]
    /// Of every cell; more of them make a steadier median.
    let rounds: Int
    private(set) var report: Report

    init(scratch: Scratch, isFull: Bool, sizes: [Int], rounds: Int) {
        self.scratch = scratch
        self.isFull = isFull
        self.sizes = sizes
        self.rounds = rounds
        report = Report(
            machine: .current(folder: scratch.path), command: CommandLine.arguments.joined(separator: " "))
    }

    /// Says once that something is not there.
    func missing(_ what: String) {
        guard !report.missing.contains(what) else { return }
        report.missing.append(what)
        say("missing: \(what)")
    }

    /// Measures subjects in turn, each once a round, so that what the machine does meanwhile meets all of them.
    func compare(
        _ journey: String, _ work: String, assets: Int, rounds: Int? = nil, _ subjects: [Subject],
        targets: [String: Target] = [:]
    ) throws {
        var series = [Series](repeating: Series(), count: subjects.count)
        let rounds = rounds ?? self.rounds
        for round in 0...rounds {
            for offset in subjects.indices {
                let index = (offset + round) % subjects.count
                // The first round warms the caches and is thrown away.
                var sink = Series()
                if round == 0 {
                    try subjects[index].round(into: &sink)
                } else {
                    try subjects[index].round(into: &series[index])
                }
            }
        }
        for (subject, series) in zip(subjects, series) {
            add(cell(journey, work, assets, subject.name, subject.role, series))
        }
        relate(journey, work, assets, Set(subjects.map(\.name)), targets: targets)
    }

    func cell(
        _ journey: String, _ work: String, _ assets: Int, _ subject: String, _ role: Role, _ series: Series,
        perSecond: Double? = nil
    ) -> Report.Cell {
        Report.Cell(
            journey: journey, work: work, assets: assets, subject: subject, role: role, unit: .nanoseconds,
            samples: series.count, minimum: series.minimum, p50: series.percentile(50), p99: series.percentile(99),
            p999: series.percentile(99.9), perSecond: perSecond)
    }

    /// One value that was counted and not sampled.
    func value(
        _ journey: String, _ work: String, assets: Int, _ subject: String, _ role: Role, _ value: Double,
        _ unit: Report.Unit
    ) {
        add(
            Report.Cell(
                journey: journey, work: work, assets: assets, subject: subject, role: role, unit: unit, samples: 1,
                minimum: value, p50: value, p99: value, p999: value))
    }

    func add(_ cell: Report.Cell) {
        report.cells.append(cell)
        say(Table.line(cell))
    }

    /// Ours against the floor as "ours / floor", and each peer against ours as "peer / ours": of medians.
    private func relate(
        _ journey: String, _ work: String, _ assets: Int, _ names: Set<String>, targets: [String: Target]
    ) {
        let cells = report.cells.filter { $0.journey == journey && $0.work == work && $0.assets == assets }
        guard let ours = cells.first(where: { $0.role == .ours }) else { return }
        for cell in cells where cell.subject != ours.subject && names.contains(cell.subject) {
            let isAbove = cell.role == .peer
            let value = isAbove ? cell.p50 / ours.p50 : ours.p50 / cell.p50
            let name = isAbove ? "\(cell.subject) / \(ours.subject)" : "\(ours.subject) / \(cell.subject)"
            ratio(journey, work, assets, name, value, targets[cell.subject])
        }
    }

    func ratio(
        _ journey: String, _ work: String, _ assets: Int, _ name: String, _ value: Double, _ target: Target? = nil
    ) {
        let ratio = Report.Ratio(
            journey: journey, work: work, assets: assets, name: name, value: value, target: target)
        report.ratios.append(ratio)
        say(Table.line(ratio))
    }
}

/// Progress goes to the error stream, so that the table and JSON stay clean.
func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

import CFloors
import Packer

/// 1, 2, 4, 8 readers at once, alone, beside a writer that commits all the time, and beside scans of the whole
/// workspace. More readers than processors measure the scheduler.
enum PressureJourney {
    enum Load: String, CaseIterable {
        case quiet
        case writer = "a writer"
        case scan = "scans"
    }

    enum Question: String, CaseIterable {
        case lookup
        case details
        case page
    }

    static func run(_ bench: Bench) throws {
        for assets in bench.sizes { try run(bench, assets) }
    }

    private static func run(_ bench: Bench, _ assets: Int) throws {
        let path = try bench.scratch.workspace(assets: assets)
        let project = try Project.open(path)
        try project.settled()
        let peers = try ReadPeers(bench, project.snapshot, path)
        let pair = PairWriter(project)
        let targets = ReadTargets(project.snapshot)
        let subjects = [
            PressureSubject.oursWithReader(project, targets, pair), .floor(project, targets, pair),
            .ours(project, targets, pair), .lmdb(peers, targets), .grdb(peers, targets),
        ]
        for question in Question.allCases {
            for readers in [1, 2, 4, 8] {
                try run(bench, assets, question, readers, subjects)
            }
        }
        try pair.restore()
        try peers.close()
        try project.close()
    }

    private static func run(
        _ bench: Bench, _ assets: Int, _ question: Question, _ readers: Int, _ subjects: [PressureSubject]
    ) throws {
        let rounds = 4
        let seconds = bench.isFull ? 0.5 : 0.08
        var tallies: [[Tally]] = subjects.map { _ in Load.allCases.map { _ in Tally() } }
        for _ in 0..<rounds {
            for (place, subject) in subjects.enumerated() {
                for (number, load) in Load.allCases.enumerated() {
                    guard let work = subject.load(load) else { continue }
                    try Slice(subject: subject, question: question, readers: readers, seconds: seconds)
                        .run(beside: work, into: &tallies[place][number])
                }
            }
        }
        for (number, load) in Load.allCases.enumerated() {
            let work = "\(question.rawValue), \(readers) readers, \(load.rawValue)"
            for (place, subject) in subjects.enumerated() where tallies[place][number].operations > 0 {
                let tally = tallies[place][number]
                bench.add(
                    bench.cell(
                        "pressure", work, assets, subject.name, subject.role, tally.series, perSecond: tally.perSecond))
                if place > 1 {
                    bench.ratio(
                        "pressure", work, assets, "\(subjects[0].name) / \(subject.name), throughput",
                        tallies[0][number].perSecond / tally.perSecond)
                }
            }
        }
        // What a load costs our readers, against what it costs readers that share nothing.
        for (number, load) in Load.allCases.enumerated() where load != .quiet {
            let kept = tallies[0][number].perSecond / tallies[0][0].perSecond
            let floor = tallies[1][number].perSecond / tallies[1][0].perSecond
            bench.ratio(
                "pressure", "\(question.rawValue), \(readers) readers, \(load.rawValue)", assets,
                "throughput kept, against C readers", kept / floor, load == .writer ? .atLeast(0.95) : nil)
        }
    }
}

/// What the readers of one subject did in one situation.
struct Tally: Sendable {
    var series = Series()
    var operations = 0
    /// Of all slices.
    var seconds = 0.0

    var perSecond: Double { Double(operations) / seconds }
}

/// One subject's readers for a short time.
private struct Slice {
    let subject: PressureSubject
    let question: PressureJourney.Question
    let readers: Int
    let seconds: Double

    func run(beside load: PressureSubject.Work, into tally: inout Tally) throws {
        let stop = Locked(false)
        let failure = Locked<(any Error)?>(nil)
        let background = load.map { work in
            Background { while !stop.withLock({ $0 }) { catching(failure, work) } }
        }
        let end = floor_now() + UInt64(seconds * 1e9)
        let subject = subject
        let question = question
        let parts = onThreads(readers) { index -> Tally in
            var tally = Tally()
            catching(failure) {
                let ask = try subject.reader(question, index)
                let batch = subject.batch
                var checksum: UInt64 = 0
                while true {
                    let start = floor_now()
                    checksum &+= try ask(batch)
                    let now = floor_now()
                    tally.series.record(nanoseconds: Double(now - start) / Double(batch))
                    tally.operations += batch
                    if now >= end { break }
                }
                keep(checksum)
            }
            return tally
        }
        stop.withLock { $0 = true }
        background?.join()
        if let failure = failure.withLock({ $0 }) { throw failure }
        tally.seconds += seconds
        for part in parts {
            tally.series.merge(part.series)
            tally.operations += part.operations
        }
    }
}

private func catching(_ failure: Locked<(any Error)?>, _ body: () throws -> Void) {
    do { try body() } catch { failure.withLock { $0 = error } }
}

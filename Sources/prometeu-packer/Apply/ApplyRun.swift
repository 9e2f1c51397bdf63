import Foundation
import Packer

/// Feeds lines to a project's lane, and writes what comes of each in their order.
///
/// Two threads of its own: one reads and submits, one writes. Both end once the last outcome is written.
final class ApplyRun: Sendable {
    private let source: LineSource
    private let project: PackerProject
    private let progress: ProgressLine
    private let output: Output
    private let queue = OutcomeQueue()

    init(_ source: LineSource, _ project: PackerProject, _ progress: ProgressLine, output: Output) {
        self.source = source
        self.project = project
        self.progress = progress
        self.output = output
    }

    func run() async -> ApplyReport {
        // A driver that is gone is noticed without an outcome to write.
        Thread.detachNewThread { [source, output] in
            if output.waitForReaderToLeave() { source.stop(.readerIsGone) }
        }
        async let unread = Self.onThread { self.submitAll() }
        var report = await Self.onThread { self.writeAll() }
        if report.failure == nil { report.failure = await unread }
        report.stop = source.stop
        return report
    }

    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    // MARK: Reading

    /// - Returns: why the input could not be read to its end.
    private func submitAll() -> (any Error)? {
        defer { queue.finish() }
        var number = 0
        do {
            while let line = try source.next() {
                number += 1
                var cost = 0
                if case .bytes(let bytes) = line {
                    if MutationLine.isBlank(bytes) { continue }
                    cost = bytes.count
                }
                submit(line, number, at: queue.open(cost: cost))
            }
        } catch {
            return error
        }
        return nil
    }

    private func submit(_ line: LineSource.Line, _ number: Int, at place: Int) {
        do throws(PackerError) {
            let operation = try submit(try MutationLine.parse(line, number))
            operation.whenEnded { [queue] result in
                queue.put(
                    LineOutcome(line: number, name: operation.name, operation: operation.id, result: result), at: place)
            }
        } catch {
            queue.put(LineOutcome(line: number, result: .failure(error)), at: place)
        }
    }

    /// A lane or a sink that is busy is waited for.
    private func submit(_ mutations: [Mutation]) throws(PackerError) -> PackerOperation {
        while true {
            do throws(PackerError) {
                return try project.submit(mutations)
            } catch {
                if error.code != .laneFull && error.code != .eventBacklog { throw error }
                queue.waitForAnEnd()
            }
        }
    }

    // MARK: Writing

    private func writeAll() -> ApplyReport {
        let encoder = JSONLine()
        let showsProgress = !output.isTerminal
        var report = ApplyReport()
        while let outcomes = queue.take() {
            var text = ""
            for outcome in outcomes {
                report.count(outcome)
                if report.failure != nil { continue }
                do { text += try encoder.encode(LineOutcomeView(outcome)) + "\n" } catch { report.failure = error }
            }
            if showsProgress { progress.show(report.text) }
            if report.failure != nil { continue }
            do throws(OutputError) {
                try output.write(text)
            } catch {
                // Nobody hears of what is not submitted yet.
                report.failure = error
                source.stop(.readerIsGone)
            }
        }
        return report
    }
}

/// How the lines of one run ended.
struct ApplyReport: Sendable {
    private(set) var committed = 0
    private(set) var refused = 0
    /// Why reading or writing ended early.
    var failure: (any Error)?
    var stop: LineSource.Stop?

    mutating func count(_ outcome: LineOutcome) {
        if case .success = outcome.result { committed += 1 } else { refused += 1 }
    }

    /// `12 operations: 10 committed, 2 not`.
    var text: String {
        "\(Quantity.count(committed + refused, "operation")): \(committed) committed, \(refused) not"
    }
}

/// Lines were refused or not read: what there is to say has been said.
struct LinesRefused: Error {}

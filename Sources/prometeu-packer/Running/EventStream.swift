import Foundation
import Packer

/// The command's sink: progress goes to the progress line, everything else into a stream that one reader takes.
struct EventStream: PackerEventSink {
    let events: AsyncStream<PackerEvent>
    private let continuation: AsyncStream<PackerEvent>.Continuation
    let progress: ProgressLine
    private let tellsNoticesAtOnce: Bool

    init(progress: ProgressLine, tellsNoticesAtOnce: Bool = false) {
        self.progress = progress
        self.tellsNoticesAtOnce = tellsNoticesAtOnce
        (events, continuation) = AsyncStream.makeStream()
    }

    func publish(_ event: PackerEvent) {
        switch event.kind {
        case .bootstrapProgress(let counts): progress.show("opening", counts)
        case .operationProgress(let counts): progress.show("reading", counts)
        case _ where tellsNoticesAtOnce: if let notice = event.notice { progress.interject(notice) }
        default: continuation.yield(event)
        }
    }

    /// Ends the stream after the events that are in it.
    func finish() { continuation.finish() }

    /// What an opening or a write met that its caller should know and no result says.
    func notices() async -> [PackerEvent] {
        await events.reduce(into: []) { notices, event in
            if event.notice != nil { notices.append(event) }
        }
    }
}

import Foundation
import Packer

/// What the project, signals and clocks have for the live view's thread, and the descriptor that wakes it.
final class LiveInbox: @unchecked Sendable {
    // Unchecked: `news` is touched only with `lock` held, and the descriptors are never changed.
    private let lock = NSLock()
    private var news = News()
    private let wakeReader: Int32
    private let wakeWriter: Int32

    struct News {
        /// Something is flagged, cleared or covered otherwise, or there is a newer snapshot.
        var hasChanged = false
        var notes: [String] = []
        var isResized = false
        var isOver = false
    }

    private static let keptNotes = 10

    init() throws(OutputError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .failed(errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
    }

    deinit {
        close(wakeReader)
        close(wakeWriter)
    }

    /// Becomes readable with the first news.
    var descriptor: Int32 { wakeReader }

    func add(_ event: PackerEvent) {
        change { news in
            switch event.kind {
            case .divergenceDetected, .divergenceChanged, .divergenceCleared, .coverageChanged, .snapshotPublished:
                news.hasChanged = true
            default:
                guard let notice = event.notice, news.notes.count < Self.keptNotes else { return }
                news.notes.append(notice)
            }
        }
    }

    func noteResizing() { change { $0.isResized = true } }

    func end() { change { $0.isOver = true } }

    /// All that came since it was last asked for.
    func take() -> News {
        var buffer = [UInt8](repeating: 0, count: 64)
        while read(wakeReader, &buffer, buffer.count) > 0 {}
        return lock.withLock {
            let taken = news
            news = News(isOver: taken.isOver)
            return taken
        }
    }

    private func change(_ body: (inout News) -> Void) {
        lock.withLock { body(&news) }
        // Full, it wakes all the same.
        _ = write(wakeWriter, [1], 1)
    }
}

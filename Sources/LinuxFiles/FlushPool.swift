import CLinux
import Glibc

/// Runs fsync side by side: the calling thread takes the last, helpers the rest.
///
/// Helpers start with the first call that has more than one target and end with the pool.
final class FlushPool: Sendable {
    private final class Batch: Sendable {
        /// Guarded by its own lock.
        let progress: Guarded<(pending: Int, failures: [SystemError?])>
        init(_ count: Int) { progress = Guarded((count, Array(repeating: nil, count: count))) }
    }

    private struct Job: Sendable {
        var target: FlushTarget
        var index: Int
        var batch: Batch
    }

    private struct State {
        var queue: [Job] = []
        var threads: [DedicatedThread] = []
        var isClosed = false
    }

    /// A device takes the flushes that wait for it together: 1,000 small files from 4 threads 40 us each, from 16 threads
    /// 20, from 64 no less.
    private static let helpers = 15
    private let state = Guarded(State())

    deinit {
        let threads = state.signal { state in
            state.isClosed = true
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    /// The answers are in the order of the targets.
    func run(_ targets: [FlushTarget]) -> [SystemError?] {
        guard targets.count > 1 else { return targets.map(Self.flush) }
        if targets.count > Self.helpers + 1 {
            // The kernel starts on everything before the first wait: a head start, not a guarantee. Where each target has a
            // thread of its own, it would only be in their way.
            for target in targets { _ = clinux_start_writeback(target.handle.number) }
        }
        let batch = Batch(targets.count)
        let jobs = targets.enumerated().map { Job(target: $1, index: $0, batch: batch) }
        state.signal(waking: min(Self.helpers, targets.count - 1)) { state in
            while state.threads.count < min(Self.helpers, targets.count - 1) {
                let shared = self.state
                let name = "packer-flush-\(state.threads.count)"
                state.threads.append(DedicatedThread(name: name) { Self.work(shared) })
            }
            state.queue.append(contentsOf: jobs.dropLast())
        }
        Self.perform(jobs[jobs.count - 1])
        while let job = state.withLock({ $0.queue.isEmpty ? nil : $0.queue.removeFirst() }) { Self.perform(job) }
        return batch.progress.wait { $0.pending == 0 ? $0.failures : nil }
    }

    private static func work(_ state: Guarded<State>) {
        while true {
            let next: Job?? = state.wait { state in
                if !state.queue.isEmpty { return .some(state.queue.removeFirst()) }
                return state.isClosed ? .some(nil) : nil
            }
            guard let job = next ?? nil else { return }
            perform(job)
        }
    }

    private static func perform(_ job: Job) {
        let failure = flush(job.target)
        job.batch.progress.signal { progress in
            progress.pending -= 1
            progress.failures[job.index] = failure
        }
    }

    private static func flush(_ target: FlushTarget) -> SystemError? {
        let result = target.dataOnly ? fdatasync(target.handle.number) : fsync(target.handle.number)
        // No retry: after a failed flush the kernel may have dropped the pages and would answer success.
        return result == 0
            ? nil : SystemError(target.dataOnly ? "fdatasync" : "fsync", target.handle.path, errno)
    }
}

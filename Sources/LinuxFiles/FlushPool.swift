import CLinux
import Glibc

/// Runs fsync side by side: the calling thread takes one, helpers the rest.
///
/// Helpers start with the first call that has more than one target and end with the pool.
final class FlushPool: Sendable {
    struct Job: Sendable {
        var handle: Handle
        var dataOnly: Bool
    }

    private final class Batch: Sendable {
        /// Guarded by its own lock.
        let progress: Guarded<(pending: Int, failure: SystemError?)>
        init(_ pending: Int) { progress = Guarded((pending, nil)) }
    }

    private struct State {
        var queue: [(Job, Batch)] = []
        var threads: [DedicatedThread] = []
        var isClosed = false
    }

    private static let helpers = 3
    private let state = Guarded(State())

    deinit {
        let threads = state.signal { state in
            state.isClosed = true
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    func run(_ jobs: [Job]) throws(SystemError) {
        guard jobs.count > 1 else {
            if let job = jobs.first { try Self.flush(job) }
            return
        }
        // The kernel starts on everything before the first wait: a head start, not a guarantee.
        for job in jobs { _ = clinux_start_writeback(job.handle.number) }
        let batch = Batch(jobs.count)
        state.signal { state in
            if state.threads.isEmpty {
                for index in 0..<Self.helpers {
                    let shared = self.state
                    state.threads.append(DedicatedThread(name: "packer-flush-\(index)") { Self.work(shared) })
                }
            }
            state.queue.append(contentsOf: jobs.dropFirst().map { ($0, batch) })
        }
        Self.perform(jobs[0], batch)
        while let (job, owner) = state.withLock({ $0.queue.isEmpty ? nil : $0.queue.removeFirst() }) {
            Self.perform(job, owner)
        }
        let failure = batch.progress.wait { $0.pending == 0 ? .some($0.failure) : nil }
        if let failure { throw failure }
    }

    private static func work(_ state: Guarded<State>) {
        while true {
            let next: (Job, Batch)?? = state.wait { state in
                if !state.queue.isEmpty { return .some(state.queue.removeFirst()) }
                return state.isClosed ? .some(nil) : nil
            }
            guard let (job, batch) = next ?? nil else { return }
            perform(job, batch)
        }
    }

    private static func perform(_ job: Job, _ batch: Batch) {
        var failure: SystemError?
        do throws(SystemError) { try flush(job) } catch { failure = error }
        batch.progress.signal { progress in
            progress.pending -= 1
            progress.failure = progress.failure ?? failure
        }
    }

    private static func flush(_ job: Job) throws(SystemError) {
        let result = job.dataOnly ? fdatasync(job.handle.number) : fsync(job.handle.number)
        // No retry: after a failed flush the kernel may have dropped the pages and would answer success.
        if result != 0 { throw SystemError(job.dataOnly ? "fdatasync" : "fsync", job.handle.path, errno) }
    }
}

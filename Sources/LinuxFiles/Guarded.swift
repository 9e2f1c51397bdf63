package import Glibc

/// A value behind one pthread mutex, with a condition to wait on.
///
/// `Synchronization.Mutex` gives false reports under the thread sanitizer on Linux; pthread's lock is understood by it.
package final class Guarded<Value>: @unchecked Sendable {
    // Unchecked: what `value` points to is touched only with `mutex` held. A pointer, because the runtime's own check of
    // exclusive access to a stored property costs more than the lock, which excludes everyone anyway.
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let condition: UnsafeMutablePointer<pthread_cond_t>
    @usableFromInline let value: UnsafeMutablePointer<Value>

    package init(_ value: sending Value) {
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    // Inlinable, so that other modules get it for their own types.
    @discardableResult @inlinable
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }

    /// Changes the value and wakes everyone who waits for it.
    @discardableResult
    package func signal<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let result = try withLock(body)
        // Behind the lock: who wakes while it is held only goes to sleep again.
        pthread_cond_broadcast(condition)
        return result
    }

    /// Changes the value and wakes some of those who wait for it, where all of them wait for the same.
    package func signal(waking count: Int, _ body: (inout Value) -> Void) {
        withLock(body)
        for _ in 0..<count { pthread_cond_signal(condition) }
    }

    /// Waits until `body` answers a value. Blocks the thread: never call it on the cooperative pool.
    package func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value.pointee) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    /// As `wait`, until `deadline` (nanoseconds of CLOCK_MONOTONIC); nil when it has passed.
    package func wait<Result>(until deadline: UInt64, _ body: (inout Value) -> Result?) -> Result? {
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value.pointee) { return result }
            if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return body(&value.pointee) }
        }
    }
}

package enum MonotonicClock {
    /// Nanoseconds of CLOCK_MONOTONIC.
    package static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Nanoseconds since 1970, from the coarse clock that the kernel stamps files with.
    package static func fileTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

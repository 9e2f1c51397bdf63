import CLinux

/// A value that is replaced now and then and asked for all the time.
///
/// Who holds one version learns with a single load, and without a lock or a count that others share, that it is still
/// the newest.
package final class Published<Value: Sendable>: @unchecked Sendable {
    // Unchecked: `counter` is only ever touched atomically.
    private let guarded: Guarded<Value>
    private let counter: UnsafeMutablePointer<UInt64>

    package init(_ value: Value) {
        guarded = Guarded(value)
        counter = .allocate(capacity: 1)
        counter.initialize(to: 1)
    }

    deinit { counter.deallocate() }

    package var value: Value { guarded.withLock { $0 } }

    /// 1 for the first value, one more with each that replaced it.
    package var version: UInt64 { clinux_load_acquire(counter) }

    /// The newest value with its version.
    package var current: (value: Value, version: UInt64) { guarded.withLock { ($0, version) } }

    package func replace(by value: Value) {
        guarded.withLock {
            $0 = value
            // In the lock: whoever sees the number and then asks gets this value or a newer one.
            clinux_add_release(counter)
        }
    }
}

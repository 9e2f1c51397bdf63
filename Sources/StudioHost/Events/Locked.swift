import Foundation

/// A value behind one lock.
///
/// NSLock, because the thread sanitizer understands it and the packer's own lock is not public. This file alone imports
/// Foundation, so that nothing else in StudioHost can reach the disk.
final class Locked<Value>: @unchecked Sendable {
    // Unchecked: `value` is touched only with `lock` held.
    private let lock = NSLock()
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    /// `body` must not call foreign code: whoever that waits for would find the lock held.
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body(&value)
    }
}

import LinuxFiles

/// Paths that could not be looked at, for want of descriptors or memory or by the disk's fault, and when to try again.
struct FailedLooks {
    private static let firstDelay: UInt64 = 100_000_000
    private static let longestDelay: UInt64 = 5_000_000_000

    private var paths: Set<BytePath> = []
    private var delay = Self.firstDelay
    /// When to try again; never while there is nothing to try, or a try is under way.
    private(set) var due = UInt64.max
    /// Nil when everything could be looked at.
    private(set) var reason: String?

    mutating func add(_ path: BytePath, reason: String, now: UInt64) {
        paths.insert(path)
        if due == .max {
            due = now + delay
            delay = min(delay * 2, Self.longestDelay)
        }
        // One reason at a time: each that is said is an event.
        if self.reason == nil { self.reason = "Files cannot be looked at: \(reason)." }
    }

    mutating func remove(_ path: BytePath) {
        guard !paths.isEmpty, paths.remove(path) != nil, paths.isEmpty else { return }
        self = FailedLooks()
    }

    mutating func takeDue(now: UInt64) -> Set<BytePath> {
        guard due <= now else { return [] }
        due = .max
        return paths
    }
}

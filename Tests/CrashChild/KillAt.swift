import Glibc
import LinuxFiles

/// Kills the process the N-th time that a fault point is reached; the point "any" is every one of them.
struct KillAt: FaultInjector {
    private let point: String
    /// How often it may still be reached.
    private let left: Guarded<Int>

    init(_ point: String, _ count: Int) {
        self.point = point
        left = Guarded(count)
    }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard point.name == self.point || self.point == "any" else { return .proceed }
        let left = left.withLock { left in
            left -= 1
            return left
        }
        if left == 0 { kill(getpid(), SIGKILL) }
        return .proceed
    }
}

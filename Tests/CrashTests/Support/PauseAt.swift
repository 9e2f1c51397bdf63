import LinuxFiles

/// The n-th time that a writer comes to a fault point.
struct Call: Hashable, CustomStringConvertible {
    var point: String
    var occurrence: Int

    var description: String { "\(point) \(occurrence)" }
}

/// Holds the writer up at one call while something is done; without a call it notes every one.
final class PauseAt: FaultInjector {
    private struct State {
        var isArmed = false
        var counts: [String: Int] = [:]
        var calls: [Call] = []
        var result: UInt64?
        var wasReached = false
    }

    private let call: Call?
    private let body: @Sendable () -> UInt64?
    private let state = Guarded(State())

    init(_ call: Call?, _ body: @escaping @Sendable () -> UInt64?) {
        self.call = call
        self.body = body
    }

    func arm() { state.withLock { $0.isArmed = true } }
    func disarm() { state.withLock { $0.isArmed = false } }

    var calls: [Call] { state.withLock { $0.calls } }
    /// What was done there; nil where there was nothing to do.
    var result: UInt64? { state.withLock { $0.result } }
    var wasReached: Bool { state.withLock { $0.wasReached } }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        // Looks at the disk that have no part in the commit come at any time.
        guard point.name.hasPrefix("commit.") || point.name.hasPrefix("packer.check.") else { return .proceed }
        let isNow = state.withLock { state in
            guard state.isArmed else { return false }
            state.counts[point.name, default: 0] += 1
            let here = Call(point: point.name, occurrence: state.counts[point.name]!)
            state.calls.append(here)
            return here == call
        }
        guard isNow else { return .proceed }
        let result = body()
        state.withLock {
            $0.result = result
            $0.wasReached = true
        }
        return .proceed
    }
}

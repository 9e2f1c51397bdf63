import LinuxFiles

/// Blocks a fault point until it is opened, and tells when it was reached.
final class GateAt: FaultInjector {
    private let point: String
    private let state: Guarded<(isReached: Bool, isOpen: Bool)>

    init(_ point: String, isOpen: Bool = false) {
        self.point = point
        state = Guarded((isReached: false, isOpen: isOpen))
    }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard point.name == self.point else { return .proceed }
        state.signal { $0.isReached = true }
        return state.wait { $0.isOpen ? .proceed : nil }
    }

    func waitUntilReached() -> Bool {
        state.wait(until: MonotonicClock.now() + 60_000_000_000) { $0.isReached ? true : nil } ?? false
    }

    func close() { state.signal { $0 = (isReached: false, isOpen: false) } }
    func open() { state.signal { $0.isOpen = true } }
}

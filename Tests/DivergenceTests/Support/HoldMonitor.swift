import LinuxFiles
import PackerTestSupport

/// Holds the monitor's thread where it opens one certain folder, so that events gather in the kernel's queue.
final class HoldMonitor: FaultInjector {
    private static let folder = "monitor-is-held"
    private let state = Guarded((isHolding: false, isInside: false))

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard point.name == "monitor.open-folder", path == BytePath(Self.folder) else { return .proceed }
        state.signal { $0.isInside = $0.isHolding }
        return state.wait { $0.isHolding ? nil : .proceed }
    }

    /// Returns when the thread is held.
    func hold(_ bench: Bench) async throws {
        state.withLock { $0 = (true, false) }
        let path = "assets/" + Self.folder
        if bench.folder.exists(path) { try bench.folder.remove(path) }
        try bench.folder.write("", to: path + "/file")
        await withCheckedContinuation { continuation in
            _ = DedicatedThread(name: "hold") { [state] in
                state.wait { $0.isInside ? () : nil }
                continuation.resume()
            }
        }
    }

    func release() { state.signal { $0.isHolding = false } }
}

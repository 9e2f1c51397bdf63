import Foundation
import LinuxFiles
import Testing

@testable import TreeMonitor

/// Every test of the monitor: one library for the process, so one test at a time.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct TreeMonitorTests {}

/// A folder that goes with its last reference. Paths are relative to it.
final class TemporaryFolder: Sendable {
    let path: String
    let disk: LinuxDisk
    let top: Handle

    init() throws {
        var template = Array("/tmp/tree-monitor-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        disk = LinuxDisk()
        top = try disk.openTop(path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func full(_ relative: String) -> String { relative.isEmpty ? path : "\(path)/\(relative)" }

    func makeFolder(_ relative: String) throws {
        try FileManager.default.createDirectory(atPath: full(relative), withIntermediateDirectories: true)
    }

    func write(_ relative: String, _ text: String = "x") throws {
        let file = try #require(fopen(full(relative), "w"))
        defer { fclose(file) }
        fputs(text, file)
    }

    func rename(_ old: String, _ new: String) throws {
        try #require(Glibc.rename(full(old), full(new)) == 0, "\(old) -> \(new): errno \(errno)")
    }

    func remove(_ relative: String) throws { try FileManager.default.removeItem(atPath: full(relative)) }
}

/// What the monitor said of one tree.
final class Recorder: Sendable {
    let hints = Guarded<[TreeHint]>([])

    func watch(
        _ folder: TemporaryFolder,
        pacing: MonitorPacing = MonitorPacing(),
        disk: (any Disk)? = nil,
        ignoring: @escaping @Sendable (BytePath) -> Bool = { _ in false }
    ) throws -> TreeWatch {
        try watch(folder.top, disk ?? folder.disk, pacing: pacing, ignoring: ignoring)
    }

    func watch(
        _ top: Handle,
        _ disk: any Disk,
        pacing: MonitorPacing = MonitorPacing(),
        ignoring: @escaping @Sendable (BytePath) -> Bool = { _ in false }
    ) throws -> TreeWatch {
        try TreeMonitor.shared.watch(
            top,
            disk: disk,
            pacing: pacing,
            ignoring: ignoring,
            hints: { hint in self.hints.signal { $0.append(hint) } }
        )
    }

    /// Waits until what was said satisfies `wanted`; false after 20 seconds.
    @discardableResult
    func wait(_ wanted: ([TreeHint]) -> Bool) -> Bool {
        hints.wait(until: MonotonicClock.now() + 20_000_000_000) { wanted($0) ? true : nil } ?? false
    }

    func waitForCoverage(_ coverage: WatchCoverage) -> Bool {
        wait { $0.last { if case .coverage = $0 { true } else { false } } == .coverage(coverage) }
    }

    /// Takes what was said so far.
    func take() -> [TreeHint] {
        hints.withLock { hints in
            defer { hints = [] }
            return hints
        }
    }

    /// What is said of everything that has happened up to now.
    func settle(_ watch: TreeWatch) async -> [TreeHint] {
        await watch.barrier()
        return take()
    }
}

/// Holds the monitor's thread inside a hint, so that events gather behind it.
final class Hold: Sendable {
    private let state = Guarded<(isClosed: Bool, isInside: Bool)>((false, false))

    /// For the hint.
    func pass() {
        state.signal { $0.isInside = $0.isClosed }
        state.wait { $0.isClosed ? nil : () }
    }

    /// Returns when the thread is held in the hint that `cause` gives rise to.
    func close(_ cause: () throws -> Void) rethrows {
        state.withLock { $0 = (true, false) }
        try cause()
        state.wait { $0.isInside ? () : nil }
    }

    func open() { state.signal { $0.isClosed = false } }
}

extension TreeWatch {
    func barrier() async {
        await withCheckedContinuation { continuation in barrier { continuation.resume() } }
    }
}

extension [TreeHint] {
    /// The paths of which something may have changed.
    var changed: Set<BytePath> {
        Set(compactMap { if case .changed(let path) = $0 { path } else { nil } })
    }

    var armed: [BytePath] {
        compactMap { if case .armed(let path) = $0 { path } else { nil } }
    }

    var coverages: [WatchCoverage] {
        compactMap { if case .coverage(let coverage) = $0 { coverage } else { nil } }
    }

    /// Whether a reader who follows the hints looks at this path: it or a folder above it has changed, or the folder
    /// that holds it has been armed.
    func cover(_ path: BytePath) -> Bool {
        changed.contains { $0.contains(path) } || armed.contains(path.parent)
    }
}

/// Runs a program to its end; its output and errors together.
func runProgram(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

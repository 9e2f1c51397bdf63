import Foundation
import LinuxFiles

/// Filesystems in memory that come and go over folders of a workspace.
final class SoakMounts: Sendable {
    private let assets: String
    private let state = Guarded((count: 0, places: [String]()))

    init(assets: String) { self.assets = assets }

    /// How many there were.
    var count: Int { state.withLock { $0.count } }

    func add(_ folder: String) {
        state.withLock { state in
            let place = assets + "/" + folder
            var status = stat()
            guard lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
            guard (try? OwnProcess.program("/bin/mount", ["-t", "tmpfs", "soak", place]).status) == 0 else { return }
            state.count += 1
            state.places.append(place)
        }
    }

    func removeOne() { state.withLock { Self.removeLast(&$0.places) } }

    func removeAll() { state.withLock { while !$0.places.isEmpty { Self.removeLast(&$0.places) } } }

    /// In whatever folder it is by now: one of those above it may have been renamed.
    private static func removeLast(_ places: inout [String]) {
        guard places.popLast() != nil,
            let table = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8),
            let line = table.split(separator: "\n").last(where: { $0.contains(" tmpfs soak ") })
        else { return }
        _ = try? OwnProcess.program("/bin/umount", ["-l", String(line.split(separator: " ")[4])])
    }
}

import Foundation
import LinuxFiles

/// Filesystems in memory that come and go over folders of a workspace.
final class SoakMounts: Sendable {
    private let assets: String
    /// How many there were.
    private let added = Guarded(0)

    init(assets: String) { self.assets = assets }

    var count: Int { added.withLock { $0 } }

    func add(_ folder: String) {
        let place = assets + "/" + folder
        var status = stat()
        guard lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
            (try? OwnProcess.program("/bin/mount", ["-t", "tmpfs", "soak", place]).status) == 0
        else { return }
        added.withLock { $0 += 1 }
    }

    /// The newest; another writer may rename what it lies in at the same time, and it stays.
    func removeOne() { if let place = Self.places().last { Self.remove(place) } }

    /// While nobody else writes.
    func removeAll() {
        while let place = Self.places().last, Self.remove(place) {}
    }

    /// Where they are by now, in the order in which they were mounted. The mount namespace is this run's own.
    private static func places() -> [String] {
        let table = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        let lines = table.split(separator: "\n").filter { $0.contains(" - tmpfs soak ") }
        return lines.map { $0.split(separator: " ") }.sorted { (Int($0[0]) ?? 0) < (Int($1[0]) ?? 0) }.map {
            String($0[4])
        }
    }

    @discardableResult
    private static func remove(_ place: String) -> Bool {
        (try? OwnProcess.program("/bin/umount", ["-l", place]).status) == 0
    }
}

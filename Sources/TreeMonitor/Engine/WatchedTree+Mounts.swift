import Glibc
import LinuxFiles

extension WatchedTree {
    /// A mount over a watched folder raises no event, and our handle keeps a filesystem that was unmounted lazily:
    /// the mount table is the only one to say so.
    func mountsChanged(_ mounts: MountTable) {
        guard !isLost, !mounts.isEmpty else { return }
        if let topMount {
            if !mounts.contains(topMount) { return lose("The project's filesystem was unmounted.") }
            if let top = topPath(), let shown = mounts.mount(showing: top), shown != topMount {
                return lose("Another filesystem was mounted over the project.")
            }
        }
        guard let top = topPath() else { return }
        let beneath = mounts.mounts(beneath: top)
        let changed = Set(beneath.symmetricDifference(self.mounts).map(\.point)).sorted()
        self.mounts = beneath
        for path in changed {
            guard let parent = node(at: path.parent) else { continue }
            say(.changed(path))
            arm(parent: parent, name: path.name, again: true)
        }
        // One that lies in a folder that was renamed is known here by another name than it had when it came.
        let hidden = changed.isEmpty ? [] : unwatched.filter { $0.value.isMount }.map(\.key)
        if hidden.isEmpty { return }
        beginRound()
        for path in hidden { tasks.append(.retry(path)) }
    }

    /// Remembers how things stand at the start. Inside a chroot the table may not show the top's own mount: what could
    /// not be seen then cannot be missed later.
    func noteMounts(_ mounts: MountTable) {
        guard let top = topPath() else { return }
        self.mounts = mounts.mounts(beneath: top)
        guard let status = try? request.disk.status(of: request.top, at: MonitorPoint.topStatus) else { return }
        if mounts.mount(showing: top) == status.mount { topMount = status.mount }
    }

    /// Where the top stands in the process's own view.
    func topPath() -> BytePath? {
        withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { buffer in
            let length = readlink(
                "/proc/self/fd/\(request.top.number)",
                buffer.assumingMemoryBound(to: CChar.self).baseAddress!,
                buffer.count
            )
            guard length > 0, length < buffer.count, buffer[0] == UInt8(ascii: "/") else { return nil }
            return BytePath(bytes: Array(buffer[1..<length]))
        }
    }
}

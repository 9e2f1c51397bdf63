import LinuxFiles

extension WatchedTree {
    /// Starts a round over what is not watched: the cause may be gone.
    func startPolling() {
        nextPoll = nil
        beginRound()
        if !table.isOpen {
            table.open()
            if table.isOpen, topMount == nil { noteMounts(table.mounts.read()) }
        }
        for path in unwatched.keys { tasks.append(.retry(path)) }
    }

    func retry(_ path: BytePath) {
        guard unwatched[path] != nil else { return }
        if isAtLimit {
            tasks.append(.poll(path))
            return
        }
        if path.isRoot { return arm(parent: nil, name: .root, again: true) }
        guard let parent = node(at: path.parent) else { return forget(path, nil) }
        arm(parent: parent, name: path.name, again: true)
    }

    func poll(_ path: BytePath) {
        if !path.isRoot, request.ignoring(path) { return }
        say(.armed(path))
        // What cannot be read or is gone has no folders to walk on to; the hint is all that there is to say.
        guard
            let folder = try? request.disk.open(path, in: request.top, .folder, at: MonitorPoint.pollFolder),
            let names = try? folders(in: folder, at: MonitorPoint.pollFolder)
        else { return }
        for name in names { tasks.append(.poll(path.appending(name))) }
    }

    func node(at path: BytePath) -> FolderNode? {
        var node = root
        for name in path.components { node = node?.children[name] }
        return node
    }
}

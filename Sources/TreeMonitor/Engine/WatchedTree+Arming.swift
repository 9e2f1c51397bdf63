import CInotifyTools
import Glibc
import LinuxFiles

extension WatchedTree {
    /// Does at most this many tasks; says the coverage when they are done.
    func work(_ limit: Int) {
        var left = limit
        while left > 0, let task = tasks.popLast() {
            left -= 1
            switch task {
            case .arm(let parent, let name, let again): arm(parent: parent, name: name, again: again)
            case .retry(let path): retry(path)
            case .poll(let path): poll(path)
            }
        }
        settle()
    }

    private func settle() {
        guard isWalking, tasks.isEmpty, nextWalk == nil, !isLost else { return }
        isWalking = false
        isAtLimit = false
        if unwatched.isEmpty {
            nextPoll = nil
            cover(.complete)
            return
        }
        let now = MonotonicClock.now()
        // A look that takes long may not fill the time.
        nextPoll = now + max(request.pacing.pollInterval, 8 * (now - roundStarted))
        let paths = unwatched.keys.sorted()
        cover(.degraded(unwatched: paths, reason: unwatched[paths[0]]?.reason ?? ""))
    }

    /// Looks at one place: watches the folder that stands there, then lists it (in this order, as what is made in
    /// between is then reported, and what was there before is seen); forgets what stood there and is gone.
    func arm(parent: FolderNode?, name: BytePath, again: Bool) {
        if let parent, !parent.isLive { return }
        let path = parent.map { $0.path.appending(name) } ?? .root
        let old = parent == nil ? root : parent?.children[name]
        if !path.isRoot, request.ignoring(path) { return forget(path, old) }
        if isAtLimit, old == nil { return refuse(path, old, unwatched.values.first { $0.isLimit }) }

        let folder: Handle
        do throws(SystemError) {
            // The top, too, is opened afresh: a listing moves the offset that all users of a handle share.
            folder = try request.disk.open(path, in: request.top, .folder, at: MonitorPoint.openFolder)
        } catch {
            if path.isRoot, error.isAbsent { return lose("The project's folder was deleted.") }
            if error.isAbsent || error.code == ELOOP { return forget(path, old) }
            return refuse(path, old, .disk(error))
        }
        if path.isRoot { watchAbove(folder) }
        if isLost { return }

        switch table.watch(folder) {
        case .failure(let refusal):
            refuse(path, old, refusal)
        case .success(let watch):
            if let old, old.watch == watch {
                // It has been watched all along.
                if again { list(old, folder, path) }
                return
            }
            // A folder that was moved here may still have its old place, too, until the event about that comes up.
            let node = FolderNode(name: name, parent: parent, tree: self, watch: watch)
            table.add(node)
            // After that: what stood here may hold the same watch further down, and must not end it.
            if let old { drop(old) }
            if parent == nil { root = node }
            list(node, folder, path)
        }
    }

    private func list(_ node: FolderNode, _ folder: Handle, _ path: BytePath) {
        let names: [BytePath]
        do throws(SystemError) {
            names = try folders(in: folder, at: MonitorPoint.listFolder)
        } catch {
            return refuse(path, node, .disk(error))
        }
        unwatched[path] = nil
        isWalking = true
        say(.armed(path))
        if !node.children.isEmpty {
            let present = Set(names)
            for (name, child) in node.children where !present.contains(name) { drop(child) }
        }
        for name in names { tasks.append(.arm(parent: node, name: name, again: true)) }
    }

    /// The names of the folders in a folder.
    func folders(in folder: Handle, at point: FaultPoint) throws(SystemError) -> [BytePath] {
        var names: [BytePath] = []
        var unknown: [BytePath] = []
        try request.disk.forEachEntry(of: folder, at: point) { name, kind in
            if kind == .folder { names.append(BytePath(bytes: Array(name))) }
            if kind == nil { unknown.append(BytePath(bytes: Array(name))) }
        }
        for name in unknown
        where try request.disk.status(of: name, in: folder, at: MonitorPoint.entryStatus)?.kind == .folder {
            names.append(name)
        }
        return names
    }

    /// Ends the watches of a folder and everything beneath.
    func drop(_ node: FolderNode) {
        node.leave { table.release($0) }
        if node === root { root = nil }
    }

    func forget(_ path: BytePath, _ old: FolderNode?) {
        if let old { drop(old) }
        if unwatched.isEmpty { return }
        unwatched = unwatched.filter { !path.contains($0.key) }
        isWalking = true
    }

    /// The folder cannot be watched; nothing beneath it is, either, as new folders in it would go unseen.
    private func refuse(_ path: BytePath, _ old: FolderNode?, _ refusal: WatchRefusal?) {
        forget(path, old)
        let refusal = refusal ?? .kernel(ENOSPC)
        if refusal.isLimit { isAtLimit = true }
        unwatched[path] = refusal
        isWalking = true
        tasks.append(.poll(path))
    }
}

import Glibc
import LinuxFiles

/// A disk in memory with a volatile cache. A power cut is a question to its state; see `ModelState`.
final class ModelDisk: Disk {
    /// What a flush of one thing persists of the names.
    enum Variant: String, Sendable, CaseIterable {
        /// Names persist in the order in which they were made, and any flush persists all of them: ext4.
        case ordered
        /// A flush of a folder persists the operations that touched it and no other; a flush of a file no name.
        case weak
    }

    private struct Shared {
        var state: ModelState
        var open: [CInt: ModelState.NodeID] = [:]
        var writers = Set<CInt>()
        var nextHandle: CInt = 1
    }

    private let variant: Variant
    private let shared: Guarded<Shared>

    init(_ state: ModelState = ModelState(), _ variant: Variant = .ordered) {
        self.variant = variant
        shared = Guarded(Shared(state: state))
    }

    var state: ModelState { shared.withLock { $0.state } }

    /// How many descriptors are open.
    var openCount: Int { shared.withLock { $0.open.count } }

    /// Sets the clock that files are stamped with.
    func setClock(_ time: Int64) { shared.withLock { $0.state.clock = time } }

    var top: Handle { shared.withLock { Self.handle(ModelState.root, .root, &$0, shared) } }

    private static func handle(
        _ id: ModelState.NodeID,
        _ path: BytePath,
        _ disk: inout Shared,
        _ guarded: Guarded<Shared>
    ) -> Handle {
        let number = disk.nextHandle
        disk.nextHandle += 1
        disk.open[number] = id
        disk.state.nodes[id]?.handles += 1
        return Handle(number: number, path: path) { closed in
            guarded.withLock { disk in
                guard let id = disk.open.removeValue(forKey: closed) else { return }
                disk.writers.remove(closed)
                disk.state.nodes[id]?.handles -= 1
                if disk.state.lockedBy?.handle == closed { disk.state.lockedBy = nil }
            }
        }
    }

    private static func node(_ handle: Handle, _ disk: Shared) throws(SystemError) -> ModelState.NodeID {
        guard let id = disk.open[handle.number] else { throw SystemError("model", handle.path, EBADF) }
        return id
    }

    /// The names in a folder that still has a name itself.
    private static func folder(_ handle: Handle, _ disk: Shared) throws(SystemError) -> ModelState.NodeID {
        let id = try node(handle, disk)
        guard disk.state.nodes[id]?.isFolder == true else { throw SystemError("model", handle.path, ENOTDIR) }
        return id
    }

    func open(
        _ path: BytePath,
        in folder: Handle,
        _ mode: OpenMode,
        at point: FaultPoint
    ) throws(SystemError) -> Handle {
        try shared.withLock { (disk) throws(SystemError) -> Handle in
            var id = try Self.folder(folder, disk)
            let names = path.components
            for (index, name) in names.enumerated() {
                guard let node = disk.state.nodes[id], node.isFolder else { throw SystemError("open", path, ENOTDIR) }
                let isLast = index == names.count - 1
                if let next = node.entries[name] {
                    if isLast, case .create = mode { throw SystemError("open", path, EEXIST) }
                    id = next
                } else if isLast, case .create(let permissions) = mode {
                    if disk.state.links(of: id) == 0 && id != ModelState.root {
                        throw SystemError("open", path, ENOENT)
                    }
                    let made = disk.state.makeNode(isFolder: false, permissions: permissions & ~0o022)
                    disk.state.set([ModelState.Name(folder: id, name: name): made])
                    id = made
                } else {
                    throw SystemError("open", path, ENOENT)
                }
            }
            let isFolder = disk.state.nodes[id]?.isFolder == true
            switch mode {
            case .folder where !isFolder: throw SystemError("open", path, ENOTDIR)
            case .readWrite where isFolder: throw SystemError("open", path, EISDIR)
            default: break
            }
            let handle = Self.handle(id, path, &disk, shared)
            if mode != .read && mode != .folder { disk.writers.insert(handle.number) }
            return handle
        }
    }

    func status(of name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError) -> FileStatus? {
        try shared.withLock { (disk) throws(SystemError) -> FileStatus? in
            var id = try Self.node(folder, disk)
            if !name.isRoot {
                guard let found = disk.state.nodes[id]?.entries[name] else { return nil }
                id = found
            }
            guard let node = disk.state.nodes[id] else { return nil }
            return FileStatus(
                kind: node.isFolder ? .folder : .file,
                permissions: node.permissions,
                size: UInt64(node.data.count),
                inode: node.inode,
                device: 1,
                mount: 1,
                modified: node.modified,
                changed: node.changed,
                links: node.isFolder ? 2 : disk.state.links(of: id),
                owner: 0,
                group: 0
            )
        }
    }

    func mountNumber(of folder: Handle, at point: FaultPoint) throws(SystemError) -> UInt64? { state.mount }

    func list(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> [DirectoryEntry] {
        try shared.withLock { (disk) throws(SystemError) -> [DirectoryEntry] in
            let id = try Self.folder(folder, disk)
            return (disk.state.nodes[id]?.entries ?? [:]).sorted { $0.key < $1.key }.map { name, target in
                DirectoryEntry(name: name, kind: disk.state.nodes[target]?.isFolder == true ? .folder : .file)
            }
        }
    }

    func read(
        _ file: Handle,
        into buffer: UnsafeMutableRawBufferPointer,
        from offset: UInt64,
        at point: FaultPoint
    ) throws(SystemError) -> Int {
        try shared.withLock { (disk) throws(SystemError) -> Int in
            let id = try Self.node(file, disk)
            guard let node = disk.state.nodes[id], !node.isFolder else { throw SystemError("read", file.path, EISDIR) }
            guard offset < node.data.count else { return 0 }
            return node.data.withUnsafeBytes { bytes in
                let part = UnsafeRawBufferPointer(rebasing: bytes[Int(offset)...].prefix(buffer.count))
                buffer.copyMemory(from: part)
                return part.count
            }
        }
    }

    func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: Handle,
        from offset: UInt64,
        at point: FaultPoint
    ) throws(SystemError) -> Int {
        try shared.withLock { (disk) throws(SystemError) -> Int in
            let id = try Self.node(file, disk)
            let start = Int(offset)
            disk.state.setData(of: id) { data in
                let missing = start + bytes.count - data.count
                if missing > 0 { data.append(contentsOf: [UInt8](repeating: 0, count: missing)) }
                data.withUnsafeMutableBytes { $0[start...].copyBytes(from: bytes) }
            }
            disk.state.nodes[id]?.isForgotten = false
            // write(2), of a process without CAP_FSETID.
            disk.state.nodes[id]?.permissions &= ~0o6000
            return bytes.count
        }
    }

    func truncate(_ file: Handle, to size: UInt64, at point: FaultPoint) throws(SystemError) {
        try shared.withLock { (disk) throws(SystemError) in
            let id = try Self.node(file, disk)
            disk.state.setData(of: id) { data in
                data = Array(data.prefix(Int(size))) + [UInt8](repeating: 0, count: max(0, Int(size) - data.count))
            }
        }
    }

    func makeFolder(
        _ name: BytePath,
        in folder: Handle,
        permissions: UInt32,
        at point: FaultPoint
    ) throws(SystemError) {
        try shared.withLock { (disk) throws(SystemError) in
            let id = try Self.folder(folder, disk)
            guard disk.state.nodes[id]?.entries[name] == nil else { throw SystemError("mkdirat", name, EEXIST) }
            if disk.state.links(of: id) == 0 && id != ModelState.root { throw SystemError("mkdirat", name, ENOENT) }
            let made = disk.state.makeNode(isFolder: true, permissions: permissions & ~0o022)
            disk.state.set([ModelState.Name(folder: id, name: name): made])
        }
    }

    func removeFolder(_ name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError) {
        try shared.withLock { (disk) throws(SystemError) in
            let id = try Self.folder(folder, disk)
            guard let target = disk.state.nodes[id]?.entries[name] else { throw SystemError("rmdir", name, ENOENT) }
            guard let node = disk.state.nodes[target], node.isFolder else { throw SystemError("rmdir", name, ENOTDIR) }
            guard node.entries.isEmpty else { throw SystemError("rmdir", name, ENOTEMPTY) }
            disk.state.set([ModelState.Name(folder: id, name: name): nil])
        }
    }

    func remove(_ name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError) {
        try shared.withLock { (disk) throws(SystemError) in
            let id = try Self.folder(folder, disk)
            guard let target = disk.state.nodes[id]?.entries[name] else { throw SystemError("unlinkat", name, ENOENT) }
            guard disk.state.nodes[target]?.isFolder == false else { throw SystemError("unlinkat", name, EISDIR) }
            disk.state.set([ModelState.Name(folder: id, name: name): nil])
        }
    }

    func rename(
        _ name: BytePath,
        in folder: Handle,
        to newName: BytePath,
        in newFolder: Handle,
        _ mode: RenameMode,
        at point: FaultPoint
    ) throws(SystemError) {
        try shared.withLock { (disk) throws(SystemError) in
            let from = ModelState.Name(folder: try Self.folder(folder, disk), name: name)
            let to = ModelState.Name(folder: try Self.folder(newFolder, disk), name: newName)
            guard let source = disk.state.nodes[from.folder]?.entries[name] else {
                throw SystemError("renameat2", newName, ENOENT)
            }
            let target = disk.state.nodes[to.folder]?.entries[newName]
            switch mode {
            case .exchange:
                guard let target else { throw SystemError("renameat2", newName, ENOENT) }
                disk.state.set([from: target, to: source])
            case .noReplace:
                if target != nil { throw SystemError("renameat2", newName, EEXIST) }
                if disk.state.links(of: to.folder) == 0 && to.folder != ModelState.root {
                    throw SystemError("renameat2", newName, ENOENT)
                }
                disk.state.set([from: nil, to: source])
            }
        }
    }

    func flush(_ targets: [FlushTarget]) -> [SystemError?] {
        shared.withLock { disk in
            targets.map { target in
                guard let id = disk.open[target.handle.number], let node = disk.state.nodes[id] else {
                    return SystemError("fsync", target.handle.path, EBADF)
                }
                disk.state.persistData(of: id)
                switch variant {
                // Data that grew no file commits none of the names that changed.
                case .ordered: if !target.dataOnly { disk.state.persistAllNames() }
                case .weak: if node.isFolder { disk.state.persistNames(in: id) }
                }
                return nil
            }
        }
    }

    func lock(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        try shared.withLock { (disk) throws(SystemError) -> Bool in
            let id = try Self.node(folder, disk)
            if let lock = disk.state.lockedBy, lock.node == id, lock.handle != folder.number { return false }
            disk.state.lockedBy = (id, folder.number)
            return true
        }
    }

    func unlock(_ folder: Handle) {
        shared.withLock { disk in
            if disk.state.lockedBy?.handle == folder.number { disk.state.lockedBy = nil }
        }
    }

    func usesFastCommit(_ folder: Handle, at point: FaultPoint) -> Bool { false }

    func isUnwatchedByWriters(_ file: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        try shared.withLock { (disk) throws(SystemError) -> Bool in
            let id = try Self.node(file, disk)
            return !disk.writers.contains { disk.open[$0] == id }
        }
    }

    /// As fchmod(2) does.
    func setPermissions(_ permissions: UInt32, of file: Handle) {
        shared.withLock { disk in
            guard let id = disk.open[file.number] else { return }
            disk.state.nodes[id]?.permissions = permissions
        }
    }

    func isOpenNowhereElse(_ file: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        try shared.withLock { (disk) throws(SystemError) -> Bool in
            let id = try Self.node(file, disk)
            return disk.open.count { $0.value == id } == 1
        }
    }

    func copyAttributes(
        from old: Handle, to new: Handle, areOwned: Bool, at point: FaultPoint
    ) throws(SystemError) -> Bool {
        try shared.withLock { (disk) throws(SystemError) -> Bool in
            let source = try Self.node(old, disk)
            let target = try Self.node(new, disk)
            let permissions = disk.state.nodes[source]?.permissions ?? 0o644
            let hasChanged = disk.state.nodes[target]?.permissions != permissions
            // The real one does not look.
            if areOwned { return false }
            disk.state.nodes[target]?.permissions = permissions
            return hasChanged
        }
    }
}

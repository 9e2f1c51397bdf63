import LinuxFiles

/// One call that is about to reach a disk.
struct DiskCall: Sendable {
    enum Name: String, Sendable {
        case open, status, mount, list, read, write, truncate, makeFolder, removeFolder, remove, rename, flush, lock,
            lease
        case copyAttributes, fastCommit
    }

    var name: Name
    var point: FaultPoint
    var path: BytePath
}

/// What becomes of a call.
enum HookAction: Sendable {
    case proceed
    case fail(CInt)
    /// A write stops after this many bytes.
    case short(Int)
    /// It answers success and does nothing; a lease probe finds a writer, a look finds nothing, every mount has one
    /// number, and every filesystem commits fast.
    case swallow
}

/// Any disk with a hook before every call: it counts, fails, drops, or lets a foreign editor in.
final class HookedDisk: Disk {
    private let inner: any Disk
    private let flushesLastFirst: Bool
    private let hook: @Sendable (DiskCall) -> HookAction

    /// - Parameter flushesLastFirst: flushes that are asked for together run in reverse order.
    init(
        _ inner: any Disk,
        flushesLastFirst: Bool = false,
        _ hook: @escaping @Sendable (DiskCall) -> HookAction
    ) {
        self.inner = inner
        self.flushesLastFirst = flushesLastFirst
        self.hook = hook
    }

    /// True where the call is to be dropped.
    private func ask(
        _ name: DiskCall.Name,
        _ point: FaultPoint,
        _ path: BytePath
    ) throws(SystemError) -> (isDropped: Bool, limit: Int?) {
        switch hook(DiskCall(name: name, point: point, path: path)) {
        case .proceed: return (false, nil)
        case .fail(let code): throw SystemError(name == .flush ? "fsync" : name.rawValue, path, code)
        case .short(let limit): return (false, limit)
        case .swallow: return (true, nil)
        }
    }

    func open(
        _ path: BytePath,
        in folder: Handle,
        _ mode: OpenMode,
        at point: FaultPoint
    ) throws(SystemError) -> Handle {
        _ = try ask(.open, point, path)
        return try inner.open(path, in: folder, mode, at: point)
    }

    func status(of name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError) -> FileStatus? {
        if try ask(.status, point, name.isRoot ? folder.path : name).isDropped { return nil }
        return try inner.status(of: name, in: folder, at: point)
    }

    func mountNumber(of folder: Handle, at point: FaultPoint) throws(SystemError) -> UInt64? {
        if try ask(.mount, point, folder.path).isDropped { return 1 }
        return try inner.mountNumber(of: folder, at: point)
    }

    func list(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> [DirectoryEntry] {
        _ = try ask(.list, point, folder.path)
        return try inner.list(folder, at: point)
    }

    func read(
        _ file: Handle,
        into buffer: UnsafeMutableRawBufferPointer,
        from offset: UInt64,
        at point: FaultPoint
    ) throws(SystemError) -> Int {
        _ = try ask(.read, point, file.path)
        return try inner.read(file, into: buffer, from: offset, at: point)
    }

    func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: Handle,
        from offset: UInt64,
        at point: FaultPoint
    ) throws(SystemError) -> Int {
        let (isDropped, limit) = try ask(.write, point, file.path)
        if isDropped { return bytes.count }
        let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(limit.map { max($0, 1) } ?? bytes.count))
        return try inner.write(part, to: file, from: offset, at: point)
    }

    func truncate(_ file: Handle, to size: UInt64, at point: FaultPoint) throws(SystemError) {
        if try ask(.truncate, point, file.path).isDropped { return }
        try inner.truncate(file, to: size, at: point)
    }

    func makeFolder(
        _ name: BytePath,
        in folder: Handle,
        permissions: UInt32,
        at point: FaultPoint
    ) throws(SystemError) {
        if try ask(.makeFolder, point, name).isDropped { return }
        try inner.makeFolder(name, in: folder, permissions: permissions, at: point)
    }

    func removeFolder(_ name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError) {
        if try ask(.removeFolder, point, name).isDropped { return }
        try inner.removeFolder(name, in: folder, at: point)
    }

    func remove(_ name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError) {
        if try ask(.remove, point, name).isDropped { return }
        try inner.remove(name, in: folder, at: point)
    }

    func rename(
        _ name: BytePath,
        in folder: Handle,
        to newName: BytePath,
        in newFolder: Handle,
        _ mode: RenameMode,
        at point: FaultPoint
    ) throws(SystemError) {
        if try ask(.rename, point, newName).isDropped { return }
        try inner.rename(name, in: folder, to: newName, in: newFolder, mode, at: point)
    }

    func flush(_ targets: [FlushTarget]) -> [SystemError?] {
        var results = [SystemError?](repeating: nil, count: targets.count)
        for index in flushesLastFirst ? targets.indices.reversed() : Array(targets.indices) {
            do throws(SystemError) {
                if try ask(.flush, targets[index].point, targets[index].handle.path).isDropped { continue }
                results[index] = inner.flush([targets[index]])[0]
            } catch {
                results[index] = error
            }
        }
        return results
    }

    func lock(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        _ = try ask(.lock, point, folder.path)
        return try inner.lock(folder, at: point)
    }

    func unlock(_ folder: Handle) { inner.unlock(folder) }

    func usesFastCommit(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        if try ask(.fastCommit, point, folder.path).isDropped { return true }
        return try inner.usesFastCommit(folder, at: point)
    }

    func isUnwatchedByWriters(_ file: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        if try ask(.lease, point, file.path).isDropped { return false }
        return try inner.isUnwatchedByWriters(file, at: point)
    }

    func isOpenNowhereElse(_ file: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        if try ask(.lease, point, file.path).isDropped { return false }
        return try inner.isOpenNowhereElse(file, at: point)
    }

    func copyAttributes(
        from old: Handle, to new: Handle, areOwned: Bool, at point: FaultPoint
    ) throws(SystemError) -> Bool {
        if try ask(.copyAttributes, point, old.path).isDropped { return false }
        return try inner.copyAttributes(from: old, to: new, areOwned: areOwned, at: point)
    }
}

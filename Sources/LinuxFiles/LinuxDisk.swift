import CLinux
import Glibc

/// The real disk.
package final class LinuxDisk: Disk {
    private let faults: (any FaultInjector)?
    /// Asked by every call: looking into `faults` copies it.
    private let hasFaults: Bool
    private let flushers: FlushPool

    package init(faults: (any FaultInjector)? = nil) {
        self.faults = faults
        hasFaults = faults != nil
        flushers = FlushPool()
    }

    /// Opens a folder by its path in the process's own view: the one place where a path is not beneath a handle.
    package func openTop(_ path: String) throws(SystemError) -> Handle {
        let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if number < 0 { throw SystemError("open", BytePath(path), errno) }
        return handle(number, BytePath(path))
    }

    private func handle(_ number: CInt, _ path: BytePath) -> Handle {
        Handle(number: number, path: path) { _ = Glibc.close($0) }
    }

    @inline(__always)
    private func reach(_ point: FaultPoint, _ call: String, _ path: BytePath) throws(SystemError) -> FaultAction {
        hasFaults ? try meet(point, call, path) : .proceed
    }

    private func meet(_ point: FaultPoint, _ call: String, _ path: BytePath) throws(SystemError) -> FaultAction {
        guard let faults else { return .proceed }
        let action = faults.reached(point, path: path)
        if case .fail(let code) = action { throw SystemError(call, path, code) }
        return action
    }

    package func open(
        _ path: BytePath,
        in folder: Handle,
        _ mode: OpenMode,
        at point: FaultPoint
    ) throws(SystemError) -> Handle {
        _ = try reach(point, "open", path)
        var flags = O_NOFOLLOW | O_NONBLOCK
        var permissions: UInt32 = 0
        switch mode {
        case .folder: flags |= O_RDONLY | O_DIRECTORY
        case .read: flags |= O_RDONLY
        case .readWrite: flags |= O_RDWR
        case .create(let wanted):
            flags |= O_RDWR | O_CREAT | O_EXCL
            permissions = wanted
        }
        let name = path.isRoot ? "." : path
        let number = name.withCString { clinux_open_beneath(folder.number, $0, flags, permissions) }
        if number < 0 { throw SystemError("open", path, errno) }
        return handle(number, path)
    }

    package func status(
        of name: BytePath,
        in folder: Handle,
        at point: FaultPoint
    ) throws(SystemError) -> FileStatus? {
        let path = name.isRoot ? folder.path : name
        _ = try reach(point, "statx", path)
        var raw = clinux_status()
        if name.withCString({ clinux_statx(folder.number, $0, &raw) }) != 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw SystemError("statx", path, errno)
        }
        return FileStatus(
            kind: FileStatus.kind(mode: raw.mode),
            permissions: raw.mode & 0o7777,
            size: raw.size,
            inode: raw.inode,
            device: raw.device,
            mount: raw.mount,
            modified: raw.mtime_ns,
            changed: raw.ctime_ns,
            links: raw.links,
            owner: raw.uid,
            group: raw.gid
        )
    }

    package func mountNumber(of folder: Handle, at point: FaultPoint) throws(SystemError) -> UInt64? {
        _ = try reach(point, "statx", folder.path)
        var mount: UInt64 = 0
        if clinux_unique_mount(folder.number, &mount) != 0 { throw SystemError("statx", folder.path, errno) }
        return mount == 0 ? nil : mount
    }

    package func list(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> [DirectoryEntry] {
        var entries: [DirectoryEntry] = []
        try forEachEntry(of: folder, at: point) { name, kind in
            entries.append(DirectoryEntry(name: BytePath(bytes: Array(name)), kind: kind))
        }
        return entries
    }

    package func forEachEntry(
        of folder: Handle, at point: FaultPoint, _ body: (UnsafeRawBufferPointer, FileKind?) -> Void
    ) throws(SystemError) {
        _ = try reach(point, "getdents64", folder.path)
        if lseek(folder.number, 0, SEEK_SET) < 0 { throw SystemError("lseek", folder.path, errno) }
        typealias Body = (UnsafeRawBufferPointer, FileKind?) -> Void
        let result = withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { body in
                clinux_each_entry(
                    folder.number,
                    { context, name, length, type in
                        let kind: FileKind? =
                            switch Int(type) {
                            case Int(DT_REG): .file
                            case Int(DT_DIR): .folder
                            case Int(DT_LNK): .symlink
                            case Int(DT_UNKNOWN): nil
                            default: .other
                            }
                        let body = context!.assumingMemoryBound(to: Body.self)
                        body.pointee(UnsafeRawBufferPointer(start: name, count: length), kind)
                    }, UnsafeMutableRawPointer(mutating: body))
            }
        }
        if result != 0 { throw SystemError("getdents64", folder.path, errno) }
    }

    package func read(
        _ file: Handle,
        into buffer: UnsafeMutableRawBufferPointer,
        from offset: UInt64,
        at point: FaultPoint
    ) throws(SystemError) -> Int {
        _ = try reach(point, "pread", file.path)
        while true {
            let count = pread(file.number, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw SystemError("pread", file.path, errno) }
        }
    }

    package func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: Handle,
        from offset: UInt64,
        at point: FaultPoint
    ) throws(SystemError) -> Int {
        var length = bytes.count
        if case .short(let most) = try reach(point, "pwrite", file.path) { length = min(length, max(most, 1)) }
        while true {
            let count = pwrite(file.number, bytes.baseAddress, length, off_t(offset))
            if count > 0 || (count == 0 && length == 0) { return count }
            if count == 0 { throw SystemError("pwrite", file.path, EIO) }
            if errno != EINTR { throw SystemError("pwrite", file.path, errno) }
        }
    }

    package func truncate(_ file: Handle, to size: UInt64, at point: FaultPoint) throws(SystemError) {
        _ = try reach(point, "ftruncate", file.path)
        if ftruncate(file.number, off_t(size)) != 0 { throw SystemError("ftruncate", file.path, errno) }
    }

    package func makeFolder(
        _ name: BytePath,
        in folder: Handle,
        permissions: UInt32,
        at point: FaultPoint
    ) throws(SystemError) {
        _ = try reach(point, "mkdirat", name)
        if name.withCString({ mkdirat(folder.number, $0, permissions) }) != 0 {
            throw SystemError("mkdirat", name, errno)
        }
    }

    package func removeFolder(_ name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError) {
        _ = try reach(point, "rmdir", name)
        if name.withCString({ unlinkat(folder.number, $0, AT_REMOVEDIR) }) != 0 {
            throw SystemError("rmdir", name, errno)
        }
    }

    package func remove(_ name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError) {
        _ = try reach(point, "unlinkat", name)
        if name.withCString({ unlinkat(folder.number, $0, 0) }) != 0 { throw SystemError("unlinkat", name, errno) }
    }

    package func rename(
        _ name: BytePath,
        in folder: Handle,
        to newName: BytePath,
        in newFolder: Handle,
        _ mode: RenameMode,
        at point: FaultPoint
    ) throws(SystemError) {
        _ = try reach(point, "renameat2", newName)
        let flags = mode == .exchange ? clinux_rename_exchange() : clinux_rename_noreplace()
        let result = name.withCString { from in
            newName.withCString { to in clinux_rename(folder.number, from, newFolder.number, to, flags) }
        }
        if result != 0 { throw SystemError("renameat2", newName, errno) }
    }

    package func flush(_ targets: [FlushTarget]) -> [SystemError?] {
        var results = [SystemError?](repeating: nil, count: targets.count)
        var jobs: [(index: Int, target: FlushTarget)] = []
        for (index, target) in targets.enumerated() {
            do throws(SystemError) {
                _ = try reach(target.point, target.dataOnly ? "fdatasync" : "fsync", target.handle.path)
                jobs.append((index, target))
            } catch {
                results[index] = error
            }
        }
        for (job, failure) in zip(jobs, flushers.run(jobs.map(\.target))) { results[job.index] = failure }
        return results
    }

    package func lock(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        _ = try reach(point, "flock", folder.path)
        if flock(folder.number, LOCK_EX | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw SystemError("flock", folder.path, errno)
    }

    package func unlock(_ folder: Handle) { _ = flock(folder.number, LOCK_UN) }

    package func isUnwatchedByWriters(_ file: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        _ = try reach(point, "fcntl", file.path)
        if clinux_probe_read_lease(file.number) == 0 { return true }
        if errno == EAGAIN || errno == EACCES || errno == EPERM { return false }
        throw SystemError("fcntl", file.path, errno)
    }

    package func isOpenNowhereElse(_ file: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        _ = try reach(point, "fcntl", file.path)
        if clinux_probe_write_lease(file.number) == 0 { return true }
        if errno == EAGAIN || errno == EACCES || errno == EPERM { return false }
        throw SystemError("fcntl", file.path, errno)
    }

    package func copyAttributes(
        from old: Handle, to new: Handle, areOwned: Bool, at point: FaultPoint
    ) throws(SystemError) -> Bool {
        _ = try reach(point, "fchown", old.path)
        let hasChanged = areOwned ? false : try copyOwner(from: old, to: new)
        let copied = clinux_copy_xattrs(old.number, new.number)
        if copied < 0 { throw SystemError("fsetxattr", old.path, errno) }
        return hasChanged || copied > 0
    }

    private func copyOwner(from old: Handle, to new: Handle) throws(SystemError) -> Bool {
        var (wanted, present) = (clinux_status(), clinux_status())
        if clinux_statx(old.number, "", &wanted) != 0 { throw SystemError("statx", old.path, errno) }
        if clinux_statx(new.number, "", &present) != 0 { throw SystemError("statx", new.path, errno) }
        if (wanted.uid, wanted.gid, wanted.mode) == (present.uid, present.gid, present.mode) { return false }
        // Owner first: changing it clears set-user-ID bits, and needs more rights than a plain user has.
        if fchown(new.number, wanted.uid, wanted.gid) != 0, errno != EPERM {
            throw SystemError("fchown", old.path, errno)
        }
        if fchmod(new.number, wanted.mode & 0o7777) != 0 { throw SystemError("fchmod", old.path, errno) }
        return true
    }
}

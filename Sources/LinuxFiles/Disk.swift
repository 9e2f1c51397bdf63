/// The seam: every system call on a project's files goes through one of these.
///
/// `LinuxDisk` is the real one. Tests put a model with a volatile cache in its place. Every call names its fault
/// point. `open` takes a path of several components and never leaves the folder it starts from (openat2 with
/// RESOLVE_BENEATH, no symlinks, no other mount); every other call takes one name in an open folder.
package protocol Disk: Sendable {
    func open(
        _ path: BytePath,
        in folder: Handle,
        _ mode: OpenMode,
        at point: FaultPoint
    ) throws(SystemError) -> Handle

    /// Nil where there is nothing of that name. The empty name means the folder itself.
    func status(of name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError) -> FileStatus?
    /// A number that no other mount has or had since the machine was started; nil where the kernel is older than
    /// Linux 6.8 (statx(2), STATX_MNT_ID_UNIQUE). Not `FileStatus.mount`, which is given again.
    func mountNumber(of folder: Handle, at point: FaultPoint) throws(SystemError) -> UInt64?
    /// Every entry but `.` and `..`, in the filesystem's order.
    func list(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> [DirectoryEntry]
    /// As `list`, one by one: the name, which holds during the call only, and the kind, nil where the filesystem does
    /// not say in its listing.
    func forEachEntry(
        of folder: Handle, at point: FaultPoint, _ body: (UnsafeRawBufferPointer, FileKind?) -> Void
    ) throws(SystemError)

    /// Up to a buffer's worth from an offset; 0 at the end.
    func read(
        _ file: Handle,
        into buffer: UnsafeMutableRawBufferPointer,
        from offset: UInt64,
        at point: FaultPoint
    ) throws(SystemError) -> Int
    /// May write less than it was given.
    func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: Handle,
        from offset: UInt64,
        at point: FaultPoint
    ) throws(SystemError) -> Int
    func truncate(_ file: Handle, to size: UInt64, at point: FaultPoint) throws(SystemError)

    func makeFolder(
        _ name: BytePath,
        in folder: Handle,
        permissions: UInt32,
        at point: FaultPoint
    ) throws(SystemError)
    func removeFolder(_ name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError)
    func remove(_ name: BytePath, in folder: Handle, at point: FaultPoint) throws(SystemError)
    func rename(
        _ name: BytePath,
        in folder: Handle,
        to newName: BytePath,
        in newFolder: Handle,
        _ mode: RenameMode,
        at point: FaultPoint
    ) throws(SystemError)

    /// fsync(2) for each, side by side; the answers are in the order of the targets, nil where it succeeded.
    /// Where one failed, nothing is known about what of that file reached the disk, and a second try would lie.
    func flush(_ targets: [FlushTarget]) -> [SystemError?]

    /// flock(2), exclusive, without waiting: false when another open descriptor holds it.
    func lock(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> Bool
    /// Gives the lock back at once, whoever still holds the handle or, in a forked child, a copy of it.
    func unlock(_ folder: Handle)
    /// Whether the filesystem is known to commit some operations past its journal: ext4 with `fast_commit`. True only
    /// once two names in it were exchanged since it was mounted.
    func usesFastCommit(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> Bool
    /// False when somebody has the file open for writing or mapped shared (probed with a read lease).
    func isUnwatchedByWriters(_ file: Handle, at point: FaultPoint) throws(SystemError) -> Bool
    /// False when anybody else has the file open or mapped (probed with a write lease).
    func isOpenNowhereElse(_ file: Handle, at point: FaultPoint) throws(SystemError) -> Bool
    /// Gives `new` the ACL and extended attributes of `old`, and its permissions and owner.
    /// - Parameter areOwned: whether permissions and owner are known to be the same already.
    /// - Returns: whether it had any others before.
    @discardableResult
    func copyAttributes(
        from old: Handle, to new: Handle, areOwned: Bool, at point: FaultPoint
    ) throws(SystemError) -> Bool
}

package enum OpenMode: Sendable, Equatable {
    case folder
    case read
    case readWrite
    /// A new file, readable and writable; an error when the name is taken.
    case create(permissions: UInt32)
}

package enum RenameMode: Sendable {
    /// Fails with EEXIST where the new name is taken.
    case noReplace
    /// Both names must exist.
    case exchange
}

package struct FlushTarget: Sendable {
    package var handle: Handle
    /// True: fdatasync(2), enough for a file whose size and name are already on disk.
    package var dataOnly: Bool
    package var point: FaultPoint

    package init(_ handle: Handle, dataOnly: Bool = false, at point: FaultPoint) {
        self.handle = handle
        self.dataOnly = dataOnly
        self.point = point
    }
}

extension Disk {
    package func flush(_ handle: Handle, at point: FaultPoint) throws(SystemError) {
        if let failure = flush([FlushTarget(handle, at: point)])[0] { throw failure }
    }

    package func forEachEntry(
        of folder: Handle, at point: FaultPoint, _ body: (UnsafeRawBufferPointer, FileKind?) -> Void
    ) throws(SystemError) {
        for entry in try list(folder, at: point) { entry.name.bytes.withUnsafeBytes { body($0, entry.kind) } }
    }

    package func status(of handle: Handle, at point: FaultPoint) throws(SystemError) -> FileStatus {
        guard let status = try status(of: .root, in: handle, at: point) else {
            throw SystemError("statx", handle.path, 2)
        }
        return status
    }

    package func openIfPresent(
        _ path: BytePath,
        in folder: Handle,
        _ mode: OpenMode,
        at point: FaultPoint
    ) throws(SystemError) -> Handle? {
        do {
            return try open(path, in: folder, mode, at: point)
        } catch {
            if error.isAbsent { return nil }
            throw error
        }
    }

    /// The whole file, or nil when it is longer than `limit`.
    /// - Parameter sizeHint: how long it should be. One more byte is asked for: a read that gives exactly the hint has met
    ///   the end, and needs no further one to see that.
    package func readAll(
        _ file: Handle,
        limit: Int = .max,
        sizeHint: Int = 4096,
        at point: FaultPoint
    ) throws(SystemError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var capacity = max(sizeHint, 0) + 1
        while true {
            let have = bytes.count
            let want = min(capacity - have, limit == .max ? .max : limit + 1 - have)
            var failure: SystemError?
            var count = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: want) { buffer, filled in
                do throws(SystemError) {
                    count = try read(file, into: UnsafeMutableRawBufferPointer(buffer), from: UInt64(have), at: point)
                } catch {
                    failure = error
                }
                filled = count
            }
            if let failure { throw failure }
            if count == 0 { return bytes }
            if have == 0 { bytes = chunk } else { bytes += chunk }
            if bytes.count > limit { return nil }
            if count < want, bytes.count == sizeHint { return bytes }
            if bytes.count == capacity { capacity = capacity < 1 << 20 ? capacity * 2 : capacity + (1 << 20) }
        }
    }

    package func writeAll(
        _ bytes: [UInt8],
        to file: Handle,
        from start: UInt64 = 0,
        at point: FaultPoint
    ) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            var failure: SystemError?
            bytes.withUnsafeBytes { buffer in
                do throws(SystemError) {
                    done += try write(
                        UnsafeRawBufferPointer(rebasing: buffer[done...]),
                        to: file,
                        from: start + UInt64(done),
                        at: point
                    )
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
    }

    /// Read in one piece instead of through a buffer that is large enough for any.
    private static var shortFile: UInt64 { 1 << 16 }

    package func digest(of file: Handle, at point: FaultPoint) throws(SystemError) -> ContentDigest {
        var offset: UInt64 = 0
        return try ContentDigest.streaming { (buffer) throws(SystemError) in
            let count = try read(file, into: buffer, from: offset, at: point)
            offset += UInt64(count)
            return count
        }
    }

    /// As the other; nil for a file that is longer than `limit`, and no more of it is read than that. A short file costs
    /// one read.
    package func digest(
        of file: Handle, upTo limit: UInt64, at point: FaultPoint
    ) throws(SystemError) -> ContentDigest? {
        if limit < Self.shortFile {
            return try readAll(file, limit: Int(limit), sizeHint: Int(limit), at: point).map { ContentDigest(of: $0) }
        }
        var offset: UInt64 = 0
        let digest = try ContentDigest.streaming { (buffer) throws(SystemError) in
            let count = offset > limit ? 0 : try read(file, into: buffer, from: offset, at: point)
            offset += UInt64(count)
            return count
        }
        return offset > limit ? nil : digest
    }

    /// As the other, asked before each buffer of a long file whether to go on; nil where the answer was no.
    /// - Parameter sizeHint: how long it should be.
    package func digest(
        of file: Handle, sizeHint: UInt64, at point: FaultPoint, while goesOn: () -> Bool
    ) throws(SystemError) -> ContentDigest? {
        if sizeHint < Self.shortFile, let digest = try digest(of: file, upTo: sizeHint, at: point) { return digest }
        var offset: UInt64 = 0
        var isWanted = true
        let digest = try ContentDigest.streaming { (buffer) throws(SystemError) in
            isWanted = goesOn()
            let count = isWanted ? try read(file, into: buffer, from: offset, at: point) : 0
            offset += UInt64(count)
            return count
        }
        return isWanted ? digest : nil
    }

    /// The folder that holds a path, opened afresh beneath `top`.
    package func openParent(
        of path: BytePath,
        in top: Handle,
        at point: FaultPoint
    ) throws(SystemError) -> Handle {
        let parent = path.parent
        return parent.isRoot ? top : try open(parent, in: top, .folder, at: point)
    }
}

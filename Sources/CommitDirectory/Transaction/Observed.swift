import LinuxFiles

/// What was seen at one name.
enum Observed: Equatable {
    case absent
    case file(FileIdentity)
    /// A file of a length that none of ours and no base has: foreign, whatever its bytes.
    case unreadFile(inode: UInt64, size: UInt64, modified: Int64)
    case folder(UInt64)
    case other

    /// A file's number.
    var fileInode: UInt64? {
        switch self {
        case .file(let seen): seen.inode
        case .unreadFile(let inode, _, _): inode
        case .absent, .folder, .other: nil
        }
    }
}

/// The lengths of the files that steps speak of. A file of another length is none of them and need not be read: somebody
/// may put a file of any length where we look.
struct KnownSizes {
    /// Nil where a record of an earlier version does not say the length of its base.
    private var sizes: Set<UInt64>? = []

    init(_ steps: some Sequence<RecordStep>) {
        for step in steps where step.isFile {
            sizes?.insert(step.size)
            if step.base == nil { continue }
            if let size = step.baseSize { sizes?.insert(size) } else { sizes = nil }
        }
    }

    init(_ size: UInt64) { sizes = [size] }

    func contains(_ size: UInt64) -> Bool { sizes?.contains(size) ?? true }
}

extension CommitDirectory {
    /// What stands at a name, a file with its digest where its length is a known one.
    func observe(
        _ name: BytePath, in folder: Handle, _ sizes: KnownSizes, at point: CommitPoint
    ) throws(SystemError) -> Observed {
        try observeWithStatus(name, in: folder, sizes, at: point).seen
    }

    /// - Returns: a file's status beside it, as it was when it was opened.
    func observeWithStatus(
        _ name: BytePath, in folder: Handle, _ sizes: KnownSizes, at point: CommitPoint
    ) throws(SystemError) -> (seen: Observed, status: FileStatus?) {
        guard let named = try disk.status(of: name, in: folder, at: point.fault) else { return (.absent, nil) }
        switch named.kind {
        case .folder: return (.folder(named.inode), nil)
        case .file:
            guard let file = try disk.openIfPresent(name, in: folder, .read, at: point.fault) else {
                return (.absent, nil)
            }
            let status = try disk.status(of: file, at: point.fault)
            return (try look(at: file, status, sizes), status)
        case .symlink, .other: return (.other, nil)
        }
    }

    /// - Parameter status: the file's.
    func look(at file: Handle, _ status: FileStatus, _ sizes: KnownSizes) throws(SystemError) -> Observed {
        // No more is read than what it was: it may grow all the time.
        guard sizes.contains(status.size),
            let digest = try disk.digest(of: file, upTo: status.size, at: CommitPoint.verifyRead.fault)
        else { return .unreadFile(inode: status.inode, size: status.size, modified: status.modified) }
        return .file(FileIdentity(inode: status.inode, digest: digest))
    }
}

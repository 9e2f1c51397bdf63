import Glibc

/// One system call that failed: which, on what, and the kernel's reason.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    package var call: String
    package var path: BytePath
    package var code: CInt

    package init(_ call: String, _ path: BytePath, _ code: CInt) {
        self.call = call
        self.path = path
        self.code = code
    }

    package static let notThere = ENOENT
    package static let notAFolder = ENOTDIR
    package static let busy = EBUSY
    package static let tooLarge = EFBIG
    /// Something else stands where a plain file is needed.
    package static let notAFile = EISDIR

    /// Another filesystem is mounted there.
    package var isMount: Bool { code == EXDEV }
    package var isNameTooLong: Bool { code == ENAMETOOLONG }
    package var isTaken: Bool { code == EEXIST || code == ENOTEMPTY }
    /// A symbolic link, a mount or something that is no folder is in the way.
    package var isObstructed: Bool { code == ELOOP || code == EXDEV || code == ENOTDIR }
    package var isAbsent: Bool { code == ENOENT || code == ENOTDIR }
    package var isGone: Bool { code == ENOENT }
    package var isDenied: Bool { code == EACCES || code == EPERM || code == EROFS }
    /// The filesystem has no such operation.
    package var isUnsupported: Bool { code == EINVAL || code == ENOSYS || code == EOPNOTSUPP }
    package var isFull: Bool { code == ENOSPC || code == EDQUOT }
    /// This process, or the system, may open no more files for now.
    package var isOfDescriptors: Bool { code == EMFILE || code == ENFILE }

    package var description: String {
        "\(call) \(path.isRoot ? "." : path.description): \(String(cString: strerror(code)))"
    }

    /// What a person can do about it.
    package var remedy: String {
        switch code {
        case ENOSPC: "Free space on the disk that holds the project, then try again."
        case EDQUOT: "The quota on the disk that holds the project is used up: free space or raise it, then try again."
        case EACCES, EPERM: "Give this user permission to read and write there."
        case EROFS: "The filesystem is mounted read-only: mount it writable, or open the project read-only."
        case EIO: "The disk reported an error: check it, then reopen the project."
        case EMFILE, ENFILE: "Too many files are open: close some, or raise the limit (ulimit -n)."
        case ENOENT, ENOTDIR: "It is not there any more: refresh, or restore it."
        case ELOOP, EXDEV: "A symbolic link or another mount is in the way: replace it by a plain folder."
        case EEXIST: "Something is already there: choose another place, or move it away."
        case ENAMETOOLONG: "Choose a shorter name."
        default: "Look at the path, mend the cause and try again."
        }
    }
}

extension SystemError {
    /// A flush failed: what of the file reached the disk is not known.
    package var isOfFlush: Bool { call == "fsync" || call == "fdatasync" }
}

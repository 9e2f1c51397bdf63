package import LinuxFiles

/// 16 bytes that name an operation across crashes.
package struct OperationKey: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The name of its folder under `conflicts/`.
    package var folderName: BytePath {
        func digits(_ half: UInt64) -> String {
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return BytePath(digits(high) + digits(low))
    }
}

/// What a file must be for a step to be allowed to displace it.
package struct FileIdentity: Equatable, Sendable {
    package var inode: UInt64
    package var digest: ContentDigest

    package init(inode: UInt64, digest: ContentDigest) {
        self.inode = inode
        self.digest = digest
    }
}

/// One change of a group. Every path is relative to the tree.
package enum CommitStep: Sendable {
    /// A folder where nothing stands.
    case makeFolder(BytePath)
    /// A file where nothing stands.
    case createFile(BytePath, contents: [UInt8])
    /// Other bytes for a file that is exactly `base`; permissions, owner, ACL and attributes are kept.
    ///
    /// `origin` is where that file stands before the group moves any folder; nil where it stands at its place already.
    case replaceFile(BytePath, contents: [UInt8], base: FileIdentity, origin: BytePath? = nil)
    /// A folder with everything in it, to where nothing stands. No `inode`: one that an earlier step of the group makes.
    case moveFolder(from: BytePath, to: BytePath, inode: UInt64?)

    /// The place that shows the step's effect.
    package var place: BytePath {
        switch self {
        case .makeFolder(let path), .createFile(let path, _), .replaceFile(let path, _, _, _): path
        case .moveFolder(_, let to, _): to
        }
    }
}

/// Steps that become visible together or not at all. Their order is the order of the swaps: a folder before what is
/// put into it.
///
/// The paths of a folder step are those that the steps before it leave: a folder may be moved to a place that another
/// has left, be moved again, or be moved with what an earlier step made in it. Files come behind every folder step, each
/// place once, at the path that it has in the end. Steps that build on each other cost a flush between them.
package struct CommitGroup: Sendable {
    package var operations: [OperationKey]
    package var steps: [CommitStep]

    package init(operations: [OperationKey], steps: [CommitStep]) {
        self.operations = operations
        self.steps = steps
    }
}

/// What stands at each written place after the swap.
package struct CommitReceipt: Sendable {
    package var sequence: UInt64
    package var written: [BytePath: Written]

    package struct Written: Sendable, Equatable {
        /// As it was seen after the swap, if it was still ours then; else as it was staged, with a zero change time.
        package var status: FileStatus
        package var digest: ContentDigest
        /// The number of the folder that it was put into.
        package var folderInode: UInt64
    }
}

/// Bytes that could not stay where they were.
package struct KeptFile: Sendable, Equatable {
    package var place: BytePath
    /// Relative to the control folder.
    package var keptAt: BytePath
    package var operation: OperationKey
}

/// Why a group was not committed, and what the disk is like.
package enum CommitFailure: Error, Sendable {
    /// Nothing was committed; the tree is as it was.
    case refused(SystemError)
    /// Someone else's file was met at these places. The group was taken back whole; their bytes are in place or kept.
    case conflict([BytePath], kept: [KeptFile])
    /// It failed after the commit point and was taken back whole.
    case aborted(SystemError)
    /// A flush failed, and whether the group survives a power cut is not known before the next open.
    case unknown(SystemError)
    /// An earlier failure ended all writing until the directory is opened again.
    case broken(String)

    static func refusing<Result>(_ body: () throws(SystemError) -> Result) throws(CommitFailure) -> Result {
        do throws(SystemError) { return try body() } catch { throw .refused(error) }
    }
}

/// Why a directory could not be opened for writing.
package enum OpenFailure: Error, Sendable {
    case inUse(owner: String)
    case system(SystemError)
    case journalDamaged(String)
    case journalNewerFormat(UInt32)
    /// Recovery met something that it must not touch.
    case recovery(String)
    /// The filesystem lacks what the commit needs.
    case unsupported(String)

    static func translating<Result>(_ body: () throws(SystemError) -> Result) throws(OpenFailure) -> Result {
        do throws(SystemError) { return try body() } catch { throw .system(error) }
    }
}

/// What recovery found and did.
package struct RecoveryReport: Sendable {
    package var completed: [OperationKey] = []
    package var rolledBack: [OperationKey] = []
    package var kept: [KeptFile] = []

    package init() {}

    package var isEmpty: Bool { completed.isEmpty && rolledBack.isEmpty && kept.isEmpty }
}

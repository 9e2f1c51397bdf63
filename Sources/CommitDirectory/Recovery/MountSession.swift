/// One mount of a filesystem, in one boot. Within it the kernel forgets no name that it was told.
///
/// Neither of the two tells alone: a disk that is pulled out and put back loses what it had not flushed within one boot,
/// and mounts are numbered anew in each.
struct MountSession: Equatable, Sendable {
    /// Empty where it could not be read.
    var bootID: String
    /// Nil where the kernel does not number its mounts.
    var mount: UInt64?

    /// False also where it cannot be known: a kill that is taken for a power cut costs no bytes, and the other way
    /// round it can tear a group.
    func isSame(as other: MountSession) -> Bool { !bootID.isEmpty && mount != nil && self == other }
}

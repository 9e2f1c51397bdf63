package import LinuxFiles

/// What the monitor says of one tree. A hint is never a fact: the reader looks for itself.
package enum TreeHint: Equatable, Sendable {
    /// Something about this path (file or folder, relative to the top, itself and everything beneath) may have changed.
    case changed(BytePath)
    /// This folder is watched from now on, or has been polled: its direct entries must be looked at once more.
    case armed(BytePath)
    case coverage(WatchCoverage)
}

/// How much of a tree's changes the monitor is sure to see.
package enum WatchCoverage: Equatable, Sendable {
    /// The first walk is under way.
    case arming
    /// Every folder is watched, and each `armed` hint of the walk has been handed over.
    case complete
    /// Changes may have been missed: every folder is being armed and handed over again.
    case verifying(String)
    /// These folders and everything beneath them are only looked at from time to time. Sorted.
    case degraded(unwatched: [BytePath], reason: String)
    /// The top is gone or hidden. No hint follows.
    case lost(String)
}

package import LinuxFiles

/// Where the monitor makes system calls on a project's files.
package enum MonitorPoint {
    package static let openFolder = FaultPoint("monitor.open-folder")
    package static let listFolder = FaultPoint("monitor.list-folder")
    /// Only where the filesystem's listing does not say what an entry is.
    package static let entryStatus = FaultPoint("monitor.entry-status")
    package static let topStatus = FaultPoint("monitor.top-status")
    /// A look at a folder that cannot be watched.
    package static let pollFolder = FaultPoint("monitor.poll-folder")
}

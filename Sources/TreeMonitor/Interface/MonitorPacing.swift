/// The monitor's times and bounds for one tree. Times are nanoseconds.
package struct MonitorPacing: Equatable, Sendable {
    /// Between two looks at what cannot be watched. A look that takes long makes the pause longer, too.
    package var pollInterval: UInt64
    /// Before the walk after a second overflow in a row; it doubles with each one that follows.
    package var firstBackoff: UInt64
    package var longestBackoff: UInt64
    /// Ended watches that the library may keep in memory (about 222 bytes each) before it is started afresh.
    package var endedWatches: Int

    package init(
        pollInterval: UInt64 = 5_000_000_000,
        firstBackoff: UInt64 = 100_000_000,
        longestBackoff: UInt64 = 10_000_000_000,
        endedWatches: Int = 20_000
    ) {
        self.pollInterval = pollInterval
        self.firstBackoff = firstBackoff
        self.longestBackoff = longestBackoff
        self.endedWatches = endedWatches
    }
}

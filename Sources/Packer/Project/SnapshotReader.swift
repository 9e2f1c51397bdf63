import LinuxFiles
public import PackerModel

/// One reader's hold on the newest snapshot, for one that asks very often: a view that draws, a server's worker.
///
/// `PackerProject.snapshot` takes a lock and a reference at every call, both of which readers on several processors have
/// to share. A reader of its own keeps the snapshot, and `update` compares one number. Make one for each thread or task
/// that reads; it may be handed over, not shared.
public struct SnapshotReader: ~Copyable, Sendable {
    private let newest: Published<Snapshot>
    private var version: UInt64
    /// What the last `update` found. It stays as it is until the next.
    public private(set) var snapshot: Snapshot

    init(_ newest: Published<Snapshot>) {
        self.newest = newest
        (snapshot, version) = newest.current
    }

    /// Goes to the newest snapshot. Never waits for a writer or the disk; never goes back to an older one. O(1).
    /// - Returns: whether there was a newer one.
    @discardableResult
    public mutating func update() -> Bool {
        if newest.version == version { return false }
        (snapshot, version) = newest.current
        return true
    }
}

extension PackerProject {
    /// A reader that holds the newest snapshot. It may outlive the project, and then stays at the last one.
    public func reader() -> SnapshotReader { SnapshotReader(core.newest) }
}

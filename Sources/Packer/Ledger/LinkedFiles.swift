import LinuxFiles
import PackerModel

/// Expected files with more than one name (hard links). A write through another name raises no event here, so that
/// these are looked at from time to time, and the coverage says so.
struct LinkedFiles {
    private static let pollInterval: UInt64 = 5_000_000_000
    /// Added for each file: looking takes about a tenth of it.
    private static let pauseForEach: UInt64 = 200_000
    /// More folders than that are said as the whole workspace.
    private static let mostFolders = 100
    private static let mostUnrelated = 10_000

    private var inodes: [BytePath: UInt64] = [:]
    private var paths: [UInt64: Set<BytePath>] = [:]
    /// Inodes with several names of which none is expected.
    private var unrelated: Set<UInt64> = []
    /// When to look at them; never while there are none.
    private(set) var due = UInt64.max
    /// Said of the folders that hold them; not to be asked for while there are none.
    private(set) var coverage = Coverage.starting

    var isEmpty: Bool { inodes.isEmpty }
    /// Whether a look at a file may change anything here.
    var hasMet: Bool { !inodes.isEmpty || !unrelated.isEmpty }

    enum Meeting {
        case known(Set<BytePath>)
        case unrelated
        /// It is one that nobody has seen yet: whether one of its names is expected has to be looked up.
        case unknown
    }

    mutating func meet(_ inode: UInt64) -> Meeting {
        if let known = paths[inode] { return .known(known) }
        if unrelated.count >= Self.mostUnrelated { unrelated = [] }
        return unrelated.insert(inode).inserted ? .unknown : .unrelated
    }

    /// What was just seen of an expected path.
    mutating func note(_ path: BytePath, _ file: (inode: UInt64, isLinked: Bool)?) {
        // The inode may get its next name any time, or is another file's by now.
        if let file { unrelated.remove(file.inode) }
        let inode = file.flatMap { $0.isLinked ? $0.inode : nil }
        guard inodes[path] != inode else { return }
        if let old = inodes[path] {
            paths[old]?.remove(path)
            if paths[old]?.isEmpty == true { paths[old] = nil }
        }
        inodes[path] = inode
        if let inode { paths[inode, default: []].insert(path) }
        due = inodes.isEmpty ? .max : min(due, MonotonicClock.now() + Self.pollInterval)
        describe()
    }

    mutating func takeAll(now: UInt64) -> [BytePath] {
        if inodes.isEmpty { return [] }
        due = now + Self.pollInterval + UInt64(inodes.count) * Self.pauseForEach
        return Array(inodes.keys)
    }

    private mutating func describe() {
        let folders = Set(inodes.keys.lazy.prefix(Self.mostFolders * 100).map(\.parent))
        let named = folders.count > Self.mostFolders ? [""] : folders.sorted().map(\.description)
        coverage = .degraded(
            unwatched: named,
            reason: "Files there have several names (hard links): a write through another name raises no event."
        )
    }
}

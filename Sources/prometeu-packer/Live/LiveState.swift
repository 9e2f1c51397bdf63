import Packer

/// All that the live view shows, at one moment.
struct LiveState: Sendable {
    struct Assets: Equatable, Sendable {
        var total = 0
        var valid = 0
        var invalid = 0
        var missing = 0
        var registered = 0
    }

    struct Flag: Equatable, Sendable {
        let divergence: Divergence
        /// The disk's digest, where the flag was raised without reading all of the file.
        var digest: Fingerprint.Digest?
        /// What became of its text; nil until that was looked at.
        var change: TextChange?
    }

    let project: String
    var generation: UInt64 = 0
    var assets = Assets()
    /// The roots that changed last.
    var changedRoots: [String] = []
    var coverage = Coverage.starting
    /// Sorted by path.
    private(set) var flags: [Flag] = []
    /// What was met and no state shows, the newest last.
    private(set) var notes: [String] = []
    /// The first line of the flags that is in the window.
    var scroll = 0
    /// Nanoseconds since 1970.
    var now: Int64 = 0

    private static let keptNotes = 2
    /// Texts that are kept of flags that are not in the window.
    private static let keptChanges = 1_000

    init(project: String) { self.project = project }

    mutating func add(note: String) {
        notes.append(note)
        notes.removeFirst(max(0, notes.count - Self.keptNotes))
    }

    /// Takes what is flagged now, and keeps what was compared where nothing has changed since.
    mutating func take(_ divergences: [Divergence]) {
        // By bytes: two names that Unicode holds for one are two files.
        let compared = Dictionary(
            flags.filter { $0.change != nil }.map { (Array($0.divergence.path.utf8), $0) }
        ) { first, _ in first }
        flags = divergences.map { divergence in
            guard !compared.isEmpty, let old = compared[Array(divergence.path.utf8)],
                old.divergence.expected == divergence.expected, old.divergence.observed == divergence.observed
            else { return Flag(divergence: divergence) }
            return Flag(divergence: divergence, digest: old.digest, change: old.change)
        }
    }

    /// - Parameter seen: what was compared, if it still is what is flagged.
    mutating func set(_ change: TextChange, seen: Fingerprint?, ofFlag index: Int, visible: Range<Int>) {
        flags[index].change = change
        if let seen, flags[index].divergence.observed?.hasSameRecord(as: seen) == true {
            flags[index].digest = seen.digest
        }
        guard flags.count > Self.keptChanges, flags.count(where: { $0.change != nil }) > Self.keptChanges else {
            return
        }
        // They are made again when they come back into the window.
        for other in flags.indices where !visible.contains(other) { flags[other].change = nil }
    }
}

extension LiveState.Assets {
    init(_ snapshot: Snapshot) {
        total = snapshot.count
        snapshot.forEachAsset { asset in
            switch asset.validity {
            case .valid: valid += 1
            case .invalid: invalid += 1
            case .missing: missing += 1
            }
            if asset.registration == .registered { registered += 1 }
            return true
        }
    }
}

extension Snapshot {
    /// Roots whose assets are not what they were in an earlier snapshot, or are none any more. O(n), and most of what
    /// did not change is shared and not compared.
    func changedRoots(since earlier: Snapshot) -> [AssetRoot] {
        func assets(_ snapshot: Snapshot) -> [ObjectIdentifier: Asset] {
            var found: [ObjectIdentifier: Asset] = [:]
            found.reserveCapacity(snapshot.count)
            snapshot.forEachAsset {
                found[ObjectIdentifier($0)] = $0
                return true
            }
            return found
        }
        let (old, new) = (assets(earlier), assets(self))
        let gone = old.filter { new[$0.key] == nil }.map(\.value)
        let come = new.filter { old[$0.key] == nil }.map(\.value)
        // Of a root that a broken registry names twice, one stands for both.
        let before = Dictionary(gone.map { ($0.root, $0) }) { first, _ in first }
        let after = Dictionary(come.map { ($0.root, $0) }) { first, _ in first }
        let roots = Set(before.keys).union(after.keys).filter { root in
            guard let before = before[root], let after = after[root] else { return true }
            return !after.isShownAs(before)
        }
        return roots.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }
}

extension Asset {
    fileprivate func isShownAs(_ other: Asset) -> Bool {
        id == other.id && uuid == other.uuid && registration == other.registration && validity == other.validity
            && isIncludedInBuild == other.isIncludedInBuild && expectedFiles == other.expectedFiles
    }
}

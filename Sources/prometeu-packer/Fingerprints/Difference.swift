import Packer

/// A path where the disk is not what the fingerprints say.
struct Difference: Equatable, Sendable {
    let path: String
    var kind: Divergence.Kind
    let root: String?
    let expected: FileContent?
    let observed: FileContent?

    /// Compares what was with what is.
    /// - Parameter now: of the project as it is; its inputs count only where the earlier fingerprints know them.
    /// - Parameter look: what stands at a path that only the earlier ones know.
    static func between(
        _ then: FingerprintFile, _ now: FingerprintFile, look: (String) throws -> FileContent?
    ) throws -> [Difference] {
        // By bytes: two names that Unicode holds for one are two files.
        let present = Dictionary(now.entries.map { (Array($0.path.utf8), $0) }) { first, _ in first }
        let known = Set(then.entries.map { Array($0.path.utf8) })
        var differences: [Difference] = []
        for entry in then.entries {
            let observed = try present[Array(entry.path.utf8)].map(\.content) ?? look(entry.path)
            if let found = Difference(entry, expected: entry.content, observed: observed) { differences.append(found) }
        }
        let strangers = now.entries.filter { $0.role != .input && !known.contains(Array($0.path.utf8)) }
        differences += strangers.compactMap { Difference($0, expected: nil, observed: $0.content) }
        let missing = Set(differences.filter { $0.kind == .missing }.map { Array($0.path.utf8) })
        let places = Dictionary(
            grouping: strangers.filter { $0.role == .declaration && $0.content != nil }, by: \.uuid)
        var targets: [[UInt8]: AssetRoot] = [:]
        for entry in then.entries where entry.role == .declaration && missing.contains(Array(entry.path.utf8)) {
            guard let uuid = entry.uuid, let found = places[uuid], found.count == 1, let root = found[0].root else {
                continue
            }
            targets[Array(entry.path.utf8)] = AssetRoot(onDisk: root)
        }
        for index in differences.indices {
            if let target = targets[Array(differences[index].path.utf8)] {
                differences[index].kind = .moved(to: target)
            }
        }
        return differences.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private init?(_ entry: FingerprintFile.Entry, expected: FileContent?, observed: FileContent?) {
        // Folders, links and special files are compared by type alone, as the monitor does.
        guard expected != observed else { return nil }
        kind =
            switch (expected, observed) {
            case _ where entry.role == .registry: .registryModified
            case (nil, _): .appeared
            case (_, nil): .missing
            case (let was?, let now?): was.type == now.type ? .modified : .typeChanged
            }
        path = entry.path
        root = entry.root
        self.expected = expected
        self.observed = observed
    }
}

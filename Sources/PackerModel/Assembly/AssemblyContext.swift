/// What one asset needs to know of all the others, found in a few passes over everything.
package struct AssemblyContext {
    private let isRegistryHealthy: Bool
    /// For each entry the index of what was scanned at its root.
    private(set) var scanned: [Int?]
    /// For each scanned root whether an entry has it.
    private(set) var isRegistered: [Bool]
    /// Everything that is a root.
    private var places: RootPlaces
    /// By the numbers of the first places: the index of what was scanned there. At all others nothing was.
    private var scannedAt: [Int] = []
    private var rootsOfID: [AssetID: [AssetRoot]]
    private var idsOfRoot: [AssetRoot: [AssetID]]
    /// Only uuids that an entry or a declaration repeats.
    private var holdersOfUUID: [AssetUUID: [Holder]] = [:]
    /// Only roots that their folding changes.
    private var foldings: [AssetRoot: [AssetRoot]] = [:]

    private struct Holder {
        var root: AssetRoot
        var isRegistered: Bool
    }

    init(entries: [RegistryEntry], _ scan: ScannedWorkspace, isRegistryHealthy: Bool) {
        let roots = scan.roots
        self.isRegistryHealthy = isRegistryHealthy
        isRegistered = Array(repeating: false, count: roots.count)
        scanned = []
        scanned.reserveCapacity(entries.count)
        if let numbered = scan.numbered {
            places = numbered
            scannedAt = Array(roots.indices)
        } else {
            places = RootPlaces(capacity: roots.count + entries.count)
            scannedAt.reserveCapacity(roots.count)
            for index in roots.indices {
                let (number, isNew) = places.number(adding: roots[index].root)
                assert(isNew, "a walk meets a folder once")
                if isNew { scannedAt.append(index) } else { scannedAt[number] = index }
            }
        }
        var hasRepeatedRoots = false
        for index in entries.indices {
            let (number, isNew) = places.number(adding: entries[index].root)
            if number < scannedAt.count {
                let found = scannedAt[number]
                scanned.append(found)
                hasRepeatedRoots = hasRepeatedRoots || isRegistered[found]
                isRegistered[found] = true
            } else {
                scanned.append(nil)
                hasRepeatedRoots = hasRepeatedRoots || !isNew
            }
        }
        let isAscending = entries.indices.dropFirst().allSatisfy { entries[$0 - 1].id < entries[$0].id }
        rootsOfID = isAscending ? [:] : Self.gathered(entries.indices, { entries[$0].id }, { entries[$0].root })
        idsOfRoot =
            hasRepeatedRoots ? Self.gathered(entries.indices, { entries[$0].root }, { entries[$0].id }) : [:]
        let strays = roots.indices.filter { !isRegistered[$0] && roots[$0].uuid != nil }
        let uuids = entries.map(\.uuid) + strays.map { roots[$0].uuid! }
        holdersOfUUID =
            Self.areDistinct(uuids)
            ? [:]
            : Self.gathered(uuids.indices, { uuids[$0] }) { index in
                index < entries.count
                    ? Holder(root: entries[index].root, isRegistered: true)
                    : Holder(root: roots[strays[index - entries.count]].root, isRegistered: false)
            }
        for root in places.roots {
            let folded = root.folded
            if folded != root { foldings[folded, default: []].append(root) }
        }
    }

    private static func areDistinct(_ uuids: [AssetUUID]) -> Bool {
        var seen = NumberTable(capacity: uuids.count)
        for (index, uuid) in uuids.enumerated() {
            let hash = NumberTable.hash(uuid)
            if seen.first(hash, where: { uuids[$0] == uuid }) != nil { return false }
            seen.insert(index, hash)
        }
        return true
    }

    /// The values of the keys that more than one index has.
    private static func gathered<Key: Hashable, Value>(
        _ indices: Range<Int>, _ key: (Int) -> Key, _ value: (Int) -> Value
    ) -> [Key: [Value]] {
        Dictionary(grouping: indices, by: key).filter { $0.value.count > 1 }.mapValues { $0.map(value) }
    }

    var hasRepeatedRoots: Bool { !idsOfRoot.isEmpty }

    package func asset(_ entry: RegistryEntry?, _ found: ScannedRoot?, bareFolder: UInt64?) -> Asset {
        asset(entry, copy: 0, found, bareFolder: bareFolder)
    }

    func asset(_ entry: RegistryEntry?, copy: UInt32, _ found: ScannedRoot?, bareFolder: UInt64?) -> Asset {
        Asset(
            entry: entry, copy: copy, found: found, bareFolder: bareFolder,
            neighbours: neighbours(entry, at: entry?.root ?? found!.root, uuid: entry?.uuid ?? found?.uuid),
            isRegistryHealthy: isRegistryHealthy
        )
    }

    private func neighbours(_ entry: RegistryEntry?, at root: AssetRoot, uuid: AssetUUID?) -> AssetNeighbours {
        var neighbours = AssetNeighbours()
        if let entry {
            neighbours.rootsOfID = rootsOfID[entry.id] ?? []
            neighbours.idsOfRoot = idsOfRoot[root] ?? []
        }
        if !holdersOfUUID.isEmpty, let uuid, let holders = holdersOfUUID[uuid] {
            let registered = holders.filter(\.isRegistered).map(\.root)
            if entry != nil && registered.count > 1 { neighbours.rootsOfUUID = registered }
            neighbours.owners = registered.filter { places.number(of: $0).map { $0 < scannedAt.count } ?? false }
            neighbours.strays = holders.filter { !$0.isRegistered }.map(\.root)
        }
        if !foldings.isEmpty {
            let folded = root.folded
            let spelled = (foldings[folded] ?? []) + (places.number(of: folded) == nil ? [] : [folded])
            neighbours.collisions = spelled.filter { $0 != root }
        }
        neighbours.outer = places.nearest(above: root)
        return neighbours
    }
}

/// What one asset needs to know of all the others, found in a few passes over everything.
package struct AssemblyContext {
    private let isRegistryHealthy: Bool
    /// For each entry the index of what was scanned at its root.
    private(set) var scanned: [Int?]
    /// For each scanned root whether an entry has it.
    private(set) var isRegistered: [Bool]
    /// Everything that is a root, and what stands there.
    private var places: [AssetRoot: Place]
    private var rootsOfID: [AssetID: [AssetRoot]]
    private var idsOfRoot: [AssetRoot: [AssetID]]
    /// Only uuids that an entry or a declaration repeats.
    private var holdersOfUUID: [AssetUUID: [Holder]]
    /// Only roots that their folding changes.
    private var foldings: [AssetRoot: [AssetRoot]] = [:]

    private struct Place {
        /// The index of what was scanned there.
        var scanned: Int?
        var isRegistered = false
    }

    private struct Holder {
        var root: AssetRoot
        var isRegistered: Bool
    }

    package init(entries: [RegistryEntry], roots: [ScannedRoot], isRegistryHealthy: Bool) {
        self.isRegistryHealthy = isRegistryHealthy
        places = Dictionary(minimumCapacity: max(entries.count, roots.count))
        isRegistered = Array(repeating: false, count: roots.count)
        scanned = []
        scanned.reserveCapacity(entries.count)
        // By index, here and below: an element that is taken out is a copy of all its members.
        for index in roots.indices {
            let isNew = places.updateValue(Place(scanned: index), forKey: roots[index].root) == nil
            assert(isNew, "a walk meets a folder once")
        }
        var hasRepeatedRoots = false
        for index in entries.indices {
            let (found, isRepeated) = Self.register(&places[entries[index].root, default: Place()])
            scanned.append(found)
            if let found { isRegistered[found] = true }
            hasRepeatedRoots = hasRepeatedRoots || isRepeated
        }
        let isAscending = entries.indices.dropFirst().allSatisfy { entries[$0 - 1].id < entries[$0].id }
        rootsOfID = isAscending ? [:] : Self.repeated(entries.count, { entries[$0].id }, { entries[$0].root })
        idsOfRoot =
            hasRepeatedRoots ? Self.repeated(entries.count, { entries[$0].root }, { entries[$0].id }) : [:]
        let strays = zip(roots.indices, isRegistered).filter { !$1 && roots[$0].uuid != nil }.map(\.0)
        holdersOfUUID = Self.repeated(entries.count + strays.count) { index in
            index < entries.count ? entries[index].uuid : roots[strays[index - entries.count]].uuid!
        } _: { index in
            index < entries.count
                ? Holder(root: entries[index].root, isRegistered: true)
                : Holder(root: roots[strays[index - entries.count]].root, isRegistered: false)
        }
        for root in places.keys {
            let folded = root.folded
            if folded != root { foldings[folded, default: []].append(root) }
        }
    }

    /// What was scanned at a place, and whether an entry had the place already.
    private static func register(_ place: inout Place) -> (Int?, isRepeated: Bool) {
        defer { place.isRegistered = true }
        return (place.scanned, place.isRegistered)
    }

    /// The values of the keys that more than one index has.
    private static func repeated<Key: Hashable, Value>(
        _ count: Int, _ key: (Int) -> Key, _ value: (Int) -> Value
    ) -> [Key: [Value]] {
        var seen = Set<Key>(minimumCapacity: count)
        var repeated: [Key: [Value]] = [:]
        for index in 0..<count where !seen.insert(key(index)).inserted { repeated[key(index)] = [] }
        if repeated.isEmpty { return [:] }
        for index in 0..<count { repeated[key(index)]?.append(value(index)) }
        return repeated
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
            neighbours.owners = registered.filter { places[$0]?.scanned != nil }
            neighbours.strays = holders.filter { !$0.isRegistered }.map(\.root)
        }
        if !foldings.isEmpty {
            let folded = root.folded
            let spelled = (foldings[folded] ?? []) + (places[folded] == nil ? [] : [folded])
            neighbours.collisions = spelled.filter { $0 != root }
        }
        neighbours.outer = root.ancestors.last { places[$0] != nil }
        return neighbours
    }
}

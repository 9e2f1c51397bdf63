/// What one asset needs to know of all the others, found in a few passes over everything.
package struct AssemblyContext {
    private let isRegistryHealthy: Bool
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
        var places = [AssetRoot: Place](minimumCapacity: max(entries.count, roots.count))
        // By index: an element that is taken out is a copy of all its members.
        for index in roots.indices {
            let isNew = places.updateValue(Place(scanned: index), forKey: roots[index].root) == nil
            assert(isNew, "a walk meets a folder once")
        }
        var hasRepeatedRoots = false
        for entry in entries {
            let isRepeated = Self.register(&places[entry.root, default: Place()])
            hasRepeatedRoots = hasRepeatedRoots || isRepeated
        }
        rootsOfID = Self.repeated(entries, by: { $0.id }, { $0.root })
        idsOfRoot = hasRepeatedRoots ? Self.repeated(entries, by: { $0.root }, { $0.id }) : [:]
        var uuids = entries.map { (uuid: $0.uuid, holder: Holder(root: $0.root, isRegistered: true)) }
        for index in roots.indices {
            guard let uuid = roots[index].reading.uuid, places[roots[index].root]?.isRegistered != true else {
                continue
            }
            uuids.append((uuid, Holder(root: roots[index].root, isRegistered: false)))
        }
        holdersOfUUID = Self.repeated(uuids, by: { $0.uuid }, { $0.holder })
        for root in places.keys {
            let folded = root.folded
            if folded != root { foldings[folded, default: []].append(root) }
        }
        self.places = places
    }

    /// Whether an entry had this place already.
    private static func register(_ place: inout Place) -> Bool {
        defer { place.isRegistered = true }
        return place.isRegistered
    }

    /// The values of the keys that more than one element has.
    private static func repeated<Element, Key: Hashable, Value>(
        _ elements: [Element], by key: (Element) -> Key, _ value: (Element) -> Value
    ) -> [Key: [Value]] {
        var seen = Set<Key>(minimumCapacity: elements.count)
        var repeated: [Key: [Value]] = [:]
        for element in elements where !seen.insert(key(element)).inserted { repeated[key(element)] = [] }
        if repeated.isEmpty { return [:] }
        for element in elements { repeated[key(element)]?.append(value(element)) }
        return repeated
    }

    var hasRepeatedRoots: Bool { !idsOfRoot.isEmpty }

    func isRegistered(_ root: AssetRoot) -> Bool { places[root]?.isRegistered == true }

    func scanned(at root: AssetRoot) -> Int? { places[root]?.scanned }

    package func asset(_ entry: RegistryEntry?, _ found: ScannedRoot?, bareFolder: UInt64?) -> Asset {
        asset(entry, copy: 0, found, bareFolder: bareFolder)
    }

    func asset(_ entry: RegistryEntry?, copy: UInt32, _ found: ScannedRoot?, bareFolder: UInt64?) -> Asset {
        Asset(
            entry: entry, copy: copy, found: found, bareFolder: bareFolder,
            neighbours: neighbours(entry, at: entry?.root ?? found!.root, uuid: entry?.uuid ?? found?.reading.uuid),
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

extension AssetTable {
    /// What the others have to do with an asset of the table. O(log n) and those others.
    func neighbours(of asset: Asset) -> AssetNeighbours {
        var neighbours = AssetNeighbours()
        if let id = asset.id {
            let sameID = assets(withID: id)
            if sameID.count > 1 { neighbours.rootsOfID = sameID.map(\.root) }
            let ids = assets(at: asset.root).compactMap(\.id)
            if ids.count > 1 { neighbours.idsOfRoot = ids }
        }
        if let uuid = asset.uuid {
            let holders = assets(withUUID: uuid)
            let registered = holders.filter { $0.registration == .registered }
            if asset.registration == .registered && registered.count > 1 {
                neighbours.rootsOfUUID = registered.map(\.root)
            }
            neighbours.owners = registered.filter { $0.validity != .missing }.map(\.root)
            neighbours.strays = holders.filter { $0.registration != .registered }.map(\.root)
        }
        neighbours.collisions = caseCollisions(with: asset.root)
        neighbours.outer = asset.root.ancestors.last(where: contains)
        return neighbours
    }

    /// The assets whose neighbours may be others once this one has come, gone or changed; itself where it is there.
    func related(to asset: Asset) -> [Asset] {
        var related = assets(at: asset.root) + assets(below: asset.root)
        if let id = asset.id { related += assets(withID: id) }
        if let uuid = asset.uuid { related += assets(withUUID: uuid) }
        for root in caseCollisions(with: asset.root) { related += assets(at: root) }
        return related
    }
}

@testable import PackerModel

/// What a project holds after mutations that succeeded, kept in plain dictionaries: the judge of the planner.
struct PlainModel {
    struct Entry: Equatable {
        var id: AssetID?
        var root: AssetRoot
        var isIncluded: Bool
        var declaration: Declaration
    }

    private(set) var assets: [AssetUUID: Entry] = [:]
    private var trash: [[AssetUUID: Entry]] = []
    private var trashRoots: [AssetRoot] = []
    private var used = Set<AssetID>()
    private var next: UInt32 = 1

    private mutating func allocate() -> AssetID {
        defer { next += 1 }
        let id = Sample.id(next)
        precondition(used.insert(id).inserted, "the model gave an id twice")
        return id
    }

    private func uuid(_ reference: AssetReference) -> AssetUUID {
        assets.first { uuid, entry in
            switch reference {
            case .id(let id): entry.id == id
            case .uuid(let wanted): uuid == wanted
            case .root(let root): entry.root == root
            }
        }!.key
    }

    private func folder(_ reference: AssetReference) -> AssetRoot {
        if case .root(let root) = reference { return root }
        return assets[uuid(reference)]!.root
    }

    mutating func apply(_ mutation: Mutation, _ operation: OperationID, _ identities: inout ArraySlice<AssetUUID>) {
        switch mutation {
        case .create(let new):
            let uuid = identities.removeFirst()
            precondition(assets[uuid] == nil)
            assets[uuid] = Entry(
                id: allocate(), root: new.root, isIncluded: new.isIncludedInBuild,
                declaration: Declaration(
                    uuid: uuid, name: new.name ?? new.root.lastComponent, type: new.type, inputs: new.inputs,
                    output: new.output, preloadEnabled: new.preloadEnabled))
        case .register(let reference, let isIncluded):
            let uuid = uuid(reference)
            assets[uuid]!.id = allocate()
            assets[uuid]!.isIncluded = isIncluded
        case .include(let reference): assets[uuid(reference)]!.isIncluded = true
        case .exclude(let reference): assets[uuid(reference)]!.isIncluded = false
        case .update(let reference, let changes):
            let uuid = uuid(reference)
            for change in changes { change.apply(to: &assets[uuid]!.declaration) }
        case .relocate(let reference, let target):
            let source = folder(reference)
            for (uuid, entry) in assets where entry.root.isAtOrBelow(source) {
                assets[uuid]!.root = Sample.root(AssetRoot.path(entry.root.path, movedFrom: source, to: target))
            }
        case .unregister(let reference):
            let uuid = uuid(reference)
            assets[uuid]!.id = nil
            assets[uuid]!.isIncluded = false
        case .delete(let reference):
            let source = folder(reference)
            let going = assets.filter { $0.value.root.isAtOrBelow(source) }
            trash.append(going)
            trashRoots.append(source)
            for uuid in going.keys { assets[uuid] = nil }
        case .restore(let reference, let target):
            guard case .uuid(let uuid) = reference, let index = trash.firstIndex(where: { $0[uuid] != nil }) else {
                preconditionFailure("the tests restore by uuid")
            }
            for (uuid, entry) in trash[index] {
                assets[uuid] = entry
                assets[uuid]!.root = Sample.root(
                    AssetRoot.path(entry.root.path, movedFrom: trashRoots[index], to: target ?? trashRoots[index]))
            }
            trash.remove(at: index)
            trashRoots.remove(at: index)
        case .emptyTrash:
            trash = []
            trashRoots = []
        case .reidentify: preconditionFailure("no identity stands twice where all were made here")
        }
    }

    /// Whether nothing can stand in the way: a refusal would be wrong.
    func mustSucceed(_ mutations: [Mutation]) -> Bool {
        guard mutations.count == 1 else { return false }
        switch mutations[0] {
        case .include(let reference), .exclude(let reference), .unregister(let reference):
            return isRegistered(reference)
        case .update(let reference, _): return isRegistered(reference) && isWhole(assets[uuid(reference)]!)
        case .delete(let reference):
            let source = folder(reference)
            let going = assets.values.filter { $0.root.isAtOrBelow(source) }
            return !going.isEmpty && going.allSatisfy { $0.id != nil && isWhole($0) }
        case .emptyTrash: return true
        default: return false
        }
    }

    private func isRegistered(_ reference: AssetReference) -> Bool {
        let found = assets.filter { uuid, entry in
            switch reference {
            case .id(let id): entry.id == id
            case .uuid(let wanted): uuid == wanted
            case .root(let root): entry.root == root
            }
        }
        return found.count == 1 && found.first!.value.id != nil
    }

    private func isWhole(_ entry: Entry) -> Bool {
        entry.declaration.inputs.allSatisfy { $0.paths.allSatisfy { $0.hasPrefix("there") } }
    }

    /// The first thing that differs, "" where nothing does.
    func difference(from snapshot: Snapshot) -> String {
        if snapshot.count != assets.count { return "\(assets.count) assets in the model, \(snapshot.count) live" }
        if snapshot.registry.nextAssetID != next { return "next id \(next), live \(snapshot.registry.nextAssetID)" }
        for (uuid, entry) in assets {
            guard let asset = snapshot.asset(uuid) else { return "\(entry) is not there" }
            let live = Entry(
                id: asset.id, root: asset.root, isIncluded: asset.isIncludedInBuild, declaration: asset.declaration!)
            if live != entry { return "model \(entry), live \(live)" }
            let state: Asset.Validity = isWhole(entry) ? .valid : .invalid
            if asset.validity != state { return "\(entry) is \(asset.validity): \(asset.diagnostics)" }
        }
        let roots = assets.values.map(\.root)
        if Set(roots.map(\.folded)).count != roots.count { return "two roots collide" }
        if roots.contains(where: { inner in roots.contains { inner.isBelow($0) } }) { return "one is nested" }
        let inTrash = snapshot.trash.map { Set($0.assets.map(\.uuid)) }
        if Set(inTrash) != Set(trash.map { Set($0.keys) }) || inTrash.count != trash.count {
            return "trash \(trash), live \(snapshot.trash)"
        }
        return ""
    }
}

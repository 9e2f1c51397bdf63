/// A snapshot in the making: what the next one will say, and the steps on disk that make it true.
///
/// Each mutation is planned against what the one before it leaves. It is changed in place: what nobody else shares of its
/// table is not copied.
package struct Draft: Sendable {
    package let base: Snapshot
    package internal(set) var table: AssetTable { didSet { revision += 1 } }
    package internal(set) var trash: [TrashItem] { didSet { revision += 1 } }
    package private(set) var nextAssetID: UInt32 { didSet { revision += 1 } }
    package private(set) var touchedSegments: Set<Int> = []
    /// Ids whose registry entries came, went or changed.
    package private(set) var touchedIDs: Set<AssetID> = []
    package internal(set) var changes = FileChanges() { didSet { revision += 1 } }
    package private(set) var expectations: [Expectation] = [] { didSet { revision += 1 } }
    /// Roots of assets that came, went, or whose diagnostics are others now.
    package private(set) var changedRoots: [AssetRoot] = []
    /// Grows with each change: it tells whether a refused operation has left something behind.
    package private(set) var revision = 0
    /// Of the operation that is being planned.
    var identities = IdentitySource()

    package init(_ base: Snapshot) {
        self.base = base
        table = base.table
        trash = base.trash
        nextAssetID = base.registry.nextAssetID
    }

    package var isEmpty: Bool { changes.isEmpty && touchedSegments.isEmpty }

    /// Plans the mutations of one operation, each against what the one before it leaves.
    /// - Returns: the assets they touched, as they are after all of them.
    /// - Throws: the first refusal; unless `revision` is what it was, the draft is then to be thrown away.
    package mutating func plan(
        _ mutations: [Mutation],
        _ context: PlanContext,
        identities: IdentitySource = IdentitySource(),
        using generator: inout some RandomNumberGenerator
    ) throws(PackerError) -> Planned {
        if case .readOnly(let reason) = base.access { throw reason }
        self.identities = identities
        var touched: [OperationOutcome.Touched] = []
        for (index, mutation) in mutations.enumerated() {
            do throws(PackerError) {
                touched += try plan(mutation, context, using: &generator)
            } catch {
                throw mutations.count == 1 ? error : error.inTransaction(mutation, index + 1, of: mutations.count)
            }
        }
        return Planned(touched: touched.count > 1 ? latest(touched) : touched, identities: self.identities.given)
    }

    package struct Planned: Sendable {
        package var touched: [OperationOutcome.Touched]
        package var identities: [AssetUUID]
    }

    private mutating func plan(
        _ mutation: Mutation, _ context: PlanContext, using generator: inout some RandomNumberGenerator
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        switch mutation {
        case .create(let new): try create(new, using: &generator)
        case .register(let reference, let isIncluded): try register(reference, isIncludedInBuild: isIncluded)
        case .include(let reference): try setIncluded(reference, true)
        case .exclude(let reference): try setIncluded(reference, false)
        case .update(let reference, let changes): try update(reference, changes)
        case .relocate(let reference, let root): try relocate(reference, to: root)
        case .unregister(let reference): try unregister(reference)
        case .delete(let reference): try delete(reference, context)
        case .restore(let reference, let root): try restore(reference, to: root)
        case .emptyTrash: emptyTrash(context)
        case .reidentify(let reference): try reidentify(reference, using: &generator)
        }
    }

    /// Each identity once, where the last mutation left it.
    private func latest(_ touched: [OperationOutcome.Touched]) -> [OperationOutcome.Touched] {
        var last: [AssetUUID: Int] = [:]
        for (index, asset) in touched.enumerated() { if let uuid = asset.uuid { last[uuid] = index } }
        return touched.enumerated().filter { $1.uuid == nil || last[$1.uuid!] == $0 }.map(\.1)
    }

    /// Whether mutations are about assets whose files an earlier one leaves as nobody has seen them: what is in a folder
    /// that comes back, whether a new input is there, what an identity of its own makes of a copy.
    package func leavesUnseen(_ mutations: [Mutation]) -> Bool {
        mutations.contains { mutation in
            guard let reference = mutation.asset else { return false }
            var assets = table.candidates(reference)
            if case .root(let root) = reference { assets += table.assets(below: root) }
            return assets.contains { asset in
                asset.isPlanned
                    && (asset.validity != .valid || asset.declaration == nil
                        || asset.inputs.contains { $0.fingerprint == nil })
            }
        }
    }

    /// The registry segments to write, in order: every one carries the next id.
    package var segments: [(index: Int, segment: RegistrySegment)] {
        touchedSegments.sorted().map { index in
            (index, RegistrySegment(nextAssetID: nextAssetID, entries: table.segment(index)))
        }
    }

    /// The registry entries that the draft changes, in the order of their ids.
    package var registryChanges: [(before: [RegistryEntry], after: [RegistryEntry])] {
        touchedIDs.sorted().compactMap { id in
            let before = base.table.assets(withID: id).compactMap(\.registryEntry)
            let after = table.assets(withID: id).compactMap(\.registryEntry)
            return before == after ? nil : (before, after)
        }
    }

    /// Assets whose files say what only a look at them tells: new, edited or restored ones.
    package var plannedAssets: [Asset] {
        var seen = Set<AssetRoot>()
        return changedRoots.flatMap { seen.insert($0).inserted ? table.assets(at: $0).filter(\.isPlanned) : [] }
    }

    /// The path's place on disk before any step; nil where nothing of it can stand.
    package func origin(of path: AssetRoot) -> AssetRoot? { changes.originOnDisk(of: path) }

    /// The snapshot after the commit, with what was seen of the files of `plannedAssets`.
    package consuming func snapshot(
        generation: UInt64,
        seen: [SeenFolder],
        segments: [Int: Fingerprint]
    ) -> (snapshot: Snapshot, changedRoots: [AssetRoot]) {
        var draft = consume self
        let folders = Dictionary(seen.map { ($0.root, $0) }, uniquingKeysWith: { first, _ in first })
        var settled: [Asset] = []
        for asset in draft.plannedAssets {
            guard let folder = folders[asset.root] else { continue }
            let real = Asset(
                entry: asset.registryEntry, copy: asset.copy, found: folder.found, bareFolder: folder.inode,
                neighbours: AssetNeighbours(), isRegistryHealthy: draft.base.registry.isHealthy
            )
            draft.table.insert(real)
            settled.append(real)
        }
        draft.settle(settled)
        let base = draft.base
        var registry = base.registry
        registry.nextAssetID = draft.nextAssetID
        for (index, fingerprint) in segments {
            registry.segments[index] = RegistryState.Segment(
                fingerprint: fingerprint, nextAssetID: draft.nextAssetID)
        }
        let snapshot = Snapshot(
            session: base.session,
            generation: generation,
            access: base.access,
            diagnostics: base.diagnostics,
            table: draft.table,
            registry: registry,
            trash: draft.trash
        )
        return (snapshot, draft.changedRoots)
    }

    // MARK: For the mutations' own files

    /// What the disk must show for the plan to hold, where an earlier step does not see to it.
    mutating func expect(_ expectation: Expectation) throws(PackerError) {
        let path = AssetRoot(onDisk: expectation.path)
        switch (expectation, changes.origin(of: path)) {
        case (.absent, .disk(let origin)): expectations.append(.absent(origin.path))
        case (.folderOrAbsent, .disk(let origin)): expectations.append(.folderOrAbsent(origin.path))
        case (.folder, .disk(let origin)): expectations.append(.folder(origin.path))
        case (.file(_, let fingerprint), .disk(let origin)): expectations.append(.file(origin.path, fingerprint))
        case (.edited(_, let fingerprint), .disk(let origin)): expectations.append(.edited(origin.path, fingerprint))
        case (.absent, .ensured):
            throw PackerError(
                .rootOccupied, "\"\(path)\" is a folder that an earlier mutation needs", paths: [path.path],
                remedy: "Choose another root."
            )
        case (.absent, .vacated), (.folderOrAbsent, .vacated), (.folderOrAbsent, .ensured), (.folder, .ensured): break
        case (.folder, .vacated), (.file, .vacated), (.file, .ensured), (.edited, .vacated), (.edited, .ensured):
            throw PackerError(
                .assetState, "\"\(path)\" was moved away by an earlier mutation", paths: [path.path],
                remedy: "Refer to it where it is by then."
            )
        }
    }

    mutating func insert(_ asset: Asset) {
        table.insert(asset)
        touch(asset)
    }

    mutating func remove(_ asset: Asset) {
        table.remove(asset)
        touch(asset)
    }

    private mutating func touch(_ asset: Asset) {
        note(asset.root)
        if let id = asset.id {
            touchedSegments.insert(RegistrySegment.index(of: id.rawValue))
            touchedIDs.insert(id)
        }
    }

    /// Puts an asset in the place of the one with the same root and registry entry.
    mutating func replaceFiles(with new: Asset) {
        table.insert(new)
        note(new.root)
    }

    private mutating func note(_ root: AssetRoot) {
        if changedRoots.last != root { changedRoots.append(root) }
    }

    /// Brings up to date what these and the assets around them say of each other, after they came or went: what a
    /// fresh assembly of the same files would say. O(log n) each, and those that are concerned.
    mutating func settle(_ changed: [Asset]) {
        var seen = Set<AssetKey>()
        for asset in changed {
            for related in table.related(to: asset) where seen.insert(related.key).inserted {
                let settled = related.beside(
                    table.neighbours(of: related), isRegistryHealthy: base.registry.isHealthy
                )
                if settled.diagnostics == related.diagnostics && settled.validity == related.validity { continue }
                table.insert(settled)
                note(settled.root)
            }
        }
    }

    mutating func allocateID() throws(PackerError) -> AssetID {
        guard let id = AssetID(rawValue: nextAssetID) else {
            throw PackerError(
                .identifiersExhausted,
                "every id up to \(AssetID.largest) has been given out",
                remedy: "Start a new project registry; ids are never used again."
            )
        }
        nextAssetID += 1
        // The first segment then tells of every other, so that the loss of one is never taken for its absence.
        let segment = RegistrySegment.index(of: id.rawValue)
        if base.registry.segments[segment] == nil { touchedSegments.insert(0) }
        return id
    }

    /// As `Snapshot.asset(_:)`, in the draft.
    func resolve(_ reference: AssetReference) throws(PackerError) -> Asset {
        try table.asset(reference)
    }

    /// Refuses a place that is taken, lies in an asset, holds one, or collides with another name.
    func requireFree(_ root: AssetRoot) throws(PackerError) {
        if let taken = table.first(at: root) {
            throw PackerError(
                .rootOccupied,
                "\"\(root)\" is the root of another asset" + (taken.id.map { " (id \($0))" } ?? ""),
                paths: [root.path],
                remedy: "Choose another root, or relocate the asset that is there."
            )
        }
        if let outer = table.assets(above: root).first {
            throw PackerError(
                .rootNested,
                "\"\(root)\" lies inside the asset \"\(outer.root)\"",
                paths: [root.path],
                remedy: "Choose a root outside of it: an asset cannot contain another."
            )
        }
        if let inner = table.assets(below: root).first {
            throw PackerError(
                .rootNested,
                "the asset \"\(inner.root)\" lies inside \"\(root)\"",
                paths: [root.path],
                remedy: "Choose a root that holds no asset: an asset cannot contain another."
            )
        }
        if let other = table.caseCollisions(with: root).first {
            throw PackerError(
                .nameCollision,
                "\"\(root)\" differs only in capitals from \"\(other)\"",
                paths: [root.path],
                remedy: "Choose another name: a case-insensitive filesystem would merge the two."
            )
        }
    }
}

/// Whose mutations are planned, and when: what a plan takes from the world outside of the snapshot.
package struct PlanContext: Sendable {
    package var operation: OperationID
    /// Nanoseconds since 1970.
    package var now: Int64

    package init(operation: OperationID, now: Int64) {
        self.operation = operation
        self.now = now
    }
}

/// What was seen of a planned asset's folder after the commit.
package struct SeenFolder: Sendable {
    package var root: AssetRoot
    /// Nil where there is no declaration.
    package var found: ScannedRoot?
    /// Nil where there is no folder.
    package var inode: UInt64?

    package init(root: AssetRoot, found: ScannedRoot?, inode: UInt64?) {
        self.root = root
        self.found = found
        self.inode = inode
    }
}

extension Asset {
    /// The same asset at another root, before its neighbours are looked at.
    func moved(to newRoot: AssetRoot) -> Asset {
        let own = record.diagnostics.map { diagnostic in
            var moved = diagnostic
            moved.path = AssetRoot.path(diagnostic.path, movedFrom: root, to: newRoot)
            return moved
        }
        return Asset(
            root: newRoot, id: id, uuid: uuid, registration: registration, validity: validity,
            isIncludedInBuild: isIncludedInBuild, record: record.with(diagnostics: own), diagnostics: [], copy: copy,
            isPlanned: isPlanned
        )
    }
}

extension PackerError {
    package init(_ problem: NameProblem, path: String) {
        self.init(
            .nameInvalid,
            "\(problem.message)",
            paths: [path.escaped],
            remedy: "Choose a name that keeps the rules for roots and works on every system."
        )
    }

    fileprivate func inTransaction(_ mutation: Mutation, _ number: Int, of count: Int) -> PackerError {
        var error = self
        error.message = "mutation \(number) of \(count) (\(mutation.name)): \(message)"
        return error
    }
}

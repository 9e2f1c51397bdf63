/// A snapshot in the making: what the next one will say, and the steps on disk that make it true.
///
/// A value: a copy is tried, and kept or thrown away. Each operation is planned against what the one before it leaves.
package struct Draft: Sendable {
    package let base: Snapshot
    package internal(set) var table: AssetTable
    package private(set) var nextAssetID: UInt32
    package private(set) var touchedSegments: Set<Int> = []
    package private(set) var steps: [FileStep] = []
    package private(set) var expectations: [Expectation] = []
    /// Roots of assets that came, went, or whose diagnostics are others now.
    package private(set) var changedRoots: [AssetRoot] = []

    package init(_ base: Snapshot) {
        self.base = base
        table = base.table
        nextAssetID = base.registry.nextAssetID
    }

    package var isEmpty: Bool { steps.isEmpty && touchedSegments.isEmpty }

    /// Plans one mutation onto the draft; a refusal leaves a draft to be thrown away.
    package mutating func plan(
        _ mutation: Mutation,
        using generator: inout some RandomNumberGenerator
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        if case .readOnly(let reason) = base.access { throw reason }
        switch mutation {
        case .create(let new): return try create(new, using: &generator)
        case .relocate(let reference, let root): return try relocate(reference, to: root)
        }
    }

    /// The registry segments to write, in order: every one carries the next id.
    package var segments: [(index: Int, segment: RegistrySegment)] {
        touchedSegments.sorted().map { index in
            (index, RegistrySegment(nextAssetID: nextAssetID, entries: table.segment(index)))
        }
    }

    /// The snapshot after the commit, with what was seen of the new files.
    package func snapshot(
        generation: UInt64,
        written: [WrittenDeclaration],
        segments: [Int: Fingerprint]
    ) -> Snapshot {
        var table = table
        for seen in written {
            for asset in table.assets(at: seen.root) {
                table.insert(
                    asset.written(seen).beside(
                        table.neighbours(of: asset), isRegistryHealthy: base.registry.isHealthy
                    ))
            }
        }
        var registry = base.registry
        registry.nextAssetID = nextAssetID
        for (index, fingerprint) in segments {
            registry.segments[index] = RegistryState.Segment(fingerprint: fingerprint, nextAssetID: nextAssetID)
        }
        return Snapshot(
            session: base.session,
            generation: generation,
            access: base.access,
            diagnostics: base.diagnostics,
            table: table,
            registry: registry
        )
    }

    // MARK: For the mutations' own files

    mutating func expect(_ expectation: Expectation) { expectations.append(expectation) }
    mutating func step(_ step: FileStep) { steps.append(step) }

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
        if let id = asset.id { touchedSegments.insert(RegistrySegment.index(of: id.rawValue)) }
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

/// What was seen of a new declaration and its surroundings after the commit.
package struct WrittenDeclaration: Sendable {
    package var root: AssetRoot
    package var folderInode: UInt64
    package var fingerprint: Fingerprint
    package var inputs: [Asset.InputFile]
    /// What a reader makes of the bytes that were written; what was planned where it is nil.
    package var reading: DeclarationReading?

    package init(
        root: AssetRoot,
        folderInode: UInt64,
        fingerprint: Fingerprint,
        inputs: [Asset.InputFile],
        reading: DeclarationReading? = nil
    ) {
        self.root = root
        self.folderInode = folderInode
        self.fingerprint = fingerprint
        self.inputs = inputs
        self.reading = reading
    }
}

extension Asset {
    /// A planned asset once its files are there, before its neighbours are looked at.
    func written(_ seen: WrittenDeclaration) -> Asset {
        Asset(
            root: root, id: id, uuid: uuid, registration: registration, validity: validity,
            isIncludedInBuild: isIncludedInBuild, declaration: seen.reading?.declaration ?? declaration,
            declarationFingerprint: seen.fingerprint, folderInode: seen.folderInode, inputs: seen.inputs,
            diagnostics: [],
            reading: seen.reading.map(Reading.init) ?? reading, copy: copy
        )
    }

    /// The same asset at another root, before its neighbours are looked at.
    func moved(to newRoot: AssetRoot) -> Asset {
        let own = reading.diagnostics.map { diagnostic in
            var moved = diagnostic
            moved.path = AssetRoot.path(diagnostic.path, movedFrom: root, to: newRoot)
            return moved
        }
        return Asset(
            root: newRoot, id: id, uuid: uuid, registration: registration, validity: validity,
            isIncludedInBuild: isIncludedInBuild, declaration: declaration,
            declarationFingerprint: declarationFingerprint, folderInode: folderInode, inputs: inputs,
            diagnostics: [], reading: Reading(uuid: reading.uuid, uuidPosition: reading.uuidPosition, diagnostics: own),
            copy: copy
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
}

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
            for asset in table.assets(at: seen.root) { table.insert(asset.written(seen)) }
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
        if changedRoots.last != asset.root { changedRoots.append(asset.root) }
        if let id = asset.id { touchedSegments.insert(RegistrySegment.index(of: id.rawValue)) }
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
        return id
    }

    /// Refuses a place that is taken, lies in an asset, holds one, or collides with another name.
    /// - Parameter leaving: roots that will be gone when the place is taken.
    func requireFree(_ root: AssetRoot, leaving: AssetRoot? = nil) throws(PackerError) {
        func stays(_ other: AssetRoot) -> Bool { other != leaving }
        if let taken = table.assets(at: root).first(where: { stays($0.root) }) {
            throw PackerError(
                .rootOccupied,
                "\"\(root)\" is the root of another asset" + (taken.id.map { " (id \($0))" } ?? ""),
                paths: [root.path],
                remedy: "Choose another root, or relocate the asset that is there."
            )
        }
        if let outer = table.assets(above: root).first(where: { stays($0.root) }) {
            throw PackerError(
                .rootNested,
                "\"\(root)\" lies inside the asset \"\(outer.root)\"",
                paths: [root.path],
                remedy: "Choose a root outside of it: an asset cannot contain another."
            )
        }
        if let inner = table.assets(below: root).first(where: { stays($0.root) }) {
            throw PackerError(
                .rootNested,
                "the asset \"\(inner.root)\" lies inside \"\(root)\"",
                paths: [root.path],
                remedy: "Choose a root that holds no asset: an asset cannot contain another."
            )
        }
        if let other = table.caseCollisions(with: root).first(where: stays) {
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

    package init(root: AssetRoot, folderInode: UInt64, fingerprint: Fingerprint, inputs: [Asset.InputFile]) {
        self.root = root
        self.folderInode = folderInode
        self.fingerprint = fingerprint
        self.inputs = inputs
    }
}

extension Asset {
    func written(_ seen: WrittenDeclaration) -> Asset {
        let problems = seen.inputs.flatMap { AssemblyContext.problems(of: $0, root) }
        return Asset(
            root: root, id: id, uuid: uuid, registration: registration,
            validity: problems.contains { $0.severity == .error } ? .invalid : validity,
            isIncludedInBuild: isIncludedInBuild, declaration: declaration,
            declarationFingerprint: seen.fingerprint, folderInode: seen.folderInode, inputs: seen.inputs,
            diagnostics: diagnostics + problems, reading: reading
        )
    }

    /// The same asset at another root.
    func moved(to newRoot: AssetRoot) -> Asset {
        let keep: Set<DiagnosticCode> = [.declarationUnknownType, .assetUnregistered]
        return Asset(
            root: newRoot,
            id: id,
            uuid: uuid,
            registration: registration,
            validity: validity,
            isIncludedInBuild: isIncludedInBuild,
            declaration: declaration,
            declarationFingerprint: declarationFingerprint,
            folderInode: folderInode,
            inputs: inputs,
            diagnostics: diagnostics.filter { keep.contains($0.code) }.map(moving(to: newRoot)),
            reading: Reading(uuid: reading.uuid, diagnostics: reading.diagnostics.map(moving(to: newRoot)))
        )
    }

    private func moving(to newRoot: AssetRoot) -> (Diagnostic) -> Diagnostic {
        { diagnostic in
            var moved = diagnostic
            moved.path = newRoot.path + moved.path.dropFirst(self.root.path.count)
            return moved
        }
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

extension Draft {
    /// The declared inputs of an asset of the draft.
    package func inputs(of root: AssetRoot) -> [Asset.InputFile] { table.assets(at: root).first?.inputs ?? [] }
}

extension Draft {
    mutating func relocate(
        _ reference: AssetReference,
        to target: AssetRoot
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        if let problem = NameRule.firstProblem(in: target.path) { throw PackerError(problem, path: target.path) }
        let source = try sourceFolder(reference)
        let moving = table.assets(at: source) + table.assets(below: source)
        if let asset = moving.first, moving.count == 1, asset.validity == .missing {
            return try followMoved(asset, to: target)
        }
        try requireMovable(moving, from: source, to: target)
        expect(.folder(source.path))
        expect(.absent(target.path))
        for asset in moving {
            if let fingerprint = asset.declarationFingerprint {
                expect(.file(asset.declarationPath, fingerprint))
            }
        }
        if let parent = target.ancestors.last { step(.ensureFolder(parent)) }
        step(.moveFolder(from: source, to: target))
        for asset in moving { remove(asset) }
        return moving.map { asset in
            let moved = asset.moved(to: AssetRoot(onDisk: target.path + asset.root.path.dropFirst(source.path.count)))
            insert(moved)
            return OperationOutcome.Touched(id: moved.id, uuid: moved.uuid, root: moved.root)
        }
    }

    /// An asset's root, or a folder that holds assets.
    private func sourceFolder(_ reference: AssetReference) throws(PackerError) -> AssetRoot {
        if case .root(let root) = reference, table.assets(at: root).isEmpty, !table.assets(below: root).isEmpty {
            return root
        }
        return try resolve(reference).root
    }

    /// As `Snapshot.asset(_:)`, in the draft.
    func resolve(_ reference: AssetReference) throws(PackerError) -> Asset {
        try Snapshot(
            session: base.session,
            generation: base.generation,
            access: base.access,
            diagnostics: [],
            table: table,
            registry: base.registry
        ).asset(reference)
    }

    private func requireMovable(
        _ moving: [Asset],
        from source: AssetRoot,
        to target: AssetRoot
    ) throws(PackerError) {
        for asset in moving where asset.validity != .valid {
            throw PackerError(
                .assetState,
                "\"\(asset.root)\" is \(asset.validity.rawValue) and cannot be moved",
                paths: [asset.root.path],
                remedy: "Mend what its diagnostics name, refresh, and relocate it then."
            )
        }
        if target == source || target.path.utf8.starts(with: (source.path + "/").utf8) {
            throw PackerError(
                .rootNested,
                "\"\(target)\" lies inside \"\(source)\" itself",
                paths: [target.path],
                remedy: "Choose a root outside of the folder that moves."
            )
        }
        var rest = self
        for asset in moving { rest.table.remove(asset) }
        try rest.requireFree(target)
        for asset in moving where asset.root != source {
            let root = AssetRoot(onDisk: target.path + asset.root.path.dropFirst(source.path.count))
            if let problem = NameRule.firstProblem(in: root.path) { throw PackerError(problem, path: root.path) }
        }
    }

    /// The folder was moved by hand: only the registry follows.
    private mutating func followMoved(
        _ asset: Asset,
        to target: AssetRoot
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        guard let found = table.assets(at: target).first(where: { $0.registration == .unregistered }),
            found.uuid == asset.uuid, let declaration = found.declarationFingerprint
        else {
            throw PackerError(
                .assetState,
                "\"\(asset.root)\" is missing, and its declaration is not at \"\(target)\"",
                paths: [asset.root.path, target.path],
                remedy: "Relocate it to the place where its folder is now, restore it, or unregister it."
            )
        }
        expect(.absent(asset.declarationPath))
        expect(.file(found.declarationPath, declaration))
        remove(asset)
        remove(found)
        let moved = Asset(
            root: target,
            id: asset.id,
            uuid: asset.uuid,
            registration: .registered,
            validity: found.diagnostics.contains { $0.severity == .error } ? .invalid : .valid,
            isIncludedInBuild: asset.isIncludedInBuild,
            declaration: found.declaration,
            declarationFingerprint: found.declarationFingerprint,
            folderInode: found.folderInode,
            inputs: found.inputs,
            diagnostics: found.diagnostics.filter { $0.code != .assetUnregistered }, reading: found.reading
        )
        insert(moved)
        return [OperationOutcome.Touched(id: moved.id, uuid: moved.uuid, root: moved.root)]
    }
}

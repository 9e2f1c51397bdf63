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
        try expectFiles(of: moving, in: source)
        try expect(.absent(target.path))
        if let parent = target.ancestors.last { changes.ensure(parent) }
        changes.move(from: source, to: target)
        let moved = moving.map { asset in
            asset.moved(to: AssetRoot(onDisk: AssetRoot.path(asset.root.path, movedFrom: source, to: target)))
        }
        for asset in moving { remove(asset) }
        for asset in moved { insert(asset) }
        settle(moving + moved)
        return moved.map(OperationOutcome.Touched.init)
    }

    /// An asset's root, or a folder that holds assets.
    func sourceFolder(_ reference: AssetReference) throws(PackerError) -> AssetRoot {
        if case .root(let root) = reference, !table.contains(root: root), !table.assets(below: root).isEmpty {
            return root
        }
        return try resolve(reference).root
    }

    /// The folder and the declarations in it are as the snapshot says.
    mutating func expectFiles(of assets: [Asset], in folder: AssetRoot) throws(PackerError) {
        try expect(.folder(folder.path))
        for asset in assets where !asset.isPlanned {
            guard let fingerprint = asset.declarationFingerprint else { continue }
            try expect(.file(asset.declarationPath, fingerprint))
        }
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
        if target == source || target.isBelow(source) {
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
            let root = AssetRoot(onDisk: AssetRoot.path(asset.root.path, movedFrom: source, to: target))
            if let problem = NameRule.firstProblem(in: root.path) { throw PackerError(problem, path: root.path) }
            // Nothing stands in the target, but a folder that differs in capitals can hold what collides.
            try rest.requireFree(root)
        }
    }

    /// The folder was moved by hand: only the registry follows.
    private mutating func followMoved(
        _ asset: Asset,
        to target: AssetRoot
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        guard let stray = table.first(at: target), stray.registration == .unregistered, stray.uuid == asset.uuid,
            let found = stray.scanned, var entry = asset.registryEntry
        else {
            throw PackerError(
                .assetState,
                "\"\(asset.root)\" is missing, and its declaration is not at \"\(target)\"",
                paths: [asset.root.path, target.path],
                remedy: "Relocate it to the place where its folder is now, restore it, or unregister it."
            )
        }
        try expect(.absent(asset.declarationPath))
        try expect(.file(stray.declarationPath, found.fingerprint))
        entry.root = target
        let moved = Asset(
            entry: entry, found: found, bareFolder: nil, neighbours: AssetNeighbours(), isRegistryHealthy: true
        )
        remove(asset)
        remove(stray)
        insert(moved)
        settle([asset, stray, moved])
        return [OperationOutcome.Touched(moved)]
    }
}

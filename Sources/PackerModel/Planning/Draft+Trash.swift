extension Draft {
    mutating func delete(
        _ reference: AssetReference, _ context: PlanContext
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        let source = try sourceFolder(reference)
        let going = table.assets(at: source) + table.assets(below: source)
        for asset in going { try requireDeletable(asset) }
        try expectFiles(of: going, in: source)
        let operation = context.operation
        let item = TrashItem(
            operation: operation,
            number: 1 + (trash.lazy.filter { $0.operation == operation }.map(\.number).max() ?? 0),
            deletedAt: context.now, root: source,
            assets: going.compactMap(\.registryEntry).map(TrashItem.TrashedAsset.init)
        )
        changes.ensure(TrashLayout.folder(of: operation))
        changes.move(from: source, to: item.folder)
        changes.create(.trashManifest(item), at: item.manifest)
        trash.append(item)
        for asset in going { remove(asset) }
        settle(going)
        return going.map(OperationOutcome.Touched.init)
    }

    private func requireDeletable(_ asset: Asset) throws(PackerError) {
        _ = try registeredEntry(asset, "deleted")
        if asset.validity == .valid { return }
        throw PackerError(
            .assetState, "\"\(asset.root)\" is \(asset.validity.rawValue) and cannot be deleted",
            paths: [asset.root.path],
            remedy: "Mend what its diagnostics name and refresh, or unregister it and remove its files yourself."
        )
    }

    mutating func restore(
        _ reference: AssetReference, to target: AssetRoot?
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        let item = try trashed(reference)
        let target = target ?? item.root
        if target != item.root, let problem = NameRule.firstProblem(in: target.path) {
            throw PackerError(problem, path: target.path)
        }
        let entries = item.assets.map { asset in
            var entry = asset.entry
            entry.root = AssetRoot(onDisk: AssetRoot.path(entry.root.path, movedFrom: item.root, to: target))
            return entry
        }
        try requireFree(target)
        for entry in entries {
            try requireFree(entry.root)
            guard let other = table.assets(withID: entry.id).first ?? table.assets(withUUID: entry.uuid).first else {
                continue
            }
            throw PackerError(
                .assetState, "the identity of \"\(entry.root)\" stands at \"\(other.root)\" by now",
                paths: [entry.root.path, other.root.path],
                remedy: "Delete or re-identify what is there, then restore this one."
            )
        }
        try expect(.folder(item.folder.path))
        try expect(.absent(target.path))
        if let parent = target.ancestors.last { changes.ensure(parent) }
        changes.move(from: item.folder, to: target)
        trash.removeAll { $0.operation == item.operation && $0.number == item.number }
        let restored = entries.map(Asset.init(restored:))
        for asset in restored { insert(asset) }
        settle(restored)
        return restored.map(OperationOutcome.Touched.init)
    }

    private func trashed(_ reference: AssetReference) throws(PackerError) -> TrashItem {
        let found = trash.filter { $0.holds(reference) }
        if found.count == 1 { return found[0] }
        if found.isEmpty {
            throw PackerError(
                .trashUnknown, "there is no \(reference) in the trash",
                remedy: "Look into the trash; if somebody took it out by hand, register what is there."
            )
        }
        throw PackerError(
            .assetAmbiguous, "\(reference) stands for \(found.count) deleted folders",
            paths: found.map(\.folder.path), remedy: "Name one of their assets by its id or uuid."
        )
    }

    mutating func emptyTrash(_ context: PlanContext) -> [OperationOutcome.Touched] {
        if trash.isEmpty { return [] }
        changes.move(
            from: AssetRoot(onDisk: TrashLayout.path), to: TrashLayout.emptied(by: context.operation))
        trash = []
        return []
    }
}

extension Asset {
    /// Its declaration is read once the folder is back.
    fileprivate convenience init(restored entry: RegistryEntry) {
        self.init(
            root: entry.root, id: entry.id, uuid: entry.uuid, registration: .registered, validity: .valid,
            isIncludedInBuild: entry.isIncludedInBuild, record: AssetRecord(uuid: entry.uuid), diagnostics: [],
            isPlanned: true
        )
    }
}

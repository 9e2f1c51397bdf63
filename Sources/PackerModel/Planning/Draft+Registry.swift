extension Draft {
    mutating func register(
        _ reference: AssetReference, isIncludedInBuild: Bool
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        let stray = try unregisteredAsset(reference)
        guard stray.declaration != nil, let uuid = stray.record.uuid else {
            throw PackerError(
                .assetState, "the declaration of \"\(stray.root)\" cannot be read", paths: [stray.declarationPath],
                remedy: "Mend what its diagnostics name, refresh, and register it then."
            )
        }
        try requireOnlyOne(stray, uuid)
        try requireNotNested(stray.root)
        if !stray.isPlanned, let fingerprint = stray.declarationFingerprint {
            try expect(.file(stray.declarationPath, fingerprint))
        }
        let entry = RegistryEntry(
            id: try allocateID(), uuid: uuid, root: stray.root, isIncludedInBuild: isIncludedInBuild)
        return [OperationOutcome.Touched(replace(stray, entry))]
    }

    private func unregisteredAsset(_ reference: AssetReference) throws(PackerError) -> Asset {
        let candidates: [Asset] =
            if case .uuid(let uuid) = reference { table.assets(withUUID: uuid) } else { table.candidates(reference) }
        let strays = candidates.filter { $0.registration != .registered }
        if strays.count == 1 { return strays[0] }
        if let asset = candidates.first, strays.isEmpty {
            throw PackerError(
                .assetState, "\"\(asset.root)\" is registered already" + (asset.id.map { " (id \($0))" } ?? ""),
                paths: [asset.root.path], remedy: "Nothing is left to do."
            )
        }
        return try resolve(reference)
    }

    private func requireOnlyOne(_ stray: Asset, _ uuid: AssetUUID) throws(PackerError) {
        let others = table.assets(withUUID: uuid).filter { $0.key != stray.key }
        guard let other = others.first(where: { $0.registration == .registered }) ?? others.first else { return }
        let isMoved = other.registration == .registered && other.validity == .missing
        throw PackerError(
            .assetState,
            "the uuid of \"\(stray.root)\" stands at \"\(other.root)\" too" + (other.id.map { " (id \($0))" } ?? ""),
            paths: [stray.root.path, other.root.path],
            remedy: isMoved
                ? "Relocate \"\(other.root)\" to \"\(stray.root)\" if that is where it was moved; else re-identify it."
                : "Re-identify the copy first, then register it."
        )
    }

    private func requireNotNested(_ root: AssetRoot) throws(PackerError) {
        guard let other = table.assets(above: root).first ?? table.assets(below: root).first else { return }
        throw PackerError(
            .rootNested, "\"\(root)\" and the asset \"\(other.root)\" lie one inside the other",
            paths: [root.path, other.root.path], remedy: "Move one of the folders out, refresh, and register it then."
        )
    }

    mutating func setIncluded(
        _ reference: AssetReference, _ isIncluded: Bool
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        let asset = try resolve(reference)
        var entry = try registeredEntry(asset, isIncluded ? "included in the build" : "excluded from the build")
        try requireUnique(asset)
        if asset.validity == .missing {
            throw PackerError(
                .assetState, "\"\(asset.root)\" is missing", paths: [asset.root.path],
                remedy: "Restore its folder and refresh, or unregister it."
            )
        }
        if entry.isIncludedInBuild == isIncluded { return [OperationOutcome.Touched(asset)] }
        entry.isIncludedInBuild = isIncluded
        return [OperationOutcome.Touched(replace(asset, entry))]
    }

    mutating func unregister(_ reference: AssetReference) throws(PackerError) -> [OperationOutcome.Touched] {
        let asset = try assetToUnregister(reference)
        _ = try registeredEntry(asset, "unregistered")
        remove(asset)
        closeGap(after: asset)
        // Of two entries with one root the other keeps the files.
        let isStray = table.assets(at: asset.root).isEmpty && asset.validity != .missing
        let stray = isStray ? asset.unregistered(isRegistryHealthy: base.registry.isHealthy) : nil
        if let stray { insert(stray) }
        settle([asset] + (stray.map { [$0] } ?? []))
        return [OperationOutcome.Touched(asset)]
    }

    /// Entries with one root and one id are numbered without gaps.
    private mutating func closeGap(after gone: Asset) {
        for asset in table.assets(at: gone.root) where asset.id == gone.id && asset.copy > gone.copy {
            table.remove(asset)
            table.insert(asset.numbered(asset.copy - 1))
        }
    }

    /// Entries that are alike in all that a reference can tell are one to whoever wants one of them gone.
    private func assetToUnregister(_ reference: AssetReference) throws(PackerError) -> Asset {
        let found = table.candidates(reference)
        if let last = found.last, found.count > 1, found.allSatisfy({ $0.registryEntry == last.registryEntry }) {
            return last
        }
        return try resolve(reference)
    }

    // MARK: Shared

    func registeredEntry(_ asset: Asset, _ verb: String) throws(PackerError) -> RegistryEntry {
        if asset.registration == .registered, let entry = asset.registryEntry { return entry }
        throw PackerError(
            .assetState, "\"\(asset.root)\" is not registered and cannot be \(verb)", paths: [asset.root.path],
            remedy: "Register it first."
        )
    }

    /// Of an identity or a root that stands twice nobody can say which one is meant.
    func requireUnique(_ asset: Asset) throws(PackerError) {
        guard let entry = asset.registryEntry else { return }
        let duplicates = table.neighbours(of: asset).duplicates(of: entry)
        guard let duplicate = duplicates.first else { return }
        throw PackerError(.assetState, duplicate.message, paths: [asset.root.path], remedy: duplicate.remedy)
    }

    /// The same files under another entry.
    mutating func replace(_ asset: Asset, _ entry: RegistryEntry) -> Asset {
        let new = asset.entered(entry, isRegistryHealthy: base.registry.isHealthy)
        remove(asset)
        insert(new)
        settle([asset, new])
        return table.assets(at: new.root).first { $0.id == entry.id } ?? new
    }
}

extension Asset {
    /// Its files under a registry entry, before its neighbours are looked at.
    func entered(_ entry: RegistryEntry, isRegistryHealthy: Bool) -> Asset {
        if isPlanned {
            return planned(id: entry.id, uuid: entry.uuid, isIncluded: entry.isIncludedInBuild, .registered)
        }
        return Asset(
            entry: entry, found: scanned, bareFolder: folderInode == 0 ? nil : folderInode,
            neighbours: AssetNeighbours(), isRegistryHealthy: isRegistryHealthy)
    }

    /// Its files without an entry; nil where it has none.
    func unregistered(isRegistryHealthy: Bool) -> Asset? {
        if isPlanned { return planned(id: nil, uuid: record.uuid, isIncluded: false, .unregistered) }
        return scanned.map {
            Asset(
                entry: nil, found: $0, bareFolder: nil, neighbours: AssetNeighbours(),
                isRegistryHealthy: isRegistryHealthy)
        }
    }

    fileprivate func numbered(_ copy: UInt32) -> Asset {
        Asset(
            root: root, id: id, uuid: uuid, registration: registration, validity: validity,
            isIncludedInBuild: isIncludedInBuild, record: record, diagnostics: diagnostics, copy: copy,
            isPlanned: isPlanned
        )
    }

    private func planned(
        id: AssetID?, uuid: AssetUUID?, isIncluded: Bool, _ registration: Registration
    ) -> Asset {
        Asset(
            root: root, id: id, uuid: uuid, registration: registration, validity: validity,
            isIncludedInBuild: isIncluded, record: record, diagnostics: [], isPlanned: true
        )
    }
}

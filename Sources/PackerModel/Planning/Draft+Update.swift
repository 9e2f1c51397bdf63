extension Draft {
    mutating func update(
        _ reference: AssetReference, _ updates: [DeclarationChange]
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        let asset = try resolve(reference)
        _ = try registeredEntry(asset, "updated")
        guard asset.validity == .valid else {
            throw PackerError(
                .assetState, "\"\(asset.root)\" is \(asset.validity.rawValue) and its declaration cannot be updated",
                paths: [asset.declarationPath],
                remedy: "Mend what its diagnostics name, refresh, and update it then."
            )
        }
        let old = try editable(asset)
        var new = old
        for change in updates { change.apply(to: &new) }
        try new.requireSound(at: asset.root)
        if new != old { try edit(asset, old, new) }
        return [OperationOutcome.Touched(asset)]
    }

    mutating func reidentify(
        _ reference: AssetReference, using generator: inout some RandomNumberGenerator
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        let asset = try resolve(reference)
        let neighbours = table.neighbours(of: asset)
        if !neighbours.idsOfRoot.isEmpty {
            throw PackerError(
                .assetState, "\"\(asset.root)\" is registered more than once, and has one declaration",
                paths: [asset.root.path], remedy: "Unregister all of its ids but one, each by its id."
            )
        }
        let isDuplicate =
            asset.registration == .registered
            ? !neighbours.rootsOfID.isEmpty || !neighbours.rootsOfUUID.isEmpty
            : neighbours.strays.count + neighbours.owners.count > 1
                || asset.uuid.map { table.identified(by: $0).contains { $0.registration == .registered } } == true
        guard isDuplicate else {
            throw PackerError(
                .assetState, "the identity of \"\(asset.root)\" stands nowhere else", paths: [asset.root.path],
                remedy: "Leave it: an identity that is its own never changes."
            )
        }
        let old = try editable(asset)
        var new = old
        new.uuid = identities.next(using: &generator)
        var edited = try edit(asset, old, new)
        if var entry = asset.registryEntry, asset.registration == .registered {
            entry.id = try allocateID()
            entry.uuid = new.uuid
            edited = replace(edited, entry)
        }
        return [OperationOutcome.Touched(edited)]
    }

    private func editable(_ asset: Asset) throws(PackerError) -> Declaration {
        if let declaration = asset.declaration { return declaration }
        throw PackerError(
            .assetState,
            asset.isPlanned
                ? "\"\(asset.root)\" is restored by an earlier mutation, and its declaration is not read yet"
                : "the declaration of \"\(asset.root)\" cannot be read",
            paths: [asset.declarationPath],
            remedy: asset.isPlanned
                ? "Restore it in an operation of its own first." : "Mend it and refresh, or unregister the asset."
        )
    }

    @discardableResult
    private mutating func edit(_ asset: Asset, _ old: Declaration, _ new: Declaration) throws(PackerError) -> Asset {
        if !asset.isPlanned, let fingerprint = asset.declarationFingerprint {
            try expect(.edited(asset.declarationPath, fingerprint))
        }
        changes.edit(asset.root.declaration, from: old, to: new, base: asset.declarationFingerprint)
        // What made it invalid beside others is gone with its old identity.
        let isSound =
            !asset.record.diagnostics.contains { $0.severity == .error }
            && asset.inputs.allSatisfy { $0.fingerprint?.kind == .file }
        let known = Dictionary(asset.inputs.map { (Array($0.path.utf8), $0.fingerprint) }) { first, _ in first }
        let edited = Asset(
            root: asset.root, id: asset.id, uuid: asset.registration == .registered ? asset.uuid : new.uuid,
            registration: asset.registration, validity: isSound ? .valid : asset.validity,
            isIncludedInBuild: asset.isIncludedInBuild,
            record: AssetRecord(
                folderInode: asset.folderInode, fingerprint: asset.declarationFingerprint, declaration: new,
                uuid: new.uuid,
                inputs: new.inputs.flatMap { role in
                    role.paths.map {
                        Asset.InputFile(role: role.role, path: $0, fingerprint: known[Array($0.utf8)] ?? nil)
                    }
                }),
            diagnostics: [], copy: asset.copy, isPlanned: true
        )
        replaceFiles(with: edited)
        settle([asset, edited])
        return edited
    }
}

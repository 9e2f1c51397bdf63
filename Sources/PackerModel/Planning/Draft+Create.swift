extension Draft {
    mutating func create(
        _ new: NewAsset,
        using generator: inout some RandomNumberGenerator
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        if let problem = NameRule.firstProblem(in: new.root.path) { throw PackerError(problem, path: new.root.path) }
        try requireFree(new.root)
        let name = new.name ?? new.root.lastComponent
        let declaration = Declaration(
            uuid: identities.next(using: &generator),
            name: name,
            type: new.type,
            inputs: new.inputs,
            output: new.output,
            preloadEnabled: new.preloadEnabled
        )
        try declaration.requireSound(at: new.root)
        let id = try allocateID()
        try expect(.folderOrAbsent(new.root.path))
        try expect(.absent(new.root.declaration.path))
        changes.ensure(new.root)
        changes.create(.declaration(declaration), at: new.root.declaration)
        let asset = Asset(
            root: new.root,
            id: id,
            uuid: declaration.uuid,
            registration: .registered,
            validity: .valid,
            isIncludedInBuild: new.isIncludedInBuild,
            record: AssetRecord(
                declaration: declaration, uuid: declaration.uuid,
                inputs: declaration.inputs.flatMap { role in
                    role.paths.map { Asset.InputFile(role: role.role, path: $0, fingerprint: nil) }
                }),
            diagnostics: [],
            isPlanned: true
        )
        insert(asset)
        settle([asset])
        return [OperationOutcome.Touched(asset)]
    }
}

extension Declaration {
    func requireSound(at root: AssetRoot) throws(PackerError) {
        guard let problem = firstProblem else { return }
        throw PackerError(.declarationInvalid, problem.message, paths: [root.path], remedy: problem.remedy)
    }
}

extension AssetRoot {
    var declaration: AssetRoot { AssetRoot(onDisk: path + "/" + Declaration.fileName) }
}

extension OperationOutcome.Touched {
    init(_ asset: Asset) { self.init(id: asset.id, uuid: asset.uuid, root: asset.root) }
}

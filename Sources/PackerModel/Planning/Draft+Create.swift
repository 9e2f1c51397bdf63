extension Draft {
    mutating func create(
        _ new: NewAsset,
        using generator: inout some RandomNumberGenerator
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        if let problem = NameRule.firstProblem(in: new.root.path) { throw PackerError(problem, path: new.root.path) }
        try requireFree(new.root)
        let name = new.name ?? String(new.root.path.split(separator: "/").last!)
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw PackerError(
                .nameInvalid,
                "an asset's name must not be empty or hold a NUL",
                paths: [new.root.path],
                remedy: "Give it a name for people to read."
            )
        }
        for path in new.inputs.flatMap(\.paths) {
            guard Declaration.isInputPath(path) else {
                throw PackerError(
                    .nameInvalid,
                    "the input \"\(path.escaped)\" is not a path inside the asset",
                    paths: [new.root.path],
                    remedy: "Give inputs as paths relative to the asset's root, without . or .. in them."
                )
            }
        }
        let id = try allocateID()
        let declaration = Declaration(
            uuid: AssetUUID(using: &generator),
            name: name,
            type: new.type,
            inputs: new.inputs,
            output: new.output,
            preloadEnabled: new.preloadEnabled
        )
        expect(.folderOrAbsent(new.root.path))
        expect(.absent(new.root.path + "/" + Declaration.fileName))
        step(.ensureFolder(new.root))
        step(.createDeclaration(new.root, declaration))
        insert(
            Asset(
                root: new.root,
                id: id,
                uuid: declaration.uuid,
                registration: .registered,
                validity: .valid,
                isIncludedInBuild: new.isIncludedInBuild,
                declaration: declaration,
                declarationFingerprint: nil,
                folderInode: 0,
                inputs: declaration.inputs.flatMap { role in
                    role.paths.map { Asset.InputFile(role: role.role, path: $0, fingerprint: nil) }
                },
                diagnostics: [],
                reading: Asset.Reading(uuid: declaration.uuid, diagnostics: [])
            )
        )
        return [OperationOutcome.Touched(id: id, uuid: declaration.uuid, root: new.root)]
    }
}

extension Declaration {
    /// A path that stays inside the asset: relative, with no empty, `.` or `..` component and no NUL.
    package static func isInputPath(_ path: String) -> Bool {
        !path.utf8.contains(0)
            && path.split(separator: "/" as Character, omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}

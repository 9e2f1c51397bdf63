extension Draft {
    mutating func create(
        _ new: NewAsset,
        using generator: inout some RandomNumberGenerator
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        if let problem = NameRule.firstProblem(in: new.root.path) { throw PackerError(problem, path: new.root.path) }
        try requireFree(new.root)
        let name = new.name ?? new.root.lastComponent
        if let problem = new.firstProblem(name: name) {
            throw PackerError(
                .nameInvalid, problem.message, paths: [new.root.path], remedy: problem.remedy
            )
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
        let asset = Asset(
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
        insert(asset)
        settle([asset])
        return [OperationOutcome.Touched(id: id, uuid: declaration.uuid, root: new.root)]
    }
}

extension NewAsset {
    /// What would make the new declaration one that its own reader finds broken.
    fileprivate func firstProblem(name: String) -> (message: String, remedy: String)? {
        if name.isEmpty { return ("an asset's name must not be empty", "Give it a name for people to read.") }
        if type.rawValue.isEmpty { return ("an asset's type must not be empty", "Use one of the known types.") }
        let format = output.format.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if format.count != 2 || format.contains(where: \.isEmpty) {
            return (
                "the output format \"\(output.format.escaped)\" is not a family and a name", "Write TILES/indexed_v1."
            )
        }
        if output.codec.isEmpty { return ("the output codec must not be empty", "Write NONE where there is none.") }
        var roles = Set<[UInt8]>()
        for role in inputs {
            if role.role.isEmpty { return ("an input role has no name", "Give the role a name.") }
            if !roles.insert(Array(role.role.utf8)).inserted {
                return ("the input role \"\(role.role.escaped)\" stands twice", "Give all its paths in one place.")
            }
            for path in role.paths where !Declaration.isInputPath(path) || path.isDeclarationName {
                return (
                    "the input \"\(path.escaped)\" is not a path of a file inside the asset",
                    "Give inputs as paths relative to the asset's root, without . or .. or the declaration in them."
                )
            }
        }
        let texts = [name, type.rawValue, output.format, output.codec] + inputs.map(\.role)
        if texts.contains(where: { $0.utf8.contains(0) }) {
            return ("a text of the declaration holds a NUL", "Remove the NUL.")
        }
        return nil
    }
}

extension String {
    fileprivate var isDeclarationName: Bool { utf8.elementsEqual(Declaration.fileName.utf8) }
}

extension Declaration {
    /// A path that stays inside the asset: relative, with no empty, `.` or `..` component and no NUL.
    package static func isInputPath(_ path: String) -> Bool {
        // Split at bytes: a "/" before a combining mark is no Character "/", but a separator all the same.
        !path.utf8.contains(0)
            && path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }
}

extension Asset {
    /// An asset of what the registry, its own files and its neighbours say: the one place where diagnostics and
    /// validity are decided. Needs an entry, files, or both.
    /// - Parameter bareFolder: the inode of a folder without a declaration.
    convenience init(
        entry: RegistryEntry?,
        copy: UInt32 = 0,
        found: ScannedRoot?,
        bareFolder: UInt64?,
        neighbours: AssetNeighbours,
        isRegistryHealthy: Bool
    ) {
        // Of two equal texts the walk's: it stands beside the record, and the registry's can go.
        let root = found?.root ?? entry!.root
        let record = found?.record ?? AssetRecord(folderInode: bareFolder ?? 0)
        var diagnostics = record.diagnostics
        if let entry {
            diagnostics += neighbours.duplicates(of: entry)
            if found != nil {
                if let uuid = record.uuid, uuid != entry.uuid {
                    diagnostics.append(Self.wrongUUID(uuid, at: record.uuidPosition, entry))
                }
                if isRegistryHealthy { diagnostics += neighbours.copies(of: entry) }
            } else {
                diagnostics.append(neighbours.missing(entry, isFolderThere: bareFolder != nil))
            }
        } else if isRegistryHealthy {
            diagnostics += neighbours.strangers(root, record.uuid)
        }
        for input in record.inputs { diagnostics += Self.problems(of: input, root) }
        diagnostics += neighbours.names(of: root)
        let isBroken = record.declaration == nil || diagnostics.contains { $0.severity == .error }
        self.init(
            root: root,
            id: entry?.id,
            uuid: entry?.uuid ?? record.uuid,
            registration: entry != nil ? .registered : isRegistryHealthy ? .unregistered : .unknown,
            validity: found == nil ? .missing : isBroken ? .invalid : .valid,
            isIncludedInBuild: entry?.isIncludedInBuild ?? false,
            record: record,
            diagnostics: diagnostics,
            copy: copy
        )
    }

    /// The same entry and files beside other neighbours.
    func beside(_ neighbours: AssetNeighbours, isRegistryHealthy: Bool) -> Asset {
        // A planned asset has no files yet that could say anything.
        if isPlanned { return self }
        return Asset(
            entry: registryEntry, copy: copy, found: scanned, bareFolder: folderInode == 0 ? nil : folderInode,
            neighbours: neighbours, isRegistryHealthy: isRegistryHealthy
        )
    }

    private static func wrongUUID(
        _ uuid: AssetUUID, at place: SourcePosition?, _ entry: RegistryEntry
    ) -> Diagnostic {
        Diagnostic(
            .declarationWrongUUID, path: entry.root.path + "/" + Declaration.fileName,
            line: place.map { Int($0.line) }, column: place.map { Int($0.column) },
            message: "the declaration says \(uuid), the registry \(entry.uuid)",
            remedy: "Put the right folder back, or unregister this root and register it anew."
        )
    }

    private static func problems(of input: InputFile, _ root: AssetRoot) -> [Diagnostic] {
        let path = root.path + "/" + Declaration.fileName
        let line = input.position.map { Int($0.line) }
        let column = input.position.map { Int($0.column) }
        guard let fingerprint = input.fingerprint else {
            return [
                Diagnostic(
                    .inputMissing, path: path, line: line, column: column,
                    message: "the input \"\(input.path.escaped)\" (\(input.role.escaped)) is not there",
                    remedy: "Put the file back, or correct the declaration."
                )
            ]
        }
        if fingerprint.kind == .file { return [] }
        return [
            Diagnostic(
                .inputNotAFile, path: path, line: line, column: column,
                message: "the input \"\(input.path.escaped)\" (\(input.role.escaped)) is not a plain file",
                remedy: "Put a plain file there, or correct the declaration."
            )
        ]
    }
}

/// What the other assets and registry entries have to do with one asset: nothing, for most.
///
/// The assembly finds it in hash maps of everything, a draft in the table; the same functions make diagnostics of it.
struct AssetNeighbours: Equatable {
    /// The roots of every entry with its id; empty where it is the only one.
    var rootsOfID: [AssetRoot] = []
    /// The roots of every entry with its uuid; empty where it is the only one.
    var rootsOfUUID: [AssetRoot] = []
    /// The ids of every entry with its root; empty where it is the only one.
    var idsOfRoot: [AssetID] = []
    /// Where its uuid stands in declarations that are not registered there, its own place included.
    var strays: [AssetRoot] = []
    /// Registered roots of its uuid whose declaration is in its place.
    var owners: [AssetRoot] = []
    /// Other roots with its folded path.
    var collisions: [AssetRoot] = []
    /// The nearest asset above it.
    var outer: AssetRoot?
}

extension AssetNeighbours {
    func duplicates(of entry: RegistryEntry) -> [Diagnostic] {
        var found: [Diagnostic] = []
        let remedy = "Re-identify or unregister all of them but one."
        if !rootsOfID.isEmpty {
            found.append(
                Diagnostic(
                    .registryDuplicateID, path: entry.root.path,
                    message: "id \(entry.id) is given to \(Self.names(rootsOfID))", remedy: remedy
                ))
        }
        if !rootsOfUUID.isEmpty {
            found.append(
                Diagnostic(
                    .registryDuplicateUUID, path: entry.root.path,
                    message: "uuid \(entry.uuid) is given to \(Self.names(rootsOfUUID))", remedy: remedy
                ))
        }
        if !idsOfRoot.isEmpty {
            let ids = idsOfRoot.sorted().map(\.description).joined(separator: ", ")
            found.append(
                Diagnostic(
                    .registryDuplicateRoot, path: entry.root.path,
                    message: "this root is registered under the ids \(ids)", remedy: "Unregister all of them but one."
                ))
        }
        return found
    }

    /// For an entry whose declaration is in its place: the registry decides whose the uuid is, so it stays valid.
    func copies(of entry: RegistryEntry) -> [Diagnostic] {
        if strays.isEmpty { return [] }
        return [
            Diagnostic(
                .assetDuplicateUUID, severity: .warning, path: entry.root.path,
                message: "its uuid stands in \(Self.names(strays)) too",
                remedy: "Re-identify the copy, or remove it."
            )
        ]
    }

    /// For an entry without a declaration in its place.
    func missing(_ entry: RegistryEntry, isFolderThere: Bool) -> Diagnostic {
        if strays.count == 1 {
            return Diagnostic(
                .assetMoved, path: entry.root.path,
                message: "it was moved to \"\(strays[0].path.escaped)\"",
                remedy: "Relocate it there, or move the folder back."
            )
        }
        return isFolderThere
            ? Diagnostic(
                .declarationMissing, path: entry.root.path,
                message: "the folder has no \(Declaration.fileName)",
                remedy: "Restore the declaration, or unregister the asset."
            )
            : Diagnostic(
                .assetFolderMissing, path: entry.root.path, message: "the folder is not there",
                remedy: "Restore the folder, or unregister the asset."
            )
    }

    /// For a declaration that nobody registered.
    func strangers(_ root: AssetRoot, _ uuid: AssetUUID?) -> [Diagnostic] {
        var found = [
            Diagnostic(
                .assetUnregistered, severity: .warning, path: root.path,
                message: "a declaration that nobody registered", remedy: "Register it, or remove the folder."
            )
        ]
        if let uuid, strays.count + owners.count > 1 {
            found.append(
                Diagnostic(
                    .assetDuplicateUUID, path: root.path,
                    message: "uuid \(uuid) stands in \(Self.names(owners + strays))",
                    remedy: "Re-identify all of them but one."
                ))
        }
        return found
    }

    func names(of root: AssetRoot) -> [Diagnostic] {
        var found: [Diagnostic] = []
        if let problem = NameRule.firstProblem(in: root.path) {
            found.append(
                Diagnostic(
                    .nameRule, severity: .warning, path: root.path, message: problem.message,
                    remedy: "Relocate it to a name that works everywhere."
                ))
        }
        if !collisions.isEmpty {
            found.append(
                Diagnostic(
                    .nameCaseCollision, severity: .warning, path: root.path,
                    message: "differs only in capitals from \(Self.names(collisions))",
                    remedy: "Relocate one of them: a case-insensitive filesystem would merge them."
                ))
        }
        if let outer {
            found.append(
                Diagnostic(
                    .assetNested, severity: .warning, path: root.path,
                    message: "lies inside the asset \"\(outer.path.escaped)\"", remedy: "Relocate it out of there."
                ))
        }
        return found
    }

    private static func names(_ roots: [AssetRoot]) -> String {
        roots.sorted().map { "\"\($0.path.escaped)\"" }.joined(separator: " and ")
    }
}

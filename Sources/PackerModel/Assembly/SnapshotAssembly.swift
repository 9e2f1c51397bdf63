/// Makes the snapshot of what a walk found: pure, so that every row of the specification's table is tested
/// without a disk.
package enum SnapshotAssembly {
    package static func assemble(
        _ scan: ScannedWorkspace,
        session: SessionID,
        generation: UInt64
    ) -> Snapshot {
        var registry = RegistryState()
        var entries: [RegistryEntry] = []
        var diagnostics = scan.diagnostics
        for scanned in scan.segments.sorted(by: { $0.index < $1.index }) {
            diagnostics += scanned.reading.diagnostics
            if let segment = scanned.reading.segment {
                registry.segments[scanned.index] = RegistryState.Segment(
                    fingerprint: scanned.fingerprint,
                    nextAssetID: segment.nextAssetID
                )
                registry.nextAssetID = max(registry.nextAssetID, segment.nextAssetID)
                entries += segment.entries
            } else {
                registry.unreadable[scanned.index] = .some(scanned.fingerprint)
            }
        }
        diagnostics += missingSegments(&registry)
        let context = AssemblyContext(entries: entries, roots: scan.roots, isRegistryHealthy: registry.isHealthy)
        let found = Dictionary(scan.roots.map { ($0.root, $0) }, uniquingKeysWith: { first, _ in first })
        var assets: [Asset] = []
        assets.reserveCapacity(max(entries.count, scan.roots.count))
        var registered = Set<AssetRoot>(minimumCapacity: entries.count)
        for entry in entries {
            registered.insert(entry.root)
            assets.append(context.asset(entry, found[entry.root], bareFolder: scan.bareFolders[entry.root]))
        }
        for root in scan.roots where !registered.contains(root.root) {
            assets.append(context.asset(nil, root, bareFolder: nil))
        }
        return Snapshot(
            session: session,
            generation: generation,
            access: access(registry),
            diagnostics: diagnostics,
            table: AssetTable(assets),
            registry: registry
        )
    }

    /// Ids are dense and a segment's file is never removed: one that is not there took its assets along.
    private static func missingSegments(_ registry: inout RegistryState) -> [Diagnostic] {
        guard registry.nextAssetID > 1 else { return [] }
        var found: [Diagnostic] = []
        for index in 0...RegistrySegment.index(of: registry.nextAssetID - 1)
        where registry.segments[index] == nil && registry.unreadable[index] == nil {
            registry.unreadable[index] = .some(nil)
            let path = ".prometeu/" + RegistrySegment.fileName(index)
            found.append(
                Diagnostic(
                    .registryUnreadable, path: path, message: "this part of the registry is missing",
                    remedy: "Restore it (git has it), then refresh."
                ))
        }
        return found
    }

    /// A broken registry makes the project read-only: what cannot be read whole is never written.
    private static func access(_ registry: RegistryState) -> Snapshot.Access {
        if registry.isHealthy { return .writable }
        let files = registry.unreadable.keys.sorted().map { ".prometeu/" + RegistrySegment.fileName($0) }
        return .readOnly(
            PackerError(
                .readOnly,
                "the registry cannot be read whole: \(files.joined(separator: ", "))",
                paths: files,
                remedy: "Repair or restore the file (the diagnostics say what is wrong), then refresh."
            )
        )
    }
}

/// What one asset needs to know of all the others.
package struct AssemblyContext {
    private let rootsOfID: [AssetID: [AssetRoot]]
    private let rootsOfUUID: [AssetUUID: [AssetRoot]]
    private let idsOfRoot: [AssetRoot: [AssetID]]
    /// Places where a uuid stands in a declaration that is not registered there.
    private let strayDeclarations: [AssetUUID: [AssetRoot]]
    private let allRoots: Set<AssetRoot>
    private let foldings: [AssetRoot: [AssetRoot]]
    private let isRegistryHealthy: Bool

    package init(entries: [RegistryEntry], roots: [ScannedRoot], isRegistryHealthy: Bool) {
        let registered = Set(entries.map(\.root))
        rootsOfID = Self.onlyRepeated(Dictionary(grouping: entries, by: \.id).mapValues { $0.map(\.root) })
        rootsOfUUID = Self.onlyRepeated(Dictionary(grouping: entries, by: \.uuid).mapValues { $0.map(\.root) })
        idsOfRoot = Self.onlyRepeated(Dictionary(grouping: entries, by: \.root).mapValues { $0.map(\.id) })
        let strays = roots.filter { !registered.contains($0.root) && $0.reading.uuid != nil }
        strayDeclarations = Dictionary(grouping: strays, by: { $0.reading.uuid! }).mapValues { $0.map(\.root) }
        allRoots = registered.union(roots.map(\.root))
        foldings = Self.onlyRepeated(
            Dictionary(grouping: allRoots.map { ($0.folded, $0) }, by: \.0).mapValues { $0.map(\.1).sorted() }
        )
        self.isRegistryHealthy = isRegistryHealthy
    }

    private static func onlyRepeated<Key, Element>(_ groups: [Key: [Element]]) -> [Key: [Element]] {
        groups.filter { $0.value.count > 1 }
    }

    package func asset(_ entry: RegistryEntry?, _ found: ScannedRoot?, bareFolder: UInt64?) -> Asset {
        let root = entry?.root ?? found!.root
        var diagnostics = found?.reading.diagnostics ?? []
        var isMissing = false
        if let entry {
            diagnostics += duplicates(of: entry)
            if let found {
                if let uuid = found.reading.uuid, uuid != entry.uuid {
                    diagnostics.append(wrongUUID(uuid, entry))
                }
            } else {
                isMissing = true
                diagnostics.append(missing(entry, folderIsThere: bareFolder != nil))
            }
        } else if isRegistryHealthy {
            diagnostics += strangers(found!)
        }
        for input in found?.inputs ?? [] { diagnostics += Self.problems(of: input, root) }
        diagnostics += names(of: root)
        let isBroken = found?.reading.declaration == nil || diagnostics.contains { $0.severity == .error }
        return Asset(
            root: root,
            id: entry?.id,
            uuid: entry?.uuid ?? found?.reading.uuid,
            registration: entry != nil ? .registered : isRegistryHealthy ? .unregistered : .unknown,
            validity: isMissing ? .missing : isBroken ? .invalid : .valid,
            isIncludedInBuild: entry?.isIncludedInBuild ?? false,
            declaration: found?.reading.declaration,
            declarationFingerprint: found?.fingerprint,
            folderInode: found?.folderInode ?? bareFolder ?? 0,
            inputs: found?.inputs ?? [],
            diagnostics: diagnostics,
            reading: Asset.Reading(uuid: found?.reading.uuid, diagnostics: found?.reading.diagnostics ?? [])
        )
    }

    private func duplicates(of entry: RegistryEntry) -> [Diagnostic] {
        var found: [Diagnostic] = []
        let remedy = "Re-identify or unregister all of them but one."
        if let roots = rootsOfID[entry.id] {
            found.append(
                Diagnostic(
                    .registryDuplicateID,
                    path: entry.root.path,
                    message: "id \(entry.id) is given to \(Self.names(roots))",
                    remedy: remedy
                )
            )
        }
        if let roots = rootsOfUUID[entry.uuid] {
            found.append(
                Diagnostic(
                    .registryDuplicateUUID,
                    path: entry.root.path,
                    message: "uuid \(entry.uuid) is given to \(Self.names(roots))",
                    remedy: remedy
                )
            )
        }
        if let ids = idsOfRoot[entry.root] {
            found.append(
                Diagnostic(
                    .registryDuplicateRoot,
                    path: entry.root.path,
                    message: "this root is registered under the ids \(ids.map(\.description).joined(separator: ", "))",
                    remedy: "Unregister all of them but one."
                )
            )
        }
        return found
    }

    private static func names(_ roots: [AssetRoot]) -> String {
        roots.sorted().map { "\"\($0.path.escaped)\"" }.joined(separator: " and ")
    }

    private func wrongUUID(_ uuid: AssetUUID, _ entry: RegistryEntry) -> Diagnostic {
        Diagnostic(
            .declarationWrongUUID,
            path: entry.root.path + "/" + Declaration.fileName,
            message: "the declaration says \(uuid), the registry \(entry.uuid)",
            remedy: "Put the right folder back, or unregister this root and register it anew."
        )
    }

    private func missing(_ entry: RegistryEntry, folderIsThere: Bool) -> Diagnostic {
        if let places = strayDeclarations[entry.uuid], places.count == 1 {
            return Diagnostic(
                .assetMoved,
                path: entry.root.path,
                message: "it was moved to \"\(places[0].path.escaped)\"",
                remedy: "Relocate it there, or move the folder back."
            )
        }
        return folderIsThere
            ? Diagnostic(
                .declarationMissing,
                path: entry.root.path,
                message: "the folder has no \(Declaration.fileName)",
                remedy: "Restore the declaration, or unregister the asset."
            )
            : Diagnostic(
                .assetFolderMissing,
                path: entry.root.path,
                message: "the folder is not there",
                remedy: "Restore the folder, or unregister the asset."
            )
    }

    private func strangers(_ found: ScannedRoot) -> [Diagnostic] {
        var diagnostics = [
            Diagnostic(
                .assetUnregistered,
                severity: .warning,
                path: found.root.path,
                message: "a declaration that nobody registered",
                remedy: "Register it, or remove the folder."
            )
        ]
        if let uuid = found.reading.uuid, let places = strayDeclarations[uuid], places.count > 1 {
            diagnostics.append(
                Diagnostic(
                    .assetDuplicateUUID,
                    path: found.root.path,
                    message: "uuid \(uuid) stands in \(Self.names(places))",
                    remedy: "Re-identify all of them but one."
                )
            )
        }
        return diagnostics
    }

    static func problems(of input: Asset.InputFile, _ root: AssetRoot) -> [Diagnostic] {
        let path = root.path + "/" + input.path
        guard let fingerprint = input.fingerprint else {
            return [
                Diagnostic(
                    .inputMissing,
                    path: path,
                    message: "the input \"\(input.path.escaped)\" (\(input.role)) is not there",
                    remedy: "Put the file back, or correct the declaration."
                )
            ]
        }
        if fingerprint.kind == .file { return [] }
        return [
            Diagnostic(
                .inputNotAFile,
                path: path,
                message: "the input \"\(input.path.escaped)\" (\(input.role)) is not a plain file",
                remedy: "Put a plain file there, or correct the declaration."
            )
        ]
    }

    private func names(of root: AssetRoot) -> [Diagnostic] {
        var found: [Diagnostic] = []
        if let problem = NameRule.firstProblem(in: root.path) {
            found.append(
                Diagnostic(
                    .nameRule,
                    severity: .warning,
                    path: root.path.escaped,
                    message: problem.message,
                    remedy: "Relocate it to a name that works everywhere."
                )
            )
        }
        if let others = foldings[root.folded]?.filter({ $0 != root }), !others.isEmpty {
            found.append(
                Diagnostic(
                    .nameCaseCollision,
                    severity: .warning,
                    path: root.path,
                    message: "differs only in capitals from \(Self.names(others))",
                    remedy: "Relocate one of them: a case-insensitive filesystem would merge them."
                )
            )
        }
        if let outer = root.ancestors.last(where: allRoots.contains) {
            found.append(
                Diagnostic(
                    .assetNested,
                    severity: .warning,
                    path: root.path,
                    message: "lies inside the asset \"\(outer.path.escaped)\"",
                    remedy: "Relocate it out of there."
                )
            )
        }
        return found
    }
}

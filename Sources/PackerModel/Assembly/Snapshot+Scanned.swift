extension Snapshot {
    /// What a walk would have found to make this snapshot, so that a part of it can be replaced and assembled anew.
    package var scanned: ScannedWorkspace {
        var scan = ScannedWorkspace()
        scan.trash = trash
        var entries: [Int: [RegistryEntry]] = [:]
        forEachAsset { asset in
            if let root = asset.scanned {
                if scan.roots.last?.root != asset.root { scan.roots.append(root) }
            } else if asset.folderInode != 0 {
                scan.bareFolders[asset.root] = asset.folderInode
            }
            if let entry = asset.registryEntry {
                entries[RegistrySegment.index(of: entry.id.rawValue), default: []].append(entry)
            }
            return true
        }
        // A segment's diagnostics go with its reading, and are gone when another reading replaces it.
        let segments = Dictionary(
            uniqueKeysWithValues: (Array(registry.segments.keys) + Array(registry.unreadable.keys)).map {
                (Self.controlPath + "/" + RegistrySegment.fileName($0), $0)
            })
        var diagnosticsOf: [Int: [Diagnostic]] = [:]
        for diagnostic in diagnostics {
            if let index = segments[diagnostic.path] {
                diagnosticsOf[index, default: []].append(diagnostic)
            } else {
                scan.diagnostics.append(diagnostic)
            }
        }
        for (index, segment) in registry.segments {
            let sorted = (entries[index] ?? []).sorted { $0.id < $1.id }
            scan.segments.append(
                ScannedSegment(
                    index: index, fingerprint: segment.fingerprint,
                    reading: RegistryReading(
                        segment: RegistrySegment(nextAssetID: segment.nextAssetID, entries: sorted),
                        diagnostics: diagnosticsOf[index] ?? []
                    )
                ))
        }
        // The assembly finds again what is missing.
        for case (let index, let fingerprint?) in registry.unreadable {
            scan.segments.append(
                ScannedSegment(
                    index: index, fingerprint: fingerprint,
                    reading: RegistryReading(segment: nil, diagnostics: diagnosticsOf[index] ?? [])
                ))
        }
        return scan
    }
}

extension Snapshot {
    /// What a walk would have found to make this snapshot, so that a part of it can be replaced and assembled anew.
    package var scanned: ScannedWorkspace {
        var scan = ScannedWorkspace()
        for (index, segment) in registry.segments {
            scan.segments.append(
                ScannedSegment(
                    index: index, fingerprint: segment.fingerprint,
                    reading: RegistryReading(
                        segment: RegistrySegment(nextAssetID: segment.nextAssetID, entries: []), diagnostics: []
                    )
                ))
        }
        var entries = [Int: [RegistryEntry]]()
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
        for position in scan.segments.indices {
            let index = scan.segments[position].index
            scan.segments[position].reading.segment?.entries = (entries[index] ?? []).sorted { $0.id < $1.id }
        }
        var lost = Set<String>()
        for (index, fingerprint) in registry.unreadable {
            if let fingerprint {
                scan.segments.append(
                    ScannedSegment(
                        index: index, fingerprint: fingerprint,
                        reading: RegistryReading(segment: nil, diagnostics: [])
                    ))
            } else {
                lost.insert(Self.controlPath + "/" + RegistrySegment.fileName(index))
            }
        }
        // The assembly finds again what is missing.
        scan.diagnostics = diagnostics.filter { !lost.contains($0.path) }
        return scan
    }
}

/// Runs two pieces of work and answers both results.
package protocol PairRunner: Sendable {
    func run<One: Sendable, Other: Sendable>(
        _ one: @escaping @Sendable () -> One, _ other: @escaping @Sendable () -> Other
    ) -> (One, Other)
}

/// One after the other.
package struct InTurn: PairRunner {
    package init() {}

    package func run<One: Sendable, Other: Sendable>(
        _ one: @escaping @Sendable () -> One, _ other: @escaping @Sendable () -> Other
    ) -> (One, Other) { (one(), other()) }
}

/// Makes the snapshot of what a walk found: pure, so that every row of the specification's table is tested
/// without a disk.
package enum SnapshotAssembly {
    package static func assemble(
        _ scan: ScannedWorkspace,
        session: SessionID,
        generation: UInt64,
        pairs: any PairRunner = InTurn()
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
        // The next id is above every id, whatever the files say: none is ever used again.
        for entry in entries { registry.nextAssetID = max(registry.nextAssetID, entry.id.rawValue + 1) }
        diagnostics += missingSegments(&registry, hasDeclarations: !scan.roots.isEmpty)
        let context = AssemblyContext(entries: entries, scan, isRegistryHealthy: registry.isHealthy)
        let copies = copies(entries, context)
        let (registered, all) = (entries, scan)
        let part = { @Sendable (range: Range<Int>) -> [Asset] in
            range.map { index in
                let found = context.scanned[index].map { all.roots[$0] }
                return context.asset(
                    registered[index], copy: copies.isEmpty ? 0 : copies[index], found,
                    bareFolder: found == nil ? all.bareFolders[registered[index].root] : nil
                )
            }
        }
        let half = entries.count / 2
        var (assets, others) = pairs.run({ part(0..<half) }, { part(half..<registered.count) })
        assets.append(contentsOf: others)
        others = []
        for index in scan.roots.indices where !context.isRegistered[index] {
            assets.append(context.asset(nil, scan.roots[index], bareFolder: nil))
        }
        return Snapshot(
            session: session,
            generation: generation,
            access: access(registry),
            diagnostics: diagnostics,
            table: AssetTable(assets, pairs),
            registry: registry,
            trash: scan.trash.sorted {
                ($0.deletedAt, $0.operation.uuid, $0.number) < ($1.deletedAt, $1.operation.uuid, $1.number)
            }
        )
    }

    /// Entries with one root and one id are told apart by a number, in an order that no rewrite changes. Empty where
    /// all are 0.
    private static func copies(_ entries: [RegistryEntry], _ context: AssemblyContext) -> [UInt32] {
        if !context.hasRepeatedRoots { return [] }
        var copies = [UInt32](repeating: 0, count: entries.count)
        var next: [AssetKey: UInt32] = [:]
        let order = entries.indices.sorted {
            let (left, right) = (entries[$0], entries[$1])
            return left.uuid != right.uuid
                ? left.uuid < right.uuid : !left.isIncludedInBuild && right.isIncludedInBuild
        }
        for index in order {
            let key = AssetKey(root: entries[index].root, id: entries[index].id)
            copies[index] = next[key, default: 0]
            next[key] = copies[index] + 1
        }
        return copies
    }

    /// Ids are dense and a segment's file is never removed: one that is not there took its assets along. A gap of
    /// many files is one diagnostic, and its first file stands for it.
    private static func missingSegments(
        _ registry: inout RegistryState, hasDeclarations: Bool
    ) -> [Diagnostic] {
        if registry.segments.isEmpty, registry.unreadable.isEmpty {
            // Nothing tells a project that lost its registry from one that never had one, but for its declarations:
            // to give their ids out again would change identities unseen.
            return hasDeclarations ? [lostRegistry(&registry)] : []
        }
        guard registry.nextAssetID > 1 else { return [] }
        let last = RegistrySegment.index(of: registry.nextAssetID - 1)
        let known = (Array(registry.segments.keys) + Array(registry.unreadable.keys)).sorted()
        var found: [Diagnostic] = []
        var next = 0
        for index in known.filter({ $0 <= last }) + [last + 1] {
            if next < index { found.append(missing(next..<index, &registry)) }
            next = index + 1
        }
        return found
    }

    private static func lostRegistry(_ registry: inout RegistryState) -> Diagnostic {
        registry.unreadable[0] = .some(nil)
        return Diagnostic(
            .registryUnreadable, path: Snapshot.controlPath + "/" + RegistrySegment.fileName(0),
            message: "there are declarations, and no registry",
            remedy: "Restore it (git has it), then refresh. Where there never was one, put an empty one there: "
                + "{\"schema_version\":1,\"next_asset_id\":1,\"assets\":[]}"
        )
    }

    private static func missing(_ gap: Range<Int>, _ registry: inout RegistryState) -> Diagnostic {
        registry.unreadable[gap.lowerBound] = .some(nil)
        let rest = gap.count > 1 ? ", and so are those after it up to \(RegistrySegment.fileName(gap.last!))" : ""
        return Diagnostic(
            .registryUnreadable, path: Snapshot.controlPath + "/" + RegistrySegment.fileName(gap.lowerBound),
            message: "this part of the registry is missing" + rest,
            remedy: "Restore it (git has it), then refresh."
        )
    }

    /// A broken registry makes the project read-only: what cannot be read whole is never written.
    private static func access(_ registry: RegistryState) -> Snapshot.Access {
        if registry.isHealthy { return .writable }
        let files = registry.unreadable.keys.sorted().map { Snapshot.controlPath + "/" + RegistrySegment.fileName($0) }
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

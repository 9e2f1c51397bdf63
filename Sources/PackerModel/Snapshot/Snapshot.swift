/// Everything that is known of a project at one moment. Immutable: whoever holds it sees one truth for ever.
///
/// Reads take no lock, touch no disk and never wait. A newer snapshot shares all but the change with this one.
public final class Snapshot: Sendable {
    /// The opening of the project that it belongs to.
    public let session: SessionID
    /// 1 at bootstrap, one more with each that is published in the session.
    public let generation: UInt64
    /// Whether commands are taken, and why not.
    public let access: Access
    /// Of the workspace as a whole; those of an asset are on the asset.
    public let diagnostics: [Diagnostic]
    package let table: AssetTable
    package let registry: RegistryState
    /// What deletions took and nobody restored or removed, the oldest first.
    public let trash: [TrashItem]

    public enum Access: Equatable, Sendable {
        case writable
        case readOnly(PackerError)
    }

    package init(
        session: SessionID,
        generation: UInt64,
        access: Access,
        diagnostics: [Diagnostic],
        table: AssetTable,
        registry: RegistryState,
        trash: [TrashItem]
    ) {
        self.session = session
        self.generation = generation
        self.access = access
        self.diagnostics = diagnostics
        self.table = table
        self.registry = registry
        self.trash = trash
    }

    /// How many assets there are, unregistered ones included. O(1).
    public var count: Int { table.count }

    /// The asset of an id; the first by root where a broken registry gave it twice. O(1).
    public func asset(_ id: AssetID) -> Asset? { table[id] }

    /// The asset of a uuid: the registered one, or the first by root where that does not decide. O(log n).
    public func asset(_ uuid: AssetUUID) -> Asset? {
        let first = table.first(withUUID: uuid)
        return first?.registration == .registered ? first : table.identified(by: uuid).first
    }

    /// The asset at a root. O(log n).
    public func asset(at root: AssetRoot) -> Asset? { table.first(at: root) }

    /// The asset that a reference means. The registry is the authority for a uuid: a copy of a registered asset that
    /// nobody registered does not make its uuid ambiguous. O(log n).
    /// - Throws: `asset.unknown`, or `asset.ambiguous` naming every candidate.
    public func asset(_ reference: AssetReference) throws(PackerError) -> Asset { try table.asset(reference) }
}

extension AssetTable {
    /// The asset that a reference means.
    func asset(_ reference: AssetReference) throws(PackerError) -> Asset {
        let found = candidates(reference)
        if found.count == 1 { return found[0] }
        if found.isEmpty {
            throw PackerError(
                .assetUnknown,
                "there is no asset \(reference)",
                remedy: "List the assets; if it was added from outside, refresh first."
            )
        }
        throw PackerError(
            .assetAmbiguous,
            "\(reference) stands for \(found.count) assets",
            paths: found.map(\.root.path),
            remedy: "The registry or the declarations give one identity twice: re-identify all but one of them."
        )
    }

    func candidates(_ reference: AssetReference) -> [Asset] {
        switch reference {
        case .id(let id): assets(withID: id)
        case .uuid(let uuid): identified(by: uuid)
        case .root(let root): assets(at: root)
        }
    }
}

/// The registry's own files, as they were read.
package struct RegistryState: Sendable {
    package struct Segment: Sendable {
        package var fingerprint: Fingerprint
        package var nextAssetID: UInt32

        package init(fingerprint: Fingerprint, nextAssetID: UInt32) {
            self.fingerprint = fingerprint
            self.nextAssetID = nextAssetID
        }
    }

    package var segments: [Int: Segment] = [:]
    /// Those that could not be read; nil for one that is not there.
    package var unreadable: [Int: Fingerprint?] = [:]
    package var nextAssetID: UInt32 = 1

    package init() {}

    package var isHealthy: Bool { unreadable.isEmpty }
}

extension Snapshot {
    package func with(generation: UInt64? = nil, access: Access) -> Snapshot {
        Snapshot(
            session: session, generation: generation ?? self.generation, access: access, diagnostics: diagnostics,
            table: table,
            registry: registry, trash: trash
        )
    }
}

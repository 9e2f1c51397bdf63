/// What one deletion took: a folder with everything in it, and what the registry said of the assets there.
public struct TrashItem: Sendable, Equatable, Codable {
    /// The operation that deleted it.
    public var operation: OperationID
    /// Counted from 1 within the operation.
    public var number: Int
    /// Nanoseconds since 1970.
    public var deletedAt: Int64
    /// The folder, as it was.
    public var root: AssetRoot
    public var assets: [TrashedAsset]

    public struct TrashedAsset: Sendable, Equatable, Codable {
        public var id: AssetID
        public var uuid: AssetUUID
        public var root: AssetRoot
        public var isIncludedInBuild: Bool

        package init(_ entry: RegistryEntry) {
            id = entry.id
            uuid = entry.uuid
            root = entry.root
            isIncludedInBuild = entry.isIncludedInBuild
        }

        package var entry: RegistryEntry {
            RegistryEntry(id: id, uuid: uuid, root: root, isIncludedInBuild: isIncludedInBuild)
        }
    }

    package init(
        operation: OperationID, number: Int, deletedAt: Int64, root: AssetRoot, assets: [TrashedAsset]
    ) {
        self.operation = operation
        self.number = number
        self.deletedAt = deletedAt
        self.root = root
        self.assets = assets
    }
}

/// Where the trash lies, relative to `assets/`: `trash/<operation>/<number>` is a deleted folder, and
/// `trash/<operation>/<number>.json` says what it was.
package enum TrashLayout {
    package static let path = Snapshot.controlPath + "/trash"
    package static let schemaVersion = 1

    package static func folder(of operation: OperationID) -> AssetRoot { AssetRoot(onDisk: "\(path)/\(operation)") }

    /// An emptied trash, on its way out: nothing looks for anything there.
    package static func emptied(by operation: OperationID) -> AssetRoot {
        AssetRoot(onDisk: "\(Snapshot.controlPath)/shadow/\(emptiedPrefix)\(operation)")
    }

    package static let emptiedPrefix = "emptied-"
}

extension TrashItem {
    package var folder: AssetRoot {
        AssetRoot(onDisk: TrashLayout.folder(of: operation).path + "/\(number)")
    }

    package var manifest: AssetRoot { AssetRoot(onDisk: folder.path + ".json") }

    func holds(_ reference: AssetReference) -> Bool {
        switch reference {
        case .id(let id): assets.contains { $0.id == id }
        case .uuid(let uuid): assets.contains { $0.uuid == uuid }
        case .root(let root): self.root == root || assets.contains { $0.root == root }
        }
    }
}

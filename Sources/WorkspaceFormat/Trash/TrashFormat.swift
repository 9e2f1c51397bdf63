import CJSON
package import PackerModel

/// Reads and writes the manifest of a deleted folder.
///
/// For one thread at a time.
package final class TrashFormat {
    package static let maximumBytes = RegistryFormat.maximumBytes

    private let parser = JSONParser()

    package init() {}

    /// The manifest's bytes: the entries as they stood in the registry, one a line.
    package static func write(_ item: TrashItem) -> [UInt8] {
        var bytes = Array("{\"schema_version\":\(TrashLayout.schemaVersion),\"deleted_at\":\(item.deletedAt)".utf8)
        bytes.append(contentsOf: ",\"root\":".utf8)
        bytes.appendJSONString(item.root.path)
        bytes.append(contentsOf: ",\"assets\":[\n".utf8)
        for (index, asset) in item.assets.enumerated() {
            bytes.append(contentsOf: RegistryFormat.line(asset.entry))
            bytes.append(contentsOf: (index == item.assets.count - 1 ? "\n" : ",\n").utf8)
        }
        bytes.append(contentsOf: "]}\n".utf8)
        return bytes
    }

    /// What a manifest says; nil where it is not one that this version wrote.
    package func read(_ bytes: [UInt8], operation: OperationID, number: Int) -> TrashItem? {
        bytes.withUnsafeBufferPointer { source in
            parser.withTape(source, maximumBytes: Self.maximumBytes) { tape, problem in
                guard problem == nil, tape.nodeCount > 0, tape.duplicateKeys(atMost: 1).isEmpty else { return nil }
                return Self.item(tape, operation, number)
            }
        }
    }

    private static func item(_ tape: Tape, _ operation: OperationID, _ number: Int) -> TrashItem? {
        guard tape.kind(0) == .object,
            let version = tape.value(of: "schema_version", in: 0),
            tape.integer(version) == UInt64(TrashLayout.schemaVersion),
            let time = tape.value(of: "deleted_at", in: 0).flatMap(tape.integer), let time = Int64(exactly: time),
            let root = tape.value(of: "root", in: 0).flatMap({ Self.root(tape, $0) }),
            let list = tape.value(of: "assets", in: 0), tape.kind(list) == .array
        else { return nil }
        var assets: [TrashItem.TrashedAsset] = []
        for element in tape.elements(list) {
            guard let entry = entry(tape, element), entry.root == root || entry.root.isBelow(root) else { return nil }
            assets.append(TrashItem.TrashedAsset(entry))
        }
        guard !assets.isEmpty else { return nil }
        return TrashItem(operation: operation, number: number, deletedAt: time, root: root, assets: assets)
    }

    private static func entry(_ tape: Tape, _ node: Int) -> RegistryEntry? {
        guard tape.kind(node) == .object,
            let number = tape.value(of: "asset_id", in: node).flatMap(tape.integer),
            let id = UInt32(exactly: number).flatMap(AssetID.init),
            let text = tape.value(of: "asset_uuid", in: node), tape.kind(text) == .string,
            let uuid = AssetUUID(tape.string(text)),
            let root = tape.value(of: "root", in: node).flatMap({ Self.root(tape, $0) }),
            let included = tape.value(of: "included_in_build", in: node)
        else { return nil }
        switch tape.kind(included) {
        case .true: return RegistryEntry(id: id, uuid: uuid, root: root, isIncludedInBuild: true)
        case .false: return RegistryEntry(id: id, uuid: uuid, root: root, isIncludedInBuild: false)
        default: return nil
        }
    }

    /// A path that cannot lead out of the workspace.
    private static func root(_ tape: Tape, _ node: Int) -> AssetRoot? {
        guard tape.kind(node) == .string, RelativePath.problem(in: tape.text(node)) == nil else { return nil }
        return AssetRoot(onDisk: tape.string(node))
    }
}

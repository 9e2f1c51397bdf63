package import PackerModel

extension RegistryFormat {
    /// The segment's bytes: one entry a line in the order of their ids, so that version control merges by the line.
    package static func write(_ segment: RegistrySegment) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + segment.entries.count * 160)
        bytes.append(contentsOf: "{\"schema_version\":\(RegistrySegment.schemaVersion)".utf8)
        bytes.append(contentsOf: ",\"next_asset_id\":\(segment.nextAssetID),\"assets\":[\n".utf8)
        let entries = segment.entries.sorted { ($0.id, $0.uuid, $0.root) < ($1.id, $1.uuid, $1.root) }
        for (index, entry) in entries.enumerated() {
            append(entry, to: &bytes)
            bytes.append(contentsOf: (index == entries.count - 1 ? "\n" : ",\n").utf8)
        }
        bytes.append(contentsOf: "]}\n".utf8)
        return bytes
    }

    /// An entry's line, without what follows it.
    package static func line(_ entry: RegistryEntry) -> [UInt8] {
        var bytes: [UInt8] = []
        append(entry, to: &bytes)
        return bytes
    }

    private static func append(_ entry: RegistryEntry, to bytes: inout [UInt8]) {
        // In pieces: interpolation takes twice as long, and every commit writes a segment.
        bytes.append(contentsOf: "{\"asset_id\":".utf8)
        bytes.append(contentsOf: String(entry.id.rawValue).utf8)
        bytes.append(contentsOf: ",\"asset_uuid\":\"".utf8)
        bytes.append(contentsOf: entry.uuid.description.utf8)
        bytes.append(contentsOf: "\",\"root\":".utf8)
        bytes.appendJSONString(entry.root.path)
        bytes.append(contentsOf: ",\"included_in_build\":".utf8)
        bytes.append(contentsOf: (entry.isIncludedInBuild ? "true}" : "false}").utf8)
    }
}

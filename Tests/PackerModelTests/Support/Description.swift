@testable import PackerModel

extension Asset {
    /// Every member as text, for comparing member by member with a difference that can be read.
    var members: [String] {
        [
            "root \(root.path) \(Array(root.path.utf8))", "id \(String(describing: id))",
            "uuid \(String(describing: uuid))", "registration \(registration)", "validity \(validity)",
            "included \(isIncludedInBuild)", "declaration \(declaration.map(\.members) ?? "none")",
            "fingerprint \(String(describing: declarationFingerprint))", "inode \(folderInode)", "inputs \(inputs)",
            "reading \(String(describing: record.uuid)) \(String(describing: record.uuidPosition))"
                + " \(record.diagnostics)",
            "copy \(copy)",
        ] + diagnostics.map { "diagnostic \($0)" }
    }
}

extension Declaration {
    /// Every member as text, those of the output too.
    var members: String {
        let texts = [name, type.rawValue, output.format, output.codec, output.metadata].map { Array($0.utf8) }
        return "\(uuid) \(texts) \(inputs) \(preloadEnabled)"
    }
}

extension Snapshot {
    /// Everything but session and generation, as text.
    var members: [String] {
        var lines = ["access \(access)", "next \(registry.nextAssetID)", "count \(count)"]
        lines += diagnostics.map { "diagnostic \($0)" }
        lines += trash.sorted { ($0.operation.uuid, $0.number) < ($1.operation.uuid, $1.number) }.map { "trash \($0)" }
        lines += registry.segments.sorted { $0.key < $1.key }.map { "segment \($0.key) \($0.value)" }
        lines += registry.unreadable.sorted { $0.key < $1.key }.map {
            "unreadable \($0.key) \(String(describing: $0.value))"
        }
        forEachAsset {
            lines += $0.members
            return true
        }
        return lines
    }

    /// The first members that differ, "" where none does.
    func difference(from other: Snapshot) -> String {
        let ours = members
        let theirs = other.members
        if ours == theirs { return "" }
        let index = zip(ours, theirs).enumerated().first { $1.0 != $1.1 }?.offset ?? min(ours.count, theirs.count)
        return "member \(index) of \(ours.count)/\(theirs.count):\n"
            + ours[index...].prefix(3).joined(separator: "\n") + "\n  against\n"
            + theirs[index...].prefix(3).joined(separator: "\n")
    }
}

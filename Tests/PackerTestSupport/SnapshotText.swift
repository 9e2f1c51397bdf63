public import PackerModel

extension Snapshot {
    /// Everything that it says, line by line, but for its session, its generation and what only tells when a file was
    /// last looked at.
    public var text: [String] {
        var lines = ["access \(access)", "next \(registry.nextAssetID)", "count \(count)"]
        lines += diagnostics.map { "diagnostic \($0)" }
        lines += trash.map { "trash \($0)" }
        lines += registry.segments.sorted { $0.key < $1.key }.map {
            "segment \($0.key) \($0.value.fingerprint.content)"
        }
        forEachAsset { asset in
            lines += [
                "root \(asset.root.path) \(Array(asset.root.path.utf8))", "id \(String(describing: asset.id))",
                "uuid \(String(describing: asset.uuid))", "registration \(asset.registration)",
                "validity \(asset.validity)", "included \(asset.isIncludedInBuild)",
                "declaration \(String(describing: asset.declaration))",
                "file \(asset.declarationFingerprint.map(\.content) ?? "none")", "folder \(asset.folderInode)",
            ]
            lines += asset.inputs.map { "input \($0.role) \($0.path) \($0.fingerprint.map(\.content) ?? "none")" }
            lines += asset.diagnostics.map { "diagnostic \($0)" }
            return true
        }
        return lines
    }

    /// The first lines that differ, "" where none does.
    public func difference(from other: Snapshot) -> String {
        let (ours, theirs) = (text, other.text)
        if ours == theirs { return "" }
        let index = zip(ours, theirs).enumerated().first { $1.0 != $1.1 }?.offset ?? min(ours.count, theirs.count)
        return "line \(index) of \(ours.count)/\(theirs.count):\n" + ours[index...].prefix(3).joined(separator: "\n")
            + "\n  against\n" + theirs[index...].prefix(3).joined(separator: "\n")
    }
}

extension Fingerprint {
    /// A digest says it all; an input that was not read yet is known by its record.
    fileprivate var content: String {
        "\(kind) \(size) \(inode) \(isExecutable)" + (digest.map { " \($0)" } ?? " \(modified)")
    }
}

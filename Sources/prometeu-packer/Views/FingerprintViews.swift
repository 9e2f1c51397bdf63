import Packer

/// One line of a file of fingerprints.
struct FingerprintView: Encodable {
    let kind = "fingerprint"
    let path: String
    let role: String
    @Nullable var root: String?
    @Nullable var id: UInt32?
    @Nullable var uuid: String?
    /// Null where nothing stands.
    @Nullable var content: FileContent?

    init(_ entry: FingerprintFile.Entry) {
        path = entry.path
        role = entry.role.rawValue
        root = entry.root
        id = entry.id
        uuid = entry.uuid
        content = entry.content
    }
}

/// A path that is not what it was.
struct DifferenceView: Encodable {
    let kind = "difference"
    let divergence: String
    let path: String
    @Nullable var root: String?
    @Nullable var movedTo: String?
    @Nullable var expected: FileContent?
    @Nullable var observed: FileContent?

    init(_ difference: Difference) {
        divergence = difference.kind.name
        path = difference.path
        root = difference.root
        if case .moved(let target) = difference.kind { movedTo = target.path } else { movedTo = nil }
        expected = difference.expected
        observed = difference.observed
    }
}

/// The last line of a comparison.
struct ComparisonView: Encodable {
    let kind = "comparison"
    let since: String
    let files: Int
    let differences: Int
}

/// That a file of fingerprints was written.
struct FingerprintsWrittenView: Encodable {
    let kind = "fingerprints_written"
    let output: String
    let files: Int
}

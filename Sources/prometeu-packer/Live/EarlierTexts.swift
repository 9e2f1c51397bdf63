import Packer

/// The bytes of small files as the snapshot knows them, so that what an edit changed can be shown.
///
/// The snapshot holds fingerprints and no bytes: they are read here, once the project is open, and kept only where they
/// are what the snapshot was made from. Memory is bounded, so some files are not kept.
struct EarlierTexts {
    /// Bytes of the largest file that is kept.
    static let largestFile = 64 << 10
    /// Bytes of all that is kept, unless a test says otherwise.
    static let capacity = 16 << 20

    private struct Kept {
        let fingerprint: Fingerprint
        let bytes: [UInt8]
    }

    private let capacity: Int
    // By bytes: two names that Unicode holds for one are two files.
    private var kept: [[UInt8]: Kept] = [:]
    private(set) var size = 0
    /// What is still to be read, the next one last.
    private var waiting: [ExpectedFile] = []

    init(capacity: Int = Self.capacity) { self.capacity = capacity }

    var hasWork: Bool { !waiting.isEmpty }

    /// Takes note of what a snapshot expects; `read` then reads it.
    /// - Parameter roots: the assets that changed since the snapshot before; nil for all.
    mutating func expect(_ snapshot: Snapshot, changed roots: [AssetRoot]? = nil) {
        let files: [ExpectedFile]
        if let roots {
            files =
                roots.flatMap { snapshot.expectedFiles(at: $0.path, .deep) }
                + snapshot.expectedFiles(at: Snapshot.controlPath, .deep)
        } else {
            files = snapshot.expectedFiles(at: "", .deep)
            waiting = []
        }
        forget(notIn: files, beneath: roots)
        // Declarations and the registry are text and short: they come before the inputs.
        let wanted = files.filter { isWanted($0) }
        waiting += (wanted.filter { $0.role == .input } + wanted.filter { $0.role != .input }).reversed()
            .sorted { $0.role == .input && $1.role != .input }
    }

    /// Reads the next file that waits, and keeps it if it is what the snapshot expects.
    mutating func readNext(_ look: (String) throws -> FileLook?) {
        guard let file = waiting.popLast(), let expected = file.fingerprint, isWanted(file) else { return }
        // What cannot be read cannot be compared later either; the monitor tells of it.
        guard let found = try? look(file.path), let bytes = found.bytes,
            expected.compare(with: found.fingerprint) == .same
        else { return }
        keep(bytes, found.fingerprint, at: file.path)
    }

    /// The bytes that the snapshot was made from; nil where they were not kept.
    func bytes(at path: String, expected: Fingerprint) -> [UInt8]? {
        kept[Array(path.utf8)].flatMap { expected.compare(with: $0.fingerprint) == .same ? $0.bytes : nil }
    }

    private mutating func keep(_ bytes: [UInt8], _ fingerprint: Fingerprint, at path: String) {
        forget(Array(path.utf8))
        guard size + bytes.count <= capacity else { return }
        kept[Array(path.utf8)] = Kept(fingerprint: fingerprint, bytes: bytes)
        size += bytes.count
    }

    private mutating func forget(_ path: [UInt8]) {
        if let gone = kept.removeValue(forKey: path) { size -= gone.bytes.count }
    }

    /// Forgets what the snapshot does not expect any more, so that what it does expect has room.
    private mutating func forget(notIn files: [ExpectedFile], beneath roots: [AssetRoot]?) {
        let expected = Set(files.map { Array($0.path.utf8) })
        let prefixes = (roots ?? []).map { Array(($0.path + "/").utf8) }
        for path in kept.keys where !expected.contains(path) {
            if roots == nil || prefixes.contains(where: { path.starts(with: $0) }) { forget(path) }
        }
    }

    private func isWanted(_ file: ExpectedFile) -> Bool {
        guard let expected = file.fingerprint, expected.kind == .file, expected.size <= Self.largestFile else {
            return false
        }
        // Nothing is read for which there is no room.
        return bytes(at: file.path, expected: expected) == nil && size + Int(expected.size) <= capacity
    }
}

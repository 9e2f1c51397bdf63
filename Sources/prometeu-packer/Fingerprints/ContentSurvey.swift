import Packer

/// Reads what stands on disk, file by file, in a project that holds still meanwhile.
struct ContentSurvey {
    let project: PackerProject

    /// Reads between two moments at which everything that had happened was looked at and nothing was flagged.
    /// - Parameter paths: what is to be read for a snapshot; asked again for each attempt.
    /// - Returns: what was read, and the coverage that it stands on.
    /// - Throws: `PackerError` for a path that cannot be read; `ProjectUnsteady` where the project went on changing.
    func read<Value>(_ body: (Snapshot, PackerProject) throws -> Value) async throws -> (value: Value, Coverage) {
        for _ in 0..<Self.attempts {
            try Task.checkCancellation()
            await project.settled()
            let before = project.divergences
            let snapshot = project.snapshot
            let value = try body(snapshot, project)
            await project.settled()
            let after = project.divergences
            if project.snapshot.generation == snapshot.generation, before.divergences.isEmpty,
                after.divergences.isEmpty
            {
                return (value, after.coverage)
            }
            // Someone wrote meanwhile: what they left is read as a whole again.
            _ = try await project.refresh().result
        }
        throw ProjectUnsteady(paths: project.divergences.divergences.map(\.path))
    }

    private static let attempts = 5

    /// Everything that the snapshot says something about, as it stands on disk.
    static func entries(_ snapshot: Snapshot, _ project: PackerProject) throws -> [FingerprintFile.Entry] {
        try snapshot.expectedFiles(at: "", .deep).uniqued().map { file in
            let asset = file.root.flatMap(snapshot.asset(at:))
            return FingerprintFile.Entry(
                path: file.path,
                role: FingerprintFile.Entry.Role(file.role),
                root: file.root?.path,
                id: asset?.id?.rawValue,
                uuid: (asset?.declaration?.uuid ?? asset?.uuid)?.description,
                content: try project.look(at: file.path).map { FileContent($0.fingerprint) }
            )
        }
    }
}

/// Somebody writes to the project all the time.
struct ProjectUnsteady: Error {
    let paths: [String]
}

extension [ExpectedFile] {
    /// An input that two roles name is one file.
    fileprivate func uniqued() -> [ExpectedFile] {
        var known = Set<[UInt8]>()
        return filter { known.insert([UInt8]($0.path.utf8)).inserted }
    }
}

extension FingerprintFile.Entry.Role {
    init(_ role: ExpectedFile.Role) {
        switch role {
        case .declaration: self = .declaration
        case .input: self = .input
        case .registry: self = .registry
        }
    }
}

/// One step of a plan on the files, in the terms of the workspace. Paths are relative to `assets/`.
package enum FileStep: Sendable, Equatable {
    /// The folder is there afterwards, with every folder above it.
    case ensureFolder(AssetRoot)
    /// A new file: nothing may stand there.
    case createDeclaration(AssetRoot, Declaration)
    /// The folder goes with everything in it; nothing may stand at its new place.
    case moveFolder(from: AssetRoot, to: AssetRoot)
}

/// What must stand on disk for a plan to be carried out.
package enum Expectation: Sendable, Equatable {
    case absent(String)
    /// Absent, or a plain folder.
    case folderOrAbsent(String)
    case folder(String)
    case file(String, Fingerprint)

    package var path: String {
        switch self {
        case .absent(let path), .folderOrAbsent(let path), .folder(let path), .file(let path, _): path
        }
    }
}

/// What must stand on disk, before any step, for a plan to be carried out.
package enum Expectation: Sendable, Equatable {
    case absent(String)
    /// Absent, or a plain folder.
    case folderOrAbsent(String)
    case folder(String)
    case file(String, Fingerprint)
    /// A file that the plan edits: its bytes are compared with the fingerprint when they are read for that.
    case edited(String, Fingerprint)

    package var path: String {
        switch self {
        case .absent(let path), .folderOrAbsent(let path), .folder(let path), .file(let path, _),
            .edited(let path, _):
            path
        }
    }
}

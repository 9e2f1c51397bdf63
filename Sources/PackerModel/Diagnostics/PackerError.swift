/// Why something was refused or failed: one struct at the packer's boundary.
///
/// Divergence and diagnostics are values and never thrown.
public struct PackerError: Error, Equatable, Sendable, Codable, CustomStringConvertible {
    public var code: Code
    public var message: String
    /// The paths that it is about, relative to `assets/`; the workspace's own path where it cannot be opened.
    public var paths: [String]
    /// What to do about it.
    public var remedy: String
    /// What lay beneath it, for a log.
    public var cause: String?

    public init(_ code: Code, _ message: String, paths: [String] = [], remedy: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.paths = paths
        self.remedy = remedy
        self.cause = cause
    }

    public var description: String {
        "\(code.rawValue): \(message). \(remedy)" + (cause.map { " (\($0))" } ?? "")
    }

    /// The stable name of a kind of error; docs/packer/specs lists each with the state that it leaves.
    public enum Code: String, Sendable, Codable, CaseIterable {
        // Opening
        case workspaceMissing = "workspace.missing"
        case workspaceExists = "workspace.exists"
        case workspaceInUse = "workspace.inUse"
        case workspaceUnreadable = "workspace.unreadable"
        case journalDamaged = "journal.damaged"
        case journalNewerFormat = "journal.newerFormat"
        case recoveryFailed = "recovery.failed"
        case libraryClash = "monitor.libraryClash"
        // Planning
        case nameInvalid = "name.invalid"
        case nameCollision = "name.collision"
        case rootOccupied = "root.occupied"
        case rootNested = "root.nested"
        case assetUnknown = "asset.unknown"
        case assetAmbiguous = "asset.ambiguous"
        case assetState = "asset.state"
        case trashUnknown = "trash.unknown"
        case previewStale = "preview.stale"
        case mutationInvalid = "mutation.invalid"
        case identifiersExhausted = "identifiers.exhausted"
        case declarationInvalid = "declaration.invalid"
        case readOnly = "project.readOnly"
        // Writing
        case diverged = "path.diverged"
        case conflict = "path.conflict"
        case accessDenied = "disk.accessDenied"
        case pathInvalid = "disk.pathInvalid"
        case diskFull = "disk.full"
        case diskFailed = "disk.failed"
        case outcomeUnknown = "outcome.unknown"
        // The lane
        case cancelled = "operation.cancelled"
        case laneClosed = "project.closed"
        case laneFull = "lane.full"
        case eventBacklog = "events.backlog"
        case wouldDeadlock = "wait.wouldDeadlock"
        case timedOut = "wait.timedOut"
    }
}

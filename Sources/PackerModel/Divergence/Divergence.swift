/// A place where the disk is not what the snapshot says. It is flagged, never mended.
public struct Divergence: Sendable, Equatable, Codable {
    public enum Kind: Sendable, Equatable, Codable {
        case modified
        case missing
        /// A declaration that the snapshot does not know.
        case appeared
        /// The root's declaration is missing, and exactly one other place has its uuid.
        case moved(to: AssetRoot)
        case typeChanged
        case registryModified

        public var name: String { code.rawValue }

        /// The kind alone, without what it carries.
        package var code: Code {
            switch self {
            case .modified: .modified
            case .missing: .missing
            case .appeared: .appeared
            case .moved: .moved
            case .typeChanged: .typeChanged
            case .registryModified: .registryModified
            }
        }
    }

    /// Every kind, for whoever has to know them all.
    package enum Code: String, Sendable, CaseIterable {
        case modified, missing, appeared, moved, typeChanged, registryModified
    }

    /// Relative to `assets/`; bytes that are not UTF-8 are shown as `\xNN`.
    public var path: String
    public var kind: Kind
    /// The asset that it belongs to; nil for the registry.
    public var root: AssetRoot?
    /// True while the file's earlier bytes had not been read when it changed: it may be the same again. In a read-only
    /// project also where it may be a commit of a writer's whose record could not be read.
    public var isUnverified: Bool
    /// Nil where the snapshot has nothing there.
    public var expected: Fingerprint?
    /// Nil where the disk has nothing there.
    public var observed: Fingerprint?
    /// Nanoseconds since 1970 when it was first flagged.
    public var since: Int64

    package init(
        path: String,
        kind: Kind,
        root: AssetRoot?,
        isUnverified: Bool = false,
        expected: Fingerprint?,
        observed: Fingerprint?,
        since: Int64 = 0
    ) {
        self.path = path
        self.kind = kind
        self.root = root
        self.isUnverified = isUnverified
        self.expected = expected
        self.observed = observed
        self.since = since
    }

    /// Two flags of one nature: a further write to a file that is flagged already is no news.
    package func hasSameNature(as other: Divergence) -> Bool {
        kind == other.kind && isUnverified == other.isUnverified
    }
}

/// How far "nothing diverged" can be believed.
public enum Coverage: Sendable, Equatable {
    /// Watches are being set up, or the files' first look is not over.
    case starting
    /// Every folder is watched and was looked at after its watch was set; false while inputs are still being read.
    case complete(inputsVerified: Bool)
    /// Everything is being looked at again.
    case verifying(reason: String)
    /// These folders are looked at from time to time only, or what stands there cannot be judged, for the given
    /// reason; a path is relative to `assets/`.
    case degraded(unwatched: [String], reason: String)
    /// The workspace is not there any more: nothing is known.
    case lost(reason: String)

    public var name: String {
        switch self {
        case .starting: "starting"
        case .complete: "complete"
        case .verifying: "verifying"
        case .degraded: "degraded"
        case .lost: "lost"
        }
    }
}

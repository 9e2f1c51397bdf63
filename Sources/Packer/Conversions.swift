import CommitDirectory
import LinuxFiles
import PackerModel

extension Fingerprint {
    init(_ status: FileStatus, digest: ContentDigest? = nil) {
        let kind: Kind =
            switch status.kind {
            case .file: .file
            case .folder: .folder
            case .symlink: .symlink
            case .other: .other
            }
        self.init(
            kind: kind, size: status.size, modified: status.modified, changed: status.changed, inode: status.inode,
            isExecutable: kind == .file && status.isExecutable, isHardLinked: kind == .file && status.links > 1,
            digest: digest.map(Digest.init)
        )
    }

    /// The same, with a change time that no look can equal where the file was changed within the clock's tick of its
    /// reading: a further write in that tick would leave no trace, so that only the digest may be believed.
    /// - Parameter started: of `MonotonicClock.fileTime`, taken before the file was looked at. However long the reading
    ///   took, what was written after this time and got another stamp shows.
    func doubtingChange(since started: Int64) -> Fingerprint {
        changed + Self.clockTick > started ? doubted() : self
    }

    /// The same, for what was looked at right after it was changed.
    func doubted() -> Fingerprint {
        var doubtful = self
        doubtful.changed = 0
        return doubtful
    }

    /// The kernel stamps files from a clock that moves with the timer interrupt, at 100 Hz or faster.
    static let clockTick: Int64 = 20_000_000
}

extension Fingerprint.Digest {
    init(_ digest: ContentDigest) { self.init(low: digest.low, high: digest.high) }
}

extension ContentDigest {
    init(_ digest: Fingerprint.Digest) { self.init(low: digest.low, high: digest.high) }
}

extension OperationKey {
    init(_ operation: OperationID) {
        let halves = operation.uuid.halves
        self.init(high: halves.high, low: halves.low)
    }
}

extension OperationID {
    init(_ key: OperationKey) { self.init(AssetUUID(halves: (key.high, key.low))) }
}

extension PackerError {
    /// A system call that failed before anything was changed.
    init(_ error: SystemError, within folder: String = "") {
        let path = folder.isEmpty ? error.path.description : folder + "/" + error.path.description
        let code: Code =
            error.isFull
            ? .diskFull
            : error.isDenied ? .accessDenied : error.isObstructed || error.isAbsent ? .pathInvalid : .diskFailed
        self.init(code, error.description, paths: [path], remedy: error.remedy)
    }

    init(_ failure: CommitFailure) {
        switch failure {
        case .refused(let error), .aborted(let error): self.init(error)
        case .conflict(let places, let kept):
            self.init(
                .conflict, "someone else wrote there in the same instant", paths: places.map(\.description),
                remedy: "Refresh, look at their change, and try again.",
                cause: kept.isEmpty ? nil : "kept: " + kept.map(\.keptAt.description).joined(separator: ", ")
            )
        case .unknown(let error):
            self.init(
                .outcomeUnknown, "whether the change survives is not known: \(error)",
                paths: [error.path.description], remedy: "Check the disk, then reopen the project: it will be whole."
            )
        case .broken(let reason): self.init(broken: reason)
        }
    }

    /// What was shown is not what would happen.
    static func stale(_ shown: Preview, _ fresh: Preview) -> PackerError {
        PackerError(
            .previewStale,
            shown.session == fresh.session
                ? "the project changed since it was shown" : "it was shown in another session of the project",
            paths: fresh.blockers.flatMap(\.paths), remedy: "Look at the fresh preview, and apply that.",
            cause: fresh.blockers.first?.description
        )
    }

    init(broken reason: String) {
        self.init(
            .readOnly, "the project takes no writes any more: \(reason)",
            remedy: "Check the disk, then reopen the project: recovery makes it whole."
        )
    }

    init(_ failure: OpenFailure, project: String) {
        let control = project + "/assets/.prometeu"
        switch failure {
        case .inUse(let owner):
            self.init(
                .workspaceInUse, "the project is open for writing elsewhere (\(owner))", paths: [control],
                remedy: "Close it there, or open it read-only."
            )
        case .system(let error): self.init(error, within: control)
        case .journalDamaged(let reason):
            self.init(
                .journalDamaged, "the commit journal is damaged: \(reason)", paths: [control + "/journal"],
                remedy:
                    "Copy .prometeu somewhere safe, check the project against version control, then remove the journal."
            )
        case .journalNewerFormat(let format):
            self.init(
                .journalNewerFormat, "the commit journal has format \(format), which is newer than this program",
                paths: [control + "/journal"], remedy: "Open and close the project with the newer program first."
            )
        case .recovery(let reason):
            self.init(
                .recoveryFailed, "an interrupted change could not be finished: \(reason)", paths: [control],
                remedy: "Mend the cause and open the project again; nothing is lost meanwhile."
            )
        case .unsupported(let reason):
            self.init(
                .readOnly, "this filesystem cannot hold a writable project: \(reason)", paths: [control],
                remedy: "Open it read-only, or move the project to ext4, xfs or btrfs."
            )
        }
    }
}

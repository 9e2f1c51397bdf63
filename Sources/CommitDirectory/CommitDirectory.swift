package import LinuxFiles

/// A folder whose files change in groups, each all or nothing, whatever crashes.
///
/// Everything it needs of its own lies in the control folder: the journal, the shadow folder with staged and
/// displaced files, and `conflicts/`. It knows paths and bytes, and nothing of what they mean.
///
/// Not thread-safe: one thread uses it, from `open` to `close`. The lock is flock(2) on the control folder's own
/// descriptor, because a lock file can be deleted under its holder.
package final class CommitDirectory {
    package static let shadowName: BytePath = "shadow"
    static let conflictsName: BytePath = "conflicts"
    static let ownerName: BytePath = "owner"

    let disk: any Disk
    let tree: Handle
    let control: Handle
    let session: MountSession
    let controlName: BytePath
    private let controlInode: UInt64
    /// Distinguishes this opening's slots from whatever lies in the shadow folder.
    private let slotPrefix: String

    // All state below belongs to the one thread that uses the directory.
    var shadow: Handle
    var journal: Journal
    /// Committed groups that are not yet checkpointed, in order.
    var live: [LiveCommit] = []
    /// What retired groups displaced and is still in its slot.
    var displaced: [(step: RecordStep, operations: [OperationKey])] = []
    /// Displaced files that a checkpoint found to be nobody's any more, for the next replacements to be staged in.
    var recyclable: [RecyclableFile] = []
    /// The journal still holds the records that recovery has dealt with.
    var hasRecovered = false
    /// Open from one commit to the next, for taking a group back and for looking at what it displaced.
    var spare: [Handle] = []
    private var slotGroups: UInt64 = 0
    /// Of everything that recovery may meet.
    var knownSizes = KnownSizes([])
    /// Kept since the last checkpoint that somebody asked for, and told to nobody.
    var unreported: [KeptFile] = []
    /// Set by a failure after which nothing can be promised; only a reopening clears it.
    package internal(set) var brokenReason: String?

    private init(
        disk: any Disk,
        tree: Handle,
        control: Handle,
        controlName: BytePath,
        controlInode: UInt64,
        shadow: Handle,
        session: MountSession,
        journal: Journal,
        slotPrefix: String
    ) {
        self.disk = disk
        self.tree = tree
        self.control = control
        self.controlName = controlName
        self.controlInode = controlInode
        self.shadow = shadow
        self.session = session
        self.journal = journal
        self.slotPrefix = slotPrefix
    }

    /// Takes the lock, finishes or takes back what a crash interrupted, and makes the directory ready to commit.
    ///
    /// Recovery writes nothing before it has classified every record. It may crash and be run again, and is run again
    /// by the next opening unless `forgetRecovered` has been called, so that no crash keeps its report from being told.
    /// - Parameters:
    ///   - tree: the folder whose files are changed.
    ///   - controlName: the control folder in it; made where it is missing.
    ///   - slotSeed: differs from that of every other opening, so that slots never share a name.
    ///   - journalCapacity: bytes of a new journal; it grows where a record needs more.
    package static func open(
        tree: Handle,
        controlName: BytePath,
        disk: any Disk,
        host: HostIdentity,
        slotSeed: UInt32,
        journalCapacity: UInt64 = 1 << 20
    ) throws(OpenFailure) -> (directory: CommitDirectory, recovery: RecoveryReport) {
        let control = try OpenFailure.translating { () throws(SystemError) in
            // Whoever can write there can put another journal in place, or another shadow folder.
            try ensureFolder(controlName, in: tree, permissions: 0o755, disk: disk, at: .openControl)
        }
        let isOurs = try OpenFailure.translating { () throws(SystemError) in
            try disk.lock(control, at: CommitPoint.openLock.fault)
        }
        guard isOurs else { throw .inUse(owner: readOwner(control, disk: disk)) }
        let shadow = try openShadow(in: control, disk: disk)
        let (controlInode, session) = try OpenFailure.translating { () throws(SystemError) in
            let inode = try disk.status(of: control, at: CommitPoint.openControl.fault).inode
            let mount = try disk.mountNumber(of: control, at: CommitPoint.openControl.fault)
            do throws(SystemError) {
                try writeOwner(host, control, disk: disk)
            } catch {
                // Recovery has to run on a full disk, too.
                if !error.isFull { throw error }
            }
            return (inode, MountSession(bootID: host.bootID, mount: mount))
        }
        try probe(shadow, disk: disk)
        let hadJournal = try OpenFailure.translating { () throws(SystemError) in
            try disk.status(of: Journal.name, in: control, at: CommitPoint.journalOpen.fault) != nil
        }
        // Without a journal nobody knows what lies in the shadow folder. Before there is a new one it is put where
        // nothing is ever removed.
        let unclaimed = try OpenFailure.translating { () throws(SystemError) in
            hadJournal ? [] : try setAside(shadow, in: control, disk: disk)
        }
        let (journal, records) = try Journal.open(in: control, disk: disk, capacity: journalCapacity)
        // What an opening that was killed left unflushed counts from here on as if it were ours.
        let unflushed = [journal.file, shadow, control, tree].map { FlushTarget($0, at: CommitPoint.openFlush.fault) }
        if let failure = disk.flush(unflushed).compactMap({ $0 }).first { throw .system(failure) }
        let digits = String(slotSeed, radix: 16)
        let directory = CommitDirectory(
            disk: disk,
            tree: tree,
            control: control,
            controlName: controlName,
            controlInode: controlInode,
            shadow: shadow,
            session: session,
            journal: journal,
            slotPrefix: String(repeating: "0", count: 8 - digits.count) + digits
        )
        var report = try directory.recover(records)
        report.kept += unclaimed
        try OpenFailure.translating { () throws(SystemError) in try directory.sweepShadow() }
        return (directory, report)
    }

    /// Empties the journal of what recovery has dealt with: call it once its report has been passed on. Until then every
    /// opening tells it again. A commit and the close do it themselves.
    package func forgetRecovered() throws(CommitFailure) {
        guard hasRecovered else { return }
        if let brokenReason { throw .broken(brokenReason) }
        do throws(SystemError) {
            try journal.startLap()
            hasRecovered = false
        } catch {
            throw broken("the journal could not be emptied after a recovery: \(error)")
        }
    }

    /// Checkpoints and empties the journal; nothing can be committed any more. After a failure that ended all
    /// writing it leaves that to the next opening, which recovers. Either way the lock is given back before it returns.
    /// - Returns: as `checkpoint`.
    @discardableResult
    package func close() throws(CommitFailure) -> [KeptFile] {
        defer {
            spare = []
            disk.unlock(control)
        }
        guard brokenReason == nil else { return [] }
        try releaseRecyclable()
        let kept = try checkpoint(recycling: false)
        brokenReason = "it is closed"
        do throws(SystemError) {
            if try journal.isInPlace() { try journal.startLap() }
            try disk.remove(Self.ownerName, in: control, at: CommitPoint.openOwner.fault)
        } catch {
            if !error.isAbsent { throw .refused(error) }
        }
        return kept
    }

    private static func openShadow(in control: Handle, disk: any Disk) throws(OpenFailure) -> Handle {
        do throws(SystemError) {
            return try ensureFolder(shadowName, in: control, permissions: 0o700, disk: disk, at: .openLayout)
        } catch {
            // Nothing can be exchanged across mounts.
            throw error.isMount ? .unsupported("another filesystem is mounted at \(shadowName)") : .system(error)
        }
    }

    static func ensureFolder(
        _ name: BytePath,
        in folder: Handle,
        permissions: UInt32,
        disk: any Disk,
        at point: CommitPoint
    ) throws(SystemError) -> Handle {
        if let handle = try disk.openIfPresent(name, in: folder, .folder, at: point.fault) { return handle }
        do throws(SystemError) {
            try disk.makeFolder(name, in: folder, permissions: permissions, at: point.fault)
        } catch {
            if !error.isTaken { throw error }
        }
        return try disk.open(name, in: folder, .folder, at: point.fault)
    }

    /// For people: the lock itself is on the folder.
    private static func writeOwner(
        _ host: HostIdentity,
        _ control: Handle,
        disk: any Disk
    ) throws(SystemError) {
        let text = "\(host)\n"
        if try disk.status(of: ownerName, in: control, at: CommitPoint.openOwner.fault) != nil {
            try disk.remove(ownerName, in: control, at: CommitPoint.openOwner.fault)
        }
        let file = try disk.open(ownerName, in: control, .create(permissions: 0o644), at: CommitPoint.openOwner.fault)
        try disk.writeAll(Array(text.utf8), to: file, at: CommitPoint.openOwner.fault)
    }

    private static func readOwner(_ control: Handle, disk: any Disk) -> String {
        do throws(SystemError) {
            guard let file = try disk.openIfPresent(ownerName, in: control, .read, at: CommitPoint.openOwner.fault),
                let bytes = try disk.readAll(file, limit: 4096, at: CommitPoint.openOwner.fault)
            else { return "another process" }
            let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
            return text.isEmpty ? "another process" : text
        } catch {
            return "another process"
        }
    }

    /// Finds out, on two files of our own, whether the filesystem can do what a commit needs.
    private static func probe(_ shadow: Handle, disk: any Disk) throws(OpenFailure) {
        let point = CommitPoint.openProbe.fault
        let names: [BytePath] = ["probe-a", "probe-b"]
        do throws(SystemError) {
            for name in names {
                if try disk.status(of: name, in: shadow, at: point) != nil {
                    try disk.remove(name, in: shadow, at: point)
                }
                let file = try disk.open(name, in: shadow, .create(permissions: 0o600), at: point)
                try disk.flush(file, at: point)
            }
            try disk.rename(names[0], in: shadow, to: names[1], in: shadow, .exchange, at: point)
            try disk.flush(shadow, at: point)
            for name in names { try disk.remove(name, in: shadow, at: point) }
            if try !disk.usesFastCommit(shadow, at: point) { return }
        } catch {
            // A full disk is no reason to leave an interrupted commit as it is.
            if error.isFull { return }
            if error.isUnsupported { throw .unsupported("files cannot be exchanged or flushed there: \(error)") }
            throw .system(error)
        }
        throw .unsupported("ext4 with the feature fast_commit may not survive a power cut (tune2fs -O ^fast_commit)")
    }

    /// Moves every slot to `conflicts/unclaimed/`, durably.
    private static func setAside(
        _ shadow: Handle, in control: Handle, disk: any Disk
    ) throws(SystemError) -> [KeptFile] {
        let point = CommitPoint.keepFolder
        let slots = try disk.list(shadow, at: CommitPoint.openSweep.fault).map(\.name).filter(isSlot)
        if slots.isEmpty { return [] }
        let name: BytePath = "unclaimed"
        let conflicts = try ensureFolder(conflictsName, in: control, permissions: 0o700, disk: disk, at: point)
        let folder = try ensureFolder(name, in: conflicts, permissions: 0o700, disk: disk, at: point)
        for slot in slots {
            try disk.rename(slot, in: shadow, to: slot, in: folder, .noReplace, at: CommitPoint.keepRename.fault)
        }
        let folders = [folder, conflicts, control, shadow].map { FlushTarget($0, at: CommitPoint.keepFlush.fault) }
        if let failure = disk.flush(folders).compactMap({ $0 }).first { throw failure }
        return slots.map { slot in
            KeptFile(
                place: slot, keptAt: conflictsName.appending(name).appending(slot),
                operation: OperationKey(high: 0, low: 0)
            )
        }
    }

    /// Removes what was staged for groups that never reached the journal.
    private func sweepShadow() throws(SystemError) {
        for entry in try disk.list(shadow, at: CommitPoint.openSweep.fault) where Self.isSlot(entry.name) {
            do throws(SystemError) {
                if entry.kind == .folder {
                    try disk.removeFolder(entry.name, in: shadow, at: CommitPoint.openSweep.fault)
                } else {
                    try disk.remove(entry.name, in: shadow, at: CommitPoint.openSweep.fault)
                }
            } catch {
                if !error.isTaken && !error.isAbsent { throw error }
            }
        }
    }

    /// `PPPPPPPP-GROUP-STEP`, all hexadecimal. Never given twice: what could not be discarded may stand there.
    func freeSlots() -> (Int) -> BytePath {
        slotGroups += 1
        let start = "\(slotPrefix)-\(String(slotGroups, radix: 16))-"
        return { BytePath(start + String($0, radix: 16)) }
    }

    /// A slot that no group is given, for a file that appears by a rename of its own: an opening sweeps it like any other.
    package static let ownSlot: BytePath = "00000000-0-0"

    static func isSlot(_ name: BytePath) -> Bool {
        let parts = name.bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].count == 8
            && parts.allSatisfy { part in
                !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            }
    }

    /// The control folder, the journal and the shadow folder are still the ones that we hold. A journal or shadow
    /// folder that someone cleaned away is made anew; a control folder that is gone ends all writing.
    func requireLayout() throws(CommitFailure) {
        let point = CommitPoint.journalCheck.fault
        let (isControlOurs, isJournalOurs) = try CommitFailure.refusing { () throws(SystemError) in
            (try disk.status(of: controlName, in: tree, at: point)?.inode == controlInode, try journal.isInPlace())
        }
        guard isControlOurs else { throw broken("\(controlName) was removed or replaced while the project was open") }
        try CommitFailure.refusing { () throws(SystemError) in try ensureShadow() }
        if !isJournalOurs {
            try retireLive()
            journal = try CommitFailure.refusing { () throws(SystemError) in try journal.replaced() }
        }
    }

    /// The shadow folder, made anew where someone has removed or replaced it.
    func ensureShadow() throws(SystemError) {
        let named = try disk.status(of: Self.shadowName, in: control, at: CommitPoint.journalCheck.fault)
        if try disk.status(of: shadow, at: CommitPoint.journalCheck.fault).inode == named?.inode { return }
        shadow = try Self.ensureFolder(
            Self.shadowName, in: control, permissions: 0o700, disk: disk, at: .openLayout
        )
        // A record names slots: the folder that holds them must survive as long as the record.
        try disk.flush(control, at: CommitPoint.openFlush.fault)
    }

    /// Ends all writing until the directory is opened again.
    func broken(_ reason: String) -> CommitFailure {
        brokenReason = brokenReason ?? reason
        return .broken(reason)
    }
}

/// A group whose record is in the journal and not yet retired.
struct LiveCommit {
    var sequence: UInt64
    var record: CommitRecord
    var isAborted: Bool

    var movesFolders: Bool { record.steps.contains { $0.kind == .moveFolder } }
}

import LinuxFiles
import PackerModel
import WorkspaceFormat

/// Looks at the disk for the ledger: one at a time, on its thread.
struct LedgerLook {
    let assets: Handle
    let disk: any Disk
    /// False when nobody wants to know any more: a large file is not read to its end.
    private let goesOn: () -> Bool
    private let format = DeclarationFormat()
    /// The folder that was opened last: files of one folder are looked at together.
    private var lastFolder: (path: BytePath, handle: Handle?)?
    /// Why something could not be looked at since the last `begin`: what was found then is not to be believed.
    private(set) var failure: SystemError?

    init(assets: Handle, disk: any Disk, while goesOn: @escaping () -> Bool) {
        self.assets = assets
        self.disk = disk
        self.goesOn = goesOn
    }

    /// Before each job.
    mutating func begin() {
        lastFolder = nil
        failure = nil
    }

    /// Everything that has to be compared because of one hint.
    ///
    /// `direct` is for a folder that was armed: what lies in it, and everything beneath those of its folders that are
    /// not there; those that are there are armed by themselves.
    /// - Parameter flagged: what is flagged there and beneath it.
    mutating func candidates(
        at path: BytePath, _ scope: Snapshot.ExpectationScope, in snapshot: Snapshot, flagged: [BytePath]
    ) -> [ExpectedFile] {
        guard let text = path.text else { return [] }
        // A folder that cannot be opened holds nothing, nor does anything beneath it.
        let isWhole = scope == .deep || folder(path) == nil
        var files = snapshot.expectedFiles(at: text, isWhole ? .deep : .direct)
        // By bytes: a String takes composed and decomposed names for one.
        var known = Set(files.map { BytePath($0.path) })
        func add(_ file: ExpectedFile) { if known.insert(BytePath(file.path)).inserted { files.append(file) } }
        var places = newDeclarations(at: path) + newSegments(at: path)
        if isWhole {
            places += flagged
        } else {
            places += flagged.filter { $0.parent == path }
            let beneath = Self.folders(in: path, holding: flagged)
            for name in beneath.union(snapshot.expectedFolders(in: path, text)).sorted() {
                let child = path.appending(name)
                guard let childText = child.text, status(of: child)?.kind != .folder else { continue }
                for file in snapshot.expectedFiles(at: childText, .deep) { add(file) }
                places += flagged.filter { child.contains($0) }
            }
        }
        for place in places {
            guard let text = place.text, !known.contains(place) else { continue }
            add(
                snapshot.expectedFiles(at: text, .deep).first { BytePath($0.path) == place }
                    ?? Self.unexpected(place, text))
        }
        return files
    }

    /// The names directly in a folder beneath which, but not at which, the paths lie.
    private static func folders(in folder: BytePath, holding paths: [BytePath]) -> Set<BytePath> {
        Set(
            paths.compactMap { path in
                let rest = path.components.dropFirst(folder.components.count)
                return rest.count > 1 ? rest.first : nil
            })
    }

    /// A file that the snapshot says nothing of: a declaration is compared with nothing, anything else is none of
    /// its business any more.
    private static func unexpected(_ place: BytePath, _ text: String) -> ExpectedFile {
        isDeclaration(place)
            ? ExpectedFile(
                path: text, role: .declaration, root: AssetRoot(onDisk: place.parent.text ?? ""), fingerprint: nil
            )
            : ExpectedFile(path: text, role: .input, root: nil, fingerprint: nil)
    }

    /// At the workspace's top a declaration would have no root.
    private static func isDeclaration(_ place: BytePath) -> Bool {
        place.name == BytePath(Declaration.fileName) && !place.parent.isRoot
    }

    /// Declarations at the path itself: those in folders beneath it are found when their folder is armed.
    private mutating func newDeclarations(at path: BytePath) -> [BytePath] {
        if path.isRoot || BytePath(Snapshot.controlPath).contains(path) { return [] }
        let inside = path.appending(BytePath(Declaration.fileName))
        let places = Self.isDeclaration(path) ? [path] : []
        return status(of: inside) == nil ? places : places + [inside]
    }

    /// Segments of the registry that stand there, known or not, where the path is the registry's folder or above it.
    private mutating func newSegments(at path: BytePath) -> [BytePath] {
        let control = BytePath(Snapshot.controlPath)
        guard path.contains(control), let folder = folder(control) else { return [] }
        do throws(SystemError) {
            return try disk.list(folder, at: PackerPoint.ledgerLook).compactMap { entry in
                guard let name = entry.name.text, RegistrySegment.index(ofFileName: name) != nil else { return nil }
                return control.appending(entry.name)
            }
        } catch {
            note(error)
            return []
        }
    }

    /// Whether a path that nothing is expected at holds a file with more than one name, and which.
    mutating func linkedInode(at path: BytePath) -> UInt64? {
        guard path.text != nil, let status = status(of: path), status.kind == .file, status.links > 1 else {
            return nil
        }
        return status.inode
    }

    mutating func folder(_ path: BytePath) -> Handle? {
        if path.isRoot { return assets }
        if let lastFolder, lastFolder.path == path { return lastFolder.handle }
        var handle: Handle?
        do throws(SystemError) {
            handle = try disk.open(path, in: assets, .folder, at: PackerPoint.ledgerLook)
        } catch {
            // Absent, replaced by something else, or out of reach: what should be in it is missing.
            note(error)
        }
        lastFolder = (path, handle)
        return handle
    }

    mutating func status(of path: BytePath) -> FileStatus? {
        guard let folder = folder(path.parent) else { return nil }
        do throws(SystemError) {
            return try disk.status(of: path.name, in: folder, at: PackerPoint.ledgerLook)
        } catch {
            note(error)
            return nil
        }
    }

    /// Keeps an error that says nothing about the place: for want of descriptors, of memory, or by the disk's fault.
    private mutating func note(_ error: SystemError) {
        if error.isAbsent || error.isObstructed || error.isDenied || error.isNameTooLong { return }
        failure = error
    }

    /// - Parameters:
    ///   - known: of an input, what its bytes were when it was first read.
    ///   - isHinted: the kernel reported this very file: its bytes are read even where its record is the same, as two
    ///     writes within one tick of the clock leave one record, and so do stores through a map that stays open.
    mutating func compare(_ file: ExpectedFile, known: KnownDigest?, isHinted: Bool) -> LedgerState.Finding {
        let path = BytePath(file.path)
        if file.role == .input && file.root == nil { return LedgerState.Finding(path: path, divergence: nil) }
        var expected = file
        if let known, expected.fingerprint?.digest == nil {
            expected.fingerprint?.digest = known.digest
            if known.isDoubtful { expected.fingerprint?.changed = 0 }
        }
        var observed = status(of: path).map { Fingerprint($0) }
        if let seen = observed, let wanted = expected.fingerprint, wanted.digest != nil,
            isHinted
                ? wanted.kind == seen.kind && wanted.size == seen.size : wanted.compare(with: seen) == .needsDigest
        {
            observed = readDigest(of: path) ?? seen
        }
        let divergence = Divergence(expected, observed: observed, since: MonotonicClock.fileTime())
        var finding = LedgerState.Finding(path: path, divergence: divergence)
        if let observed, observed.kind == .file { finding.file = (observed.inode, observed.isHardLinked) }
        if file.role == .declaration {
            if divergence?.kind == .missing { finding.missingUUID = file.uuid }
            if divergence?.kind == .appeared { finding.appearedUUID = declaredUUID(at: path) }
        }
        return finding
    }

    /// Reads the bytes at a path; nil where they cannot be read or changed under the reading.
    private mutating func readDigest(of path: BytePath) -> Fingerprint? {
        guard let folder = folder(path.parent) else { return nil }
        do throws(SystemError) {
            guard let file = try disk.openIfPresent(path.name, in: folder, .read, at: PackerPoint.ledgerLook) else {
                return nil
            }
            let before = try disk.status(of: file, at: PackerPoint.ledgerLook)
            guard before.kind == .file else { return Fingerprint(before) }
            guard
                let digest = try disk.digest(
                    of: file, sizeHint: before.size, at: PackerPoint.ledgerRead, while: goesOn)
            else { return nil }
            // A write during the reading raises an event of its own, and another look.
            return Fingerprint(before, digest: digest)
        } catch {
            note(error)
            return nil
        }
    }

    private mutating func declaredUUID(at path: BytePath) -> AssetUUID? {
        guard let folder = folder(path.parent) else { return nil }
        do throws(SystemError) {
            guard let file = try disk.openIfPresent(path.name, in: folder, .read, at: PackerPoint.ledgerLook),
                let bytes = try disk.readAll(file, limit: Declaration.maximumBytes, at: PackerPoint.ledgerRead)
            else { return nil }
            return format.read(bytes, path: path.description).uuid
        } catch {
            return nil
        }
    }

    enum DigestReading {
        case known(KnownDigest, inode: UInt64, isLinked: Bool)
        case changed
        /// It may not be read: only its record can be compared.
        case unreadable
    }

    /// The digest of an input that is still as the snapshot saw it.
    mutating func digestUnchanged(_ file: ExpectedFile) -> DigestReading {
        let path = BytePath(file.path)
        // Before the reading: what is written after this time gets another stamp, unless the stamp is as young.
        let started = MonotonicClock.fileTime()
        let read = readDigest(of: path)
        guard let expected = file.fingerprint, let after = status(of: path),
            expected.hasSameRecord(as: Fingerprint(after)), read.map(expected.hasSameRecord) ?? true
        else { return .changed }
        guard let read, let digest = read.digest else { return .unreadable }
        let isDoubtful = read.changed + Fingerprint.clockTick > started
        return .known(
            KnownDigest(path: file.path, record: read, digest: digest, isDoubtful: isDoubtful), inode: after.inode,
            isLinked: after.links > 1
        )
    }
}

/// The bytes of an input as they were when it was first read.
struct KnownDigest {
    // Of the path only a number: who asks compares the file's record, too, and that is of one file.
    private let path: Int
    private let inode: UInt64
    private let size: UInt64
    private let modified: Int64
    private let changed: Int64
    let digest: Fingerprint.Digest
    /// It changed within the clock's tick of its reading: a further write in that tick left the same record.
    let isDoubtful: Bool

    /// - Parameter record: of the reading.
    init(path: String, record: Fingerprint, digest: Fingerprint.Digest, isDoubtful: Bool) {
        self.path = Self.number(of: path)
        inode = record.inode
        size = record.size
        modified = record.modified
        changed = record.changed
        self.digest = digest
        self.isDoubtful = isDoubtful
    }

    /// Whether it was read of a file at this path that had the same record.
    func isOf(_ path: String, _ record: Fingerprint) -> Bool {
        inode == record.inode && size == record.size && modified == record.modified && changed == record.changed
            && self.path == Self.number(of: path)
    }

    func isOfSamePath(as other: KnownDigest) -> Bool { path == other.path }

    private static func number(of path: String) -> Int { BytePath(path).hashValue }
}

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

    init(assets: Handle, disk: any Disk, while goesOn: @escaping () -> Bool) {
        self.assets = assets
        self.disk = disk
        self.goesOn = goesOn
    }

    mutating func forgetFolders() { lastFolder = nil }

    /// Everything that has to be compared because of one dirty path.
    /// - Parameter flagged: what is flagged there and beneath it.
    mutating func candidates(
        at path: BytePath, _ scope: Snapshot.ExpectationScope, in snapshot: Snapshot, flagged: [BytePath]
    ) -> [ExpectedFile] {
        guard let text = path.text else { return [] }
        var files = snapshot.expectedFiles(at: text, scope)
        var known = Set(files.map { BytePath($0.path) })
        for place in newDeclarations(at: path) + flagged {
            guard let text = place.text, known.insert(place).inserted else { continue }
            let expected = snapshot.expectedFiles(at: text, .deep).first { BytePath($0.path) == place }
            files.append(expected ?? Self.unexpected(place, text))
        }
        return files
    }

    /// A file that the snapshot says nothing of: a declaration is compared with nothing, anything else is none of
    /// its business any more.
    private static func unexpected(_ place: BytePath, _ text: String) -> ExpectedFile {
        place.name == BytePath(Declaration.fileName)
            ? ExpectedFile(
                path: text, role: .declaration, root: AssetRoot(onDisk: place.parent.text ?? ""), fingerprint: nil
            )
            : ExpectedFile(path: text, role: .input, root: nil, fingerprint: nil)
    }

    /// Declarations at the path itself: those in folders beneath it are found when their folder is armed.
    private mutating func newDeclarations(at path: BytePath) -> [BytePath] {
        if path.isRoot || BytePath(Snapshot.controlPath).contains(path) { return [] }
        let name = BytePath(Declaration.fileName)
        if path.name == name { return [path] }
        guard let folder = folder(path) else { return [] }
        do throws(SystemError) {
            let status = try disk.status(of: name, in: folder, at: PackerPoint.ledgerLook)
            return status == nil ? [] : [path.appending(name)]
        } catch {
            return []
        }
    }

    private mutating func folder(_ path: BytePath) -> Handle? {
        if path.isRoot { return assets }
        if let lastFolder, lastFolder.path == path { return lastFolder.handle }
        var handle: Handle?
        do throws(SystemError) {
            handle = try disk.open(path, in: assets, .folder, at: PackerPoint.ledgerLook)
        } catch {
            // Absent, replaced by something else, or out of reach: what should be in it is missing.
        }
        lastFolder = (path, handle)
        return handle
    }

    private mutating func status(of path: BytePath) -> FileStatus? {
        guard let folder = folder(path.parent) else { return nil }
        do throws(SystemError) {
            return try disk.status(of: path.name, in: folder, at: PackerPoint.ledgerLook)
        } catch {
            return nil
        }
    }

    /// - Parameter digest: of the bytes that should stand there, where the fingerprint has none.
    mutating func compare(_ file: ExpectedFile, digest: Fingerprint.Digest?) -> LedgerState.Finding {
        let path = BytePath(file.path)
        if file.role == .input && file.root == nil { return LedgerState.Finding(path: path, divergence: nil) }
        var expected = file
        expected.fingerprint?.digest = file.fingerprint?.digest ?? digest
        var observed = status(of: path).map { Fingerprint($0) }
        if let seen = observed, let wanted = expected.fingerprint, wanted.digest != nil,
            wanted.compare(with: seen) == .needsDigest
        {
            observed = readDigest(of: path) ?? seen
        }
        let divergence = Divergence(expected, observed: observed, since: MonotonicClock.fileTime())
        var finding = LedgerState.Finding(path: path, divergence: divergence)
        if file.role == .declaration {
            finding.missingUUID = file.fingerprint == nil ? nil : file.uuid
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
            guard let digest = try disk.digest(of: file, at: PackerPoint.ledgerRead, while: goesOn) else { return nil }
            // A write during the reading raises an event of its own, and another look.
            return Fingerprint(before, digest: digest)
        } catch {
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
        case digest(Fingerprint)
        case changed
    }

    /// The digest of an input that is still as the snapshot saw it.
    mutating func digestUnchanged(_ file: ExpectedFile) -> DigestReading {
        guard let expected = file.fingerprint, let read = readDigest(of: BytePath(file.path)),
            let after = status(of: BytePath(file.path)), expected.hasSameRecord(as: read),
            expected.hasSameRecord(as: Fingerprint(after))
        else { return .changed }
        return .digest(read)
    }
}

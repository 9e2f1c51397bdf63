import LinuxFiles
import PackerModel
import WorkspaceFormat

/// Reads one asset's folder: its declaration, and what stands at the paths of its inputs.
struct RootReader {
    private static let declarationName = BytePath(Declaration.fileName)

    let disk: any Disk
    let format: DeclarationFormat

    /// Nil where there is no declaration any more.
    func read(_ root: AssetRoot, _ folder: Handle, inode: UInt64) throws(SystemError) -> ScannedRoot? {
        guard let named = try disk.status(of: Self.declarationName, in: folder, at: PackerPoint.scanDeclaration) else {
            return nil
        }
        return try read(root, folder, inode: inode, named)
    }

    /// As the other, for a declaration that the folder's listing gave as a plain file: it is opened without a look.
    func readPlain(_ root: AssetRoot, _ folder: Handle, inode: UInt64) throws(SystemError) -> ScannedRoot? {
        let file: Handle
        let status: FileStatus
        do throws(SystemError) {
            file = try disk.open(Self.declarationName, in: folder, .read, at: PackerPoint.scanDeclaration)
            status = try disk.status(of: file, at: PackerPoint.scanDeclaration)
        } catch {
            // It went, became something else, or cannot be read: the look says which.
            return try read(root, folder, inode: inode)
        }
        return try read(root, folder, inode: inode, status, file)
    }

    /// - Parameters:
    ///   - named: what stands at the declaration's name.
    ///   - opened: that, where it is open already.
    private func read(
        _ root: AssetRoot, _ folder: Handle, inode: UInt64, _ named: FileStatus, _ opened: Handle? = nil
    ) throws(SystemError) -> ScannedRoot? {
        let path = root.path + "/" + Declaration.fileName
        func broken(_ diagnostic: Diagnostic) -> ScannedRoot {
            ScannedRoot(
                root: root, folderInode: inode, fingerprint: Fingerprint(named),
                reading: DeclarationReading(declaration: nil, uuid: nil, diagnostics: [diagnostic]), inputs: []
            )
        }
        guard named.kind == .file else {
            return broken(
                Diagnostic(
                    .declarationNotAFile, path: path, message: "\(Declaration.fileName) is not a plain file",
                    remedy: "Put the declaration itself there."
                ))
        }
        guard named.size <= UInt64(Declaration.maximumBytes) else { return broken(Self.tooLarge(path)) }
        do throws(SystemError) {
            let point = PackerPoint.scanDeclaration
            var (file, status) = (opened, named)
            if file == nil {
                file = try disk.openIfPresent(Self.declarationName, in: folder, .read, at: point)
                if let file { status = try disk.status(of: file, at: point) }
            }
            guard let file else { return nil }
            let started = MonotonicClock.fileTime()
            guard
                let bytes = try disk.readAll(
                    file, limit: Declaration.maximumBytes, sizeHint: Int(status.size), at: PackerPoint.scanRead
                )
            else { return broken(Self.tooLarge(path)) }
            let reading = format.read(bytes, path: path)
            let inputs = try Self.inputs(of: reading) { (path) throws(SystemError) in try look(path, in: folder) }
            return ScannedRoot(
                root: root, folderInode: inode,
                fingerprint: Fingerprint(status, digest: ContentDigest(of: bytes)).doubtingChange(since: started),
                reading: reading, inputs: inputs
            )
        } catch {
            return broken(
                Diagnostic(
                    .declarationUnreadable, path: path, message: "cannot be read: \(error)", remedy: error.remedy)
            )
        }
    }

    private static func tooLarge(_ path: String) -> Diagnostic {
        Diagnostic(
            .declarationTooLarge, path: path, message: "larger than \(Declaration.maximumBytes) bytes",
            remedy: "Move bulk data into an input file."
        )
    }

    /// The declared inputs, each with what `look` finds at its path.
    static func inputs(
        of reading: DeclarationReading, _ look: (String) throws(SystemError) -> Fingerprint?
    ) throws(SystemError) -> [Asset.InputFile] {
        var inputs: [Asset.InputFile] = []
        for role in reading.declaration?.inputs ?? [] {
            for path in role.paths {
                let position = inputs.count < reading.inputPositions.count ? reading.inputPositions[inputs.count] : nil
                inputs.append(
                    Asset.InputFile(role: role.role, path: path, fingerprint: try look(path), position: position)
                )
            }
        }
        return inputs
    }

    /// The declared inputs of a folder that is not there.
    static func inputs(of reading: DeclarationReading) -> [Asset.InputFile] {
        do throws(SystemError) { return try inputs(of: reading) { _ in nil } } catch { return [] }
    }

    /// What stands at an input's path; nil where it is missing or cannot be reached without leaving the asset.
    func look(_ input: String, in folder: Handle) throws(SystemError) -> Fingerprint? {
        guard Declaration.isInputPath(input) else { return nil }
        let path = BytePath(input)
        do throws(SystemError) {
            let parent = try disk.openParent(of: path, in: folder, at: PackerPoint.scanInput)
            return try disk.status(of: path.name, in: parent, at: PackerPoint.scanInput).map { Fingerprint($0) }
        } catch {
            // A name that no folder can hold is one of a file that is not there.
            if error.isAbsent || error.isObstructed || error.isDenied || error.isNameTooLong { return nil }
            throw error
        }
    }
}

import LinuxFiles
import PackerModel
import WorkspaceFormat

/// One folder of the walk.
struct FolderVisit {
    private static let declarationName = BytePath(Declaration.fileName)
    private static let controlName = BytePath(WorkspaceScanner.controlName)

    let scanner: WorkspaceScanner
    let path: BytePath
    let reader: RootReader
    /// Their names.
    private(set) var subfolders: [BytePath] = []
    private(set) var root: ScannedRoot?
    private(set) var diagnostics: [Diagnostic] = []

    init(scanner: WorkspaceScanner, path: BytePath, reader: RootReader) {
        self.scanner = scanner
        self.path = path
        self.reader = reader
    }

    /// - Parameters:
    ///   - name: what it is opened by.
    ///   - parent: what that is relative to.
    mutating func run(_ name: BytePath, in parent: Handle) {
        do throws(SystemError) {
            let disk = scanner.disk
            let folder = try disk.open(name, in: parent, .folder, at: PackerPoint.scanFolder)
            /// Plain files are passed over at once: most are.
            var others: [DirectoryEntry] = []
            var declaration: FileKind??
            try disk.forEachEntry(of: folder, at: PackerPoint.scanList) { name, kind in
                if Self.declarationName.bytes.elementsEqual(name) { declaration = .some(kind) }
                if kind != .file || !Self.isText(name) {
                    others.append(DirectoryEntry(name: BytePath(bytes: Array(name)), kind: kind))
                }
            }
            for entry in others where !(path.isRoot && entry.name == Self.controlName) {
                try visit(entry, in: folder)
            }
            // At the workspace's top a declaration would have no root.
            if let kind = declaration, !path.isRoot { try scanRoot(folder, kind) }
        } catch {
            // What went between its parent's listing and its turn is not there: nothing to tell.
            if error.isGone && !path.isRoot { return }
            diagnostics.append(Self.unreadable(path, error))
        }
    }

    private static func isText(_ name: UnsafeRawBufferPointer) -> Bool {
        name.allSatisfy { $0 < 0x80 } || String(validating: name, as: UTF8.self) != nil
    }

    private mutating func visit(_ entry: DirectoryEntry, in folder: Handle) throws(SystemError) {
        guard entry.name.text != nil else {
            add(
                .nameNotUTF8, entry, "the name is not valid UTF-8, and what it holds is passed over",
                remedy: "Rename it to valid UTF-8.")
            return
        }
        var kind = entry.kind
        if kind == nil { kind = try scanner.disk.status(of: entry.name, in: folder, at: PackerPoint.scanList)?.kind }
        switch kind {
        case .folder: subfolders.append(entry.name)
        case .symlink:
            // A declaration that is a link is reported as that.
            if entry.name == Self.declarationName { return }
            add(
                .entrySymlink, entry, "a symbolic link is not followed",
                remedy: "Replace it by the file or folder itself.")
        case .other:
            if entry.name == Self.declarationName { return }
            add(
                .entrySpecialFile, entry, "neither a file nor a folder (a socket, pipe or device)",
                remedy: "Remove it.")
        case .file, nil: break
        }
    }

    private mutating func add(_ code: DiagnosticCode, _ entry: DirectoryEntry, _ message: String, remedy: String) {
        diagnostics.append(
            Diagnostic(
                code, severity: .warning, path: path.appending(entry.name).description, message: message,
                remedy: remedy
            ))
    }

    private static func unreadable(_ path: BytePath, _ error: SystemError) -> Diagnostic {
        if error.isMount {
            return Diagnostic(
                .entryMountPoint, severity: .warning, path: path.description,
                message: "another filesystem is mounted there and is not entered", remedy: "Unmount it, or move it out."
            )
        }
        if error.isNameTooLong {
            return Diagnostic(
                .entryTooDeep, severity: .warning, path: path.description, message: "nested too deep to be opened",
                remedy: "Move it further up."
            )
        }
        return Diagnostic(
            .entryUnreadable, path: path.description,
            message: "cannot be read: \(SystemError(error.call, path, error.code))", remedy: error.remedy
        )
    }

    private mutating func scanRoot(_ folder: Handle, _ declaration: FileKind?) throws(SystemError) {
        let inode = try scanner.disk.status(of: folder, at: PackerPoint.scanFolder).inode
        let place = AssetRoot(onDisk: path.text ?? path.description)
        root =
            declaration == .file
            ? try reader.readPlain(place, folder, inode: inode) : try reader.read(place, folder, inode: inode)
    }
}

/// What a draft changes on disk: folders in their order, then each file once, where it stands after all of that.
///
/// So several mutations come to one net change a file, whatever moved in between. Paths are relative to `assets/`.
package struct FileChanges: Sendable, Equatable {
    package enum FolderStep: Sendable, Equatable {
        /// A plain folder is there afterwards.
        /// - Parameter origin: where it stands before any step, if it does; nil where nothing can stand.
        case ensure(AssetRoot, origin: AssetRoot?)
        /// The folder goes with everything in it; nothing may stand at its new place.
        /// - Parameter origin: where it stands before any step; nil for one that an earlier step makes for certain.
        case move(from: AssetRoot, to: AssetRoot, origin: AssetRoot?)
    }

    package enum FileStep: Sendable, Equatable {
        /// Nothing may stand there.
        case create(Contents)
        /// - Parameter origin: the file's path before any step.
        case edit(from: Declaration, to: Declaration, origin: AssetRoot, base: Fingerprint)
    }

    package enum Contents: Sendable, Equatable {
        case declaration(Declaration)
        case trashManifest(TrashItem)
    }

    /// What a path of the plan stands for on the disk as it is now.
    enum Origin: Equatable {
        case disk(AssetRoot)
        /// An earlier step moves away what is there.
        case vacated
        /// An earlier step sees to it that a folder is there.
        case ensured
    }

    package private(set) var folders: [FolderStep] = []
    /// By their final paths.
    package private(set) var files: [AssetRoot: FileStep] = [:]
    private var moves: [(from: AssetRoot, to: AssetRoot)] = []
    /// Where the folders are now that `ensure` asked for.
    private var ensured = Set<AssetRoot>()

    package init() {}

    package var isEmpty: Bool { folders.isEmpty && files.isEmpty }

    package static func == (left: FileChanges, right: FileChanges) -> Bool {
        left.folders == right.folders && left.files == right.files
    }

    func origin(of path: AssetRoot) -> Origin {
        if ensured.contains(path) { return .ensured }
        var path = path
        for move in moves.reversed() {
            if path == move.to || path.isBelow(move.to) {
                path = AssetRoot(onDisk: AssetRoot.path(path.path, movedFrom: move.to, to: move.from))
            } else if path == move.from || path.isBelow(move.from) {
                return .vacated
            }
        }
        return .disk(path)
    }

    package func originOnDisk(of path: AssetRoot) -> AssetRoot? {
        switch originBeforeEnsuring(path) {
        case .disk(let origin): origin
        case .vacated, .ensured: nil
        }
    }

    /// A folder and every folder above it.
    mutating func ensure(_ folder: AssetRoot) {
        for folder in folder.ancestors + [folder] {
            switch origin(of: folder) {
            case .ensured: continue
            case .vacated: folders.append(.ensure(folder, origin: nil))
            case .disk(let origin): folders.append(.ensure(folder, origin: origin))
            }
            ensured.insert(folder)
        }
    }

    mutating func move(from: AssetRoot, to: AssetRoot) {
        folders.append(.move(from: from, to: to, origin: originOnDisk(of: from)))
        func moved(_ path: AssetRoot) -> AssetRoot {
            path == from || path.isBelow(from)
                ? AssetRoot(onDisk: AssetRoot.path(path.path, movedFrom: from, to: to)) : path
        }
        ensured = Set(ensured.map(moved))
        files = Dictionary(uniqueKeysWithValues: files.map { (moved($0.key), $0.value) })
        moves.append((from, to))
    }

    /// As `origin`, of a folder that may have been there before it was ensured.
    private func originBeforeEnsuring(_ path: AssetRoot) -> Origin {
        var copy = self
        copy.ensured = []
        return copy.origin(of: path)
    }

    mutating func create(_ contents: Contents, at path: AssetRoot) { files[path] = .create(contents) }

    mutating func edit(_ path: AssetRoot, from old: Declaration, to new: Declaration, base: Fingerprint?) {
        switch files[path] {
        case .create?: files[path] = .create(.declaration(new))
        case .edit(let first, _, let origin, let base)?:
            files[path] = .edit(from: first, to: new, origin: origin, base: base)
        case nil:
            guard let base, case .disk(let origin) = origin(of: path) else { return }
            files[path] = .edit(from: old, to: new, origin: origin, base: base)
        }
    }
}

import CommitDirectory
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// A draft in the terms of the commit directory: every path looked at, every content written out.
struct CommitPlan {
    private(set) var steps: [CommitStep] = []
    /// Segment files, by their path.
    private(set) var segments: [BytePath: Int] = [:]
    /// What a reader makes of each new or edited declaration, by the asset's final root.
    private(set) var readings: [AssetRoot: DeclarationReading] = [:]
    /// The bytes that each edit displaces.
    private(set) var displaced: [BytePath: [UInt8]] = [:]
    /// Folders that the steps make, where they are by the end.
    private(set) var madeFolders = Set<BytePath>()

    private let check: PathCheck

    /// Everything that the commit touches.
    var paths: [BytePath] {
        steps.flatMap { step in
            if case .moveFolder(let from, let to, _) = step { [from, to] } else { [step.place] }
        }
    }

    init(_ draft: Draft, _ check: PathCheck) throws(PackerError) {
        self.check = check
        for step in draft.changes.folders { try add(step) }
        let format = DeclarationFormat()
        for (path, step) in draft.changes.files.sorted(by: { $0.key < $1.key }) { try add(step, path, format) }
        for (index, segment) in draft.segments { try add(segment, index, draft.base.registry) }
    }

    // MARK: Folders

    private mutating func add(_ step: FileChanges.FolderStep) throws(PackerError) {
        switch step {
        case .ensure(let folder, let origin):
            if let origin, try isFolder(BytePath(origin.path)) { return }
            steps.append(.makeFolder(BytePath(folder.path)))
            madeFolders.insert(BytePath(folder.path))
        case .move(let from, let to, let origin):
            let (old, new) = (BytePath(from.path), BytePath(to.path))
            steps.append(.moveFolder(from: old, to: new, inode: try inode(of: old, origin)))
            madeFolders = Set(madeFolders.map { old.contains($0) ? $0.moved(from: old, to: new) : $0 })
        }
    }

    /// Nil for a folder that an earlier step makes.
    private func inode(of folder: BytePath, _ origin: AssetRoot?) throws(PackerError) -> UInt64? {
        if madeFolders.contains(folder) { return nil }
        guard let origin, let status = try check.status(of: BytePath(origin.path)), status.kind == .folder else {
            throw PathCheck.diverged([(origin?.path).map { BytePath($0).description } ?? folder.description])
        }
        return status.inode
    }

    private func isFolder(_ path: BytePath) throws(PackerError) -> Bool {
        guard let status = try check.status(of: path) else { return false }
        if status.kind == .folder { return true }
        throw PackerError(
            .pathInvalid, "\"\(path)\" is in the way: it is no folder", paths: [path.description],
            remedy: "Replace it by a plain folder, or choose another root."
        )
    }

    // MARK: Files

    private mutating func add(
        _ step: FileChanges.FileStep, _ path: AssetRoot, _ format: DeclarationFormat
    ) throws(PackerError) {
        let place = BytePath(path.path)
        switch step {
        case .create(.trashManifest(let item)):
            steps.append(.createFile(place, contents: TrashFormat.write(item)))
        case .create(.declaration(let declaration)):
            let contents = DeclarationFormat.write(declaration)
            if let problem = format.problems(writing: declaration, path: path.path).first(where: \.isError) {
                throw Self.broken(problem.message, problem.remedy, path)
            }
            note(format.read(contents, path: path.path), of: path)
            steps.append(.createFile(place, contents: contents))
        case .edit(let old, let new, let origin, let base):
            let origin = BytePath(origin.path)
            let (before, identity) = try check.contents(of: origin, expecting: base)
            let after = try edit(before, old, new, path, format)
            displaced[place] = before
            steps.append(.replaceFile(place, contents: after, base: identity, origin: origin))
        }
    }

    /// A declaration that its reader would refuse, or that would say something else than was asked for, is never
    /// written.
    private mutating func edit(
        _ bytes: [UInt8], _ old: Declaration, _ new: Declaration, _ path: AssetRoot, _ format: DeclarationFormat
    ) throws(PackerError) -> [UInt8] {
        let edited: [UInt8]
        do throws(DeclarationEditError) {
            edited = try format.edit(bytes, DeclarationEdit.changes(from: old, to: new))
        } catch {
            throw Self.broken(error.description, "Give another value, or mend the file and refresh.", path)
        }
        let reading = format.read(edited, path: path.path)
        guard let read = reading.declaration else {
            let problem = reading.diagnostics.first(where: \.isError)
            throw Self.broken(
                problem?.message ?? "it could not be read back", problem?.remedy ?? "Give another value.", path)
        }
        guard read == new else {
            throw Self.broken("it would not say what was asked for", "Give the metadata as one JSON object.", path)
        }
        note(reading, of: path)
        return edited
    }

    private mutating func note(_ reading: DeclarationReading, of path: AssetRoot) {
        if let root = path.ancestors.last { readings[root] = reading }
    }

    private static func broken(_ message: String, _ remedy: String, _ path: AssetRoot) -> PackerError {
        PackerError(
            .declarationInvalid, "the declaration would be broken: \(message)", paths: [path.path], remedy: remedy)
    }

    // MARK: Registry

    private mutating func add(
        _ segment: RegistrySegment, _ index: Int, _ registry: RegistryState
    ) throws(PackerError) {
        let path = BytePath(Snapshot.controlPath + "/" + RegistrySegment.fileName(index))
        let contents = RegistryFormat.write(segment)
        segments[path] = index
        if let known = registry.segments[index] {
            let base = try check.identity(of: path, expecting: known.fingerprint)
            steps.append(.replaceFile(path, contents: contents, base: base, origin: path))
        } else {
            if try check.status(of: path) != nil { throw PathCheck.diverged([path.description]) }
            steps.append(.createFile(path, contents: contents))
        }
    }
}

extension Diagnostic {
    fileprivate var isError: Bool { severity == .error }
}

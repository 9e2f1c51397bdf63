import CommitDirectory
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// A draft in the terms of the commit directory.
struct CommitPlan {
    var steps: [CommitStep] = []
    /// New declarations, whose folders and inputs are looked at after the commit.
    private(set) var created: [(root: AssetRoot, reading: DeclarationReading)] = []
    /// Segment files, by their path.
    private(set) var segments: [BytePath: Int] = [:]

    /// Everything that the commit touches.
    var paths: [BytePath] {
        steps.flatMap { step in
            if case .moveFolder(let from, let to, _) = step { [from, to] } else { [step.place] }
        }
    }

    init(_ draft: Draft, _ check: PathCheck) throws(PackerError) {
        var folders = Set<BytePath>()
        for step in draft.steps {
            switch step {
            case .ensureFolder(let root):
                for folder in root.ancestors + [root] {
                    let path = BytePath(folder.path)
                    guard folders.insert(path).inserted else { continue }
                    // Beneath a folder that is still to be made there is nothing to look at.
                    let isBelowNew = steps.contains { if case .makeFolder(path.parent) = $0 { true } else { false } }
                    if isBelowNew {
                        steps.append(.makeFolder(path))
                    } else if try !isFolder(path, check) {
                        steps.append(.makeFolder(path))
                    }
                }
            case .createDeclaration(let root, let declaration):
                let path = root.path + "/" + Declaration.fileName
                let contents = DeclarationFormat.write(declaration)
                created.append((root, try Self.readBack(declaration, contents, path)))
                steps.append(.createFile(BytePath(path), contents: contents))
            case .moveFolder(let from, let to):
                guard let status = try check.status(of: BytePath(from.path)), status.kind == .folder else {
                    throw PathCheck.diverged([from.path])
                }
                steps.append(.moveFolder(from: BytePath(from.path), to: BytePath(to.path), inode: status.inode))
            }
        }
        for (index, segment) in draft.segments { try add(segment, index, draft.base.registry, check) }
    }

    /// What a bootstrap will make of the bytes; a declaration that it would refuse, or that would say something else
    /// than was asked for, is never written.
    private static func readBack(
        _ declaration: Declaration, _ contents: [UInt8], _ path: String
    ) throws(PackerError) -> DeclarationReading {
        let format = DeclarationFormat()
        let problems = format.problems(writing: declaration, path: path)
        if let problem = problems.first(where: { $0.severity == .error }) {
            throw PackerError(
                .declarationInvalid, "the declaration would be broken: \(problem.message)", paths: [path],
                remedy: problem.remedy
            )
        }
        return format.read(contents, path: path)
    }

    private func isFolder(_ path: BytePath, _ check: PathCheck) throws(PackerError) -> Bool {
        guard let status = try check.status(of: path) else { return false }
        if status.kind == .folder { return true }
        throw PackerError(
            .pathInvalid, "\"\(path)\" is in the way: it is no folder", paths: [path.description],
            remedy: "Replace it by a plain folder, or choose another root."
        )
    }

    private mutating func add(
        _ segment: RegistrySegment, _ index: Int, _ registry: RegistryState, _ check: PathCheck
    ) throws(PackerError) {
        let path = BytePath(Snapshot.controlPath + "/" + RegistrySegment.fileName(index))
        let contents = RegistryFormat.write(segment)
        segments[path] = index
        if let known = registry.segments[index] {
            let base = try check.identity(of: path, expecting: known.fingerprint)
            steps.append(.replaceFile(path, contents: contents, base: base))
        } else {
            if try check.status(of: path) != nil { throw PathCheck.diverged([path.description]) }
            steps.append(.createFile(path, contents: contents))
        }
    }
}

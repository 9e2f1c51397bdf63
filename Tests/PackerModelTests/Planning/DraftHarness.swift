@testable import PackerModel

/// The files of a project, changed by a draft's steps as the disk would be: the input of a fresh assembly.
struct FileModel {
    var scan: ScannedWorkspace
    /// Folders with a declaration in the trash, by the place where they lie.
    private var trashed: [ScannedRoot] = []
    private var nextInode: UInt64 = 1_000_000

    init(_ scan: ScannedWorkspace) { self.scan = scan }

    /// Carries out a draft, and answers the snapshot that it publishes.
    mutating func commit(_ draft: Draft) -> Snapshot {
        for step in draft.changes.folders {
            if case .move(let from, let to, _) = step { move(from, to) }
        }
        for (path, step) in draft.changes.files.sorted(by: { $0.key < $1.key }) {
            switch step {
            case .create(.declaration(let declaration)): write(declaration, at: path.ancestors.last!, old: nil)
            case .create(.trashManifest(let item)): scan.trash.append(item)
            case .edit(_, let declaration, _, _):
                let root = path.ancestors.last!
                write(declaration, at: root, old: all.first { $0.root == root })
            }
        }
        scan.trash.removeAll { item in !trashed.contains { $0.root.isAtOrBelow(item.folder) } }
        let seen = draft.plannedAssets.map { asset in
            let found = scan.roots.first { $0.root == asset.root }
            return SeenFolder(root: asset.root, found: found, inode: found?.folderInode)
        }
        var fingerprints: [Int: Fingerprint] = [:]
        for (index, segment) in draft.segments {
            nextInode += 1
            let fingerprint = Sample.file(nextInode)
            fingerprints[index] = fingerprint
            scan.segments.removeAll { $0.index == index }
            // Read back in the order that the file has.
            var read = segment
            read.entries.sort { ($0.id, $0.uuid, $0.root) < ($1.id, $1.uuid, $1.root) }
            scan.segments.append(
                ScannedSegment(
                    index: index, fingerprint: fingerprint, reading: RegistryReading(segment: read, diagnostics: [])
                ))
        }
        let registered = scan.segments.flatMap { $0.reading.segment?.entries ?? [] }.map(\.root)
        scan.bareFolders = scan.bareFolders.filter { folder, _ in
            registered.contains(folder) && !scan.roots.contains { $0.root == folder }
        }
        return draft.snapshot(generation: draft.base.generation + 1, seen: seen, segments: fingerprints).snapshot
    }

    private var all: [ScannedRoot] { scan.roots + trashed }

    private mutating func replaceAll(_ roots: [ScannedRoot]) {
        let control = Sample.root(".prometeu")
        scan.roots = roots.filter { !$0.root.isBelow(control) }
        trashed = roots.filter { $0.root.isBelow(control) }
    }

    private mutating func write(_ declaration: Declaration, at root: AssetRoot, old: ScannedRoot?) {
        nextInode += 1
        let known = Dictionary(old?.inputs.map { ($0.path, $0.fingerprint) } ?? []) { first, _ in first }
        // Every other input is there already: the folder held files.
        let inputs = declaration.inputs.flatMap { role in
            role.paths.map { path in
                Asset.InputFile(
                    role: role.role, path: path,
                    fingerprint: known[path] ?? (path.hasPrefix("there") ? Sample.file(77) : nil)
                )
            }
        }
        let new = ScannedRoot(
            root: root, folderInode: old?.folderInode ?? nextInode, fingerprint: Sample.file(nextInode + 1),
            reading: DeclarationReading(declaration: declaration, uuid: declaration.uuid, diagnostics: []),
            inputs: inputs
        )
        nextInode += 1
        replaceAll(all.filter { $0.root != root } + [new])
    }

    private mutating func move(_ from: AssetRoot, _ to: AssetRoot) {
        var roots = all
        for index in roots.indices where roots[index].root.isAtOrBelow(from) {
            roots[index].root = AssetRoot(onDisk: AssetRoot.path(roots[index].root.path, movedFrom: from, to: to))
            for place in roots[index].reading.diagnostics.indices {
                roots[index].reading.diagnostics[place].path = AssetRoot.path(
                    roots[index].reading.diagnostics[place].path, movedFrom: from, to: to
                )
            }
        }
        replaceAll(roots)
        if to.path.contains("/emptied-") { trashed.removeAll { $0.root.isBelow(to) } }
    }

    /// What a bootstrap of the same files shows.
    func bootstrap() -> Snapshot { Sample.snapshot(scan) }
}

extension AssetRoot {
    func isAtOrBelow(_ folder: AssetRoot) -> Bool { self == folder || isBelow(folder) }
}

extension Draft {
    /// One operation, planned at a fixed time.
    mutating func plan(
        _ mutations: Mutation..., using generator: inout SeededGenerator
    ) throws(PackerError) -> [OperationOutcome.Touched] {
        let context = PlanContext(operation: OperationID(using: &generator), now: 1_700_000_000)
        return try plan(mutations, context, using: &generator).touched
    }
}

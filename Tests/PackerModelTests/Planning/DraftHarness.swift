@testable import PackerModel

/// The files of a project, changed by a draft's steps as the disk would be: the input of a fresh assembly.
struct FileModel {
    var scan: ScannedWorkspace
    private var nextInode: UInt64 = 1_000_000

    init(_ scan: ScannedWorkspace) { self.scan = scan }

    /// Carries out a draft, and answers the snapshot that it publishes.
    mutating func commit(_ draft: Draft) -> Snapshot {
        var written: [WrittenDeclaration] = []
        for step in draft.steps {
            switch step {
            case .ensureFolder: break
            case .createDeclaration(let root, let declaration): written.append(create(root, declaration))
            case .moveFolder(let from, let to):
                for index in scan.roots.indices { move(&scan.roots[index], from, to) }
                for index in written.indices where written[index].root.isAtOrBelow(from) {
                    written[index].root = AssetRoot(
                        onDisk: AssetRoot.path(written[index].root.path, movedFrom: from, to: to))
                }
            }
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
        return draft.snapshot(generation: draft.base.generation + 1, written: written, segments: fingerprints)
    }

    private mutating func create(_ root: AssetRoot, _ declaration: Declaration) -> WrittenDeclaration {
        nextInode += 1
        // Every other input is there already: the folder held files.
        let inputs = declaration.inputs.flatMap { role in
            role.paths.map {
                Asset.InputFile(
                    role: role.role, path: $0, fingerprint: $0.hasPrefix("there") ? Sample.file(nextInode) : nil
                )
            }
        }
        let found = ScannedRoot(
            root: root, folderInode: nextInode, fingerprint: Sample.file(nextInode + 1),
            reading: DeclarationReading(declaration: declaration, uuid: declaration.uuid, diagnostics: []),
            inputs: inputs
        )
        scan.roots.append(found)
        nextInode += 1
        return WrittenDeclaration(
            root: root, folderInode: found.folderInode, fingerprint: found.fingerprint, inputs: inputs
        )
    }

    private func move(_ found: inout ScannedRoot, _ from: AssetRoot, _ to: AssetRoot) {
        guard found.root.isAtOrBelow(from) else { return }
        found.root = AssetRoot(onDisk: AssetRoot.path(found.root.path, movedFrom: from, to: to))
        for index in found.reading.diagnostics.indices {
            found.reading.diagnostics[index].path = AssetRoot.path(
                found.reading.diagnostics[index].path, movedFrom: from, to: to
            )
        }
    }

    /// What a bootstrap of the same files shows.
    func bootstrap() -> Snapshot { Sample.snapshot(scan) }
}

extension AssetRoot {
    func isAtOrBelow(_ folder: AssetRoot) -> Bool { self == folder || isBelow(folder) }
}

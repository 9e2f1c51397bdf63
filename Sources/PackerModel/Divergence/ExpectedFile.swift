/// A file that the snapshot says something about, for comparing it with the disk.
package struct ExpectedFile: Sendable, Equatable {
    package enum Role: Sendable, Equatable {
        case declaration
        case input
        case registry
    }

    /// Relative to `assets/`.
    package var path: String
    package var role: Role
    /// Nil for the registry.
    package var root: AssetRoot?
    /// The identity that a declaration there should have.
    package var uuid: AssetUUID?
    /// Nil where nothing should stand.
    package var fingerprint: Fingerprint?

    package init(path: String, role: Role, root: AssetRoot?, uuid: AssetUUID? = nil, fingerprint: Fingerprint?) {
        self.path = path
        self.role = role
        self.root = root
        self.uuid = uuid
        self.fingerprint = fingerprint
    }
}

extension Snapshot {
    package static let controlPath = ".prometeu"

    package enum ExpectationScope: Sendable {
        /// The path itself and everything beneath it.
        case deep
        /// What lies directly in the folder.
        case direct
    }

    /// What should stand at a path. O(log n) and the files it answers.
    package func expectedFiles(at path: String, _ scope: ExpectationScope) -> [ExpectedFile] {
        if path == Self.controlPath || AssetRoot.isPath(path, below: Self.controlPath) {
            return registryFiles(at: path)
        }
        let place = AssetRoot(onDisk: path)
        var files: [ExpectedFile] = []
        var last: AssetRoot?
        // Of a root that a broken registry names twice, the first stands for the files.
        func add(_ asset: Asset, where isWanted: (ExpectedFile) -> Bool = { _ in true }) {
            if asset.root != last { files += asset.expectedFiles.filter(isWanted) }
            last = asset.root
        }
        if path.isEmpty {
            if scope == .direct { return [] }
            forEachAsset {
                add($0)
                return true
            }
            return files + registryFiles(at: Self.controlPath)
        }
        func isInScope(_ file: ExpectedFile) -> Bool {
            if file.path.utf8.elementsEqual(path.utf8) { return true }
            guard AssetRoot.isPath(file.path, below: path) else { return false }
            return scope == .deep || !file.path.utf8.dropFirst(path.utf8.count + 1).contains(UInt8(ascii: "/"))
        }
        for asset in table.assets(above: place) + table.assets(at: place) { add(asset, where: isInScope) }
        if scope == .deep { for asset in table.assets(below: place) { add(asset) } }
        return files
    }

    private func registryFiles(at path: String) -> [ExpectedFile] {
        func file(_ index: Int, _ fingerprint: Fingerprint?) -> ExpectedFile {
            ExpectedFile(
                path: "\(Self.controlPath)/\(RegistrySegment.fileName(index))", role: .registry, root: nil,
                fingerprint: fingerprint
            )
        }
        if path == Self.controlPath {
            let healthy = registry.segments.map { ($0.key, Optional($0.value.fingerprint)) }
            let all = healthy + registry.unreadable.map { ($0.key, $0.value) }
            return all.sorted { $0.0 < $1.0 }.map { file($0.0, $0.1) }
        }
        // One that the snapshot does not know is expected to be absent.
        return RegistrySegment.index(ofFileName: String(path.dropFirst(Self.controlPath.count + 1))).map {
            [file($0, registry.segments[$0]?.fingerprint ?? registry.unreadable[$0] ?? nil)]
        } ?? []
    }
}

extension Asset {
    /// Its declaration, and its inputs that were there or should be, a declaration that names itself left out.
    package var expectedFiles: [ExpectedFile] {
        var files: [ExpectedFile] = []
        files.reserveCapacity(1 + record.inputCount)
        files.append(
            ExpectedFile(
                path: declarationPath, role: .declaration, root: root, uuid: uuid, fingerprint: declarationFingerprint
            ))
        record.forEachInput { path, fingerprint in
            if Declaration.isInputPath(path) && path != Declaration.fileName {
                files.append(
                    ExpectedFile(path: root.path + "/" + path, role: .input, root: root, fingerprint: fingerprint))
            }
        }
        return files
    }
}

extension Divergence {
    /// Compares what should stand somewhere with what does. Nil where they agree.
    package init?(_ expected: ExpectedFile, observed: Fingerprint?, since: Int64) {
        let kind: Kind
        var isUnverified = false
        switch (expected.fingerprint, observed) {
        case (nil, nil): return nil
        case (nil, .some): kind = .appeared
        case (.some, nil): kind = .missing
        case (let wanted?, let seen?):
            switch wanted.compare(with: seen) {
            case .same: return nil
            case .needsDigest:
                kind = .modified
                isUnverified = true
            case .different: kind = wanted.kind == seen.kind ? .modified : .typeChanged
            }
        }
        self.init(
            path: expected.path, kind: expected.role == .registry ? .registryModified : kind, root: expected.root,
            isUnverified: isUnverified, expected: expected.fingerprint, observed: observed, since: since
        )
    }
}

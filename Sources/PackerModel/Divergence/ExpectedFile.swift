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
        if path == Self.controlPath || path.hasPrefix(Self.controlPath + "/") { return registryFiles(at: path) }
        var files: [ExpectedFile] = []
        let place = AssetRoot(onDisk: path)
        if path.isEmpty {
            if scope == .direct { return [] }
            forEachAsset {
                files += $0.expectedFiles
                return true
            }
            return files + registryFiles(at: Self.controlPath)
        }
        for asset in table.assets(at: place).prefix(1) {
            let inputs = asset.expectedFiles
            let prefix = path.utf8.count + 1
            files += scope == .deep ? inputs : inputs.filter { !$0.path.utf8.dropFirst(prefix).contains(slash) }
        }
        for asset in table.assets(above: place) {
            files += asset.expectedFiles.filter { file in
                file.path == path
                    || file.path.utf8.starts(with: (path + "/").utf8)
                        && (scope == .deep || !file.path.utf8.dropFirst(path.utf8.count + 1).contains(slash))
            }
        }
        if scope == .deep { for asset in table.assets(below: place) { files += asset.expectedFiles } }
        return files
    }

    private var slash: UInt8 { UInt8(ascii: "/") }

    private func registryFiles(at path: String) -> [ExpectedFile] {
        let all =
            registry.segments.map { ($0.key, Optional($0.value.fingerprint)) }
            + registry.unreadable.map { ($0.key, $0.value) }
        let files = all.map { index, fingerprint in
            ExpectedFile(
                path: "\(Self.controlPath)/\(RegistrySegment.fileName(index))", role: .registry, root: nil,
                fingerprint: fingerprint
            )
        }
        if path == Self.controlPath { return files }
        if let known = files.first(where: { $0.path == path }) { return [known] }
        // A segment that the snapshot does not know.
        let name = String(path.dropFirst(Self.controlPath.count + 1))
        guard RegistrySegment.index(ofFileName: name) != nil else { return [] }
        return [ExpectedFile(path: path, role: .registry, root: nil, fingerprint: nil)]
    }
}

extension Asset {
    /// Its declaration, and its inputs that were there or should be.
    package var expectedFiles: [ExpectedFile] {
        [
            ExpectedFile(
                path: declarationPath, role: .declaration, root: root, uuid: uuid, fingerprint: declarationFingerprint
            )
        ]
            + inputs.filter { Declaration.isInputPath($0.path) }.map {
                ExpectedFile(path: root.path + "/" + $0.path, role: .input, root: root, fingerprint: $0.fingerprint)
            }
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

import Glibc
import LinuxFiles
import PackerModel
import WorkspaceFormat

/// What differs between a snapshot and the disk, worked out without the ledger or the seam to the disk: one walk by
/// readdir(3) and lstat(2), then a comparison of its own. Shared are the snapshot's values, the hash function and the
/// parser of declarations.
struct DiffFromScratch {
    /// The paths and kinds that have to be flagged.
    var wanted: [BytePath: String] = [:]
    /// Inputs whose bytes nobody knew when they changed: flagged as modified or not, both may be right.
    var undecided: Set<BytePath> = []

    /// The bytes of inputs as they were when the snapshot was read.
    typealias Bytes = [BytePath: [UInt8]]

    private struct Entry {
        var status: stat
        var kind: Fingerprint.Kind {
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .symlink
            default: .other
            }
        }
    }

    private var missing: [BytePath: AssetUUID] = [:]
    private var appeared: [AssetUUID: [BytePath]] = [:]
    private let assets: String
    private var entries: [BytePath: Entry] = [:]

    init(_ snapshot: Snapshot, assets: String, inputs: Bytes) {
        self.assets = assets
        walk()
        var missing: [BytePath: AssetUUID] = [:]
        var known: Set<BytePath> = []
        snapshot.forEachAsset { asset in
            let declaration = BytePath(asset.declarationPath)
            guard known.insert(declaration).inserted else { return true }
            compare(declaration, asset.declarationFingerprint, bytes: nil)
            if wanted[declaration] == "missing" { missing[declaration] = asset.uuid }
            for input in asset.inputs where Declaration.isInputPath(input.path) && input.path != Declaration.fileName {
                let path = BytePath(asset.root.path + "/" + input.path)
                known.insert(path)
                compare(path, input.fingerprint, bytes: inputs[path])
            }
            return true
        }
        compareRegistry(snapshot)
        var appeared: [AssetUUID: [BytePath]] = [:]
        let control = BytePath(Snapshot.controlPath)
        for path in entries.keys where path.name == "asset.json" && !path.parent.isRoot && !control.contains(path) {
            if !known.contains(path) { wanted[path] = "appeared" }
            // One that the snapshot knows as missing appears as well.
            if wanted[path] == "appeared", let uuid = uuid(at: path) { appeared[uuid, default: []].append(path) }
        }
        for (path, uuid) in missing where appeared[uuid]?.count == 1 { wanted[path] = "moved" }
        self.missing = missing
        self.appeared = appeared
    }

    /// Where the identities of missing declarations stand now.
    func explain(_ paths: some Sequence<BytePath>) -> String {
        paths.compactMap { path in missing[path].map { "; \(path) has \($0), now at \(appeared[$0] ?? [])" } }.joined()
    }

    /// The bytes of every input that is as the snapshot says.
    static func bytes(_ snapshot: Snapshot, assets: String) -> Bytes {
        var found: Bytes = [:]
        snapshot.forEachAsset { asset in
            for input in asset.inputs where input.fingerprint?.kind == .file {
                let path = BytePath(asset.root.path + "/" + input.path)
                if let bytes = read(assets, path) { found[path] = bytes }
            }
            return true
        }
        return found
    }

    private mutating func compare(_ path: BytePath, _ expected: Fingerprint?, bytes: [UInt8]?) {
        guard let expected else {
            if entries[path] != nil { wanted[path] = "appeared" }
            return
        }
        guard let seen = entries[path] else {
            wanted[path] = "missing"
            return
        }
        if seen.kind != expected.kind {
            wanted[path] = "typeChanged"
            return
        }
        guard seen.kind == .file else { return }
        let status = seen.status
        let isExecutable = status.st_mode & S_IXUSR != 0
        if isExecutable != expected.isExecutable || UInt64(status.st_size) != expected.size {
            wanted[path] = "modified"
        } else if let digest = expected.digest {
            let now = ContentDigest(of: Self.read(assets, path) ?? [])
            if (now.low, now.high) != (digest.low, digest.high) { wanted[path] = "modified" }
        } else if let bytes {
            if Self.read(assets, path) != bytes { wanted[path] = "modified" }
        } else if UInt64(status.st_ino) != expected.inode || nanoseconds(status.st_mtim) != expected.modified
            || nanoseconds(status.st_ctim) != expected.changed
        {
            undecided.insert(path)
        }
    }

    private mutating func compareRegistry(_ snapshot: Snapshot) {
        let control = BytePath(Snapshot.controlPath)
        var segments = Set(snapshot.registry.segments.keys).union(snapshot.registry.unreadable.keys)
        for path in entries.keys where path.parent == control {
            if let name = path.name.text, let index = RegistrySegment.index(ofFileName: name) { segments.insert(index) }
        }
        for index in segments {
            let path = control.appending(BytePath(RegistrySegment.fileName(index)))
            let expected = snapshot.registry.segments[index]?.fingerprint ?? snapshot.registry.unreadable[index] ?? nil
            compare(path, expected, bytes: nil)
            if wanted[path] != nil { wanted[path] = "registryModified" }
        }
    }

    // MARK: The disk

    private mutating func walk() {
        var top = stat()
        guard lstat(assets, &top) == 0 else { return }
        var folders = [BytePath.root]
        while let folder = folders.popLast() {
            guard let stream = opendir(Self.full(assets, folder)) else { continue }
            defer { closedir(stream) }
            while let raw = readdir(stream) {
                let bytes = withUnsafeBytes(of: &raw.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
                let name = BytePath(bytes: bytes)
                // Nobody can declare a name that is not UTF-8.
                if name == "." || name == ".." || name.text == nil { continue }
                let path = folder.appending(name)
                var status = stat()
                guard lstat(Self.full(assets, path), &status) == 0 else { continue }
                let entry = Entry(status: status)
                entries[path] = entry
                // Another filesystem is not part of the project.
                if entry.kind == .folder, status.st_dev == top.st_dev { folders.append(path) }
            }
        }
    }

    private static func full(_ assets: String, _ path: BytePath) -> String {
        path.isRoot ? assets : assets + "/" + (path.text ?? "")
    }

    private static func read(_ assets: String, _ path: BytePath) -> [UInt8]? {
        let file = Glibc.open(full(assets, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    private func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }

    private func uuid(at path: BytePath) -> AssetUUID? {
        guard entries[path]?.kind == .file, let bytes = Self.read(assets, path) else { return nil }
        return DeclarationFormat().read(bytes, path: path.description).uuid
    }
}

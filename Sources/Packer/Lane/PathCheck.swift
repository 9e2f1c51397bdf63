import CommitDirectory
import LinuxFiles
import PackerModel

/// Checks on disk, right before a commit, that a plan's expectations hold.
struct PathCheck {
    let assets: Handle
    let disk: any Disk

    /// - Parameter looksAhead: whether files are looked at that are read anyway before they are edited.
    func require(_ expectations: some Sequence<Expectation>, looksAhead: Bool) throws(PackerError) {
        for expectation in expectations {
            if case .edited = expectation, !looksAhead { continue }
            try require(expectation)
        }
    }

    private func require(_ expectation: Expectation) throws(PackerError) {
        let path = BytePath(expectation.path)
        switch expectation {
        case .absent:
            guard let status = try status(of: path) else { return }
            throw PackerError(
                .rootOccupied, "\"\(path)\" is there already (\(status.kind))", paths: [path.description],
                remedy: "Choose another root, or move away what is there."
            )
        case .folderOrAbsent:
            guard let status = try status(of: path), status.kind != .folder else { return }
            throw PackerError(
                .rootOccupied, "\"\(path)\" is there already and is no folder", paths: [path.description],
                remedy: "Choose another root, or move away what is there."
            )
        case .folder:
            if try status(of: path)?.kind == .folder { return }
            throw Self.diverged([path.description])
        case .file(_, let fingerprint), .edited(_, let fingerprint):
            _ = try identity(of: path, expecting: fingerprint)
        }
    }

    /// The file's identity, if it still is what the snapshot says.
    func identity(of path: BytePath, expecting fingerprint: Fingerprint) throws(PackerError) -> FileIdentity {
        do throws(SystemError) {
            let file = try disk.open(path, in: assets, .read, at: PackerPoint.checkPath)
            var seen = Fingerprint(try disk.status(of: file, at: PackerPoint.checkPath))
            if let digest = fingerprint.digest, fingerprint.hasSameRecord(as: seen),
                seen.isExecutable == fingerprint.isExecutable
            {
                return FileIdentity(inode: seen.inode, digest: ContentDigest(digest))
            }
            if seen.kind == .file, fingerprint.compare(with: seen) == .needsDigest || fingerprint.digest == nil,
                let digest = try disk.digest(of: file, upTo: seen.size, at: PackerPoint.checkRead)
            {
                seen.digest = Fingerprint.Digest(digest)
                if fingerprint.compare(with: seen) == .same {
                    return FileIdentity(inode: seen.inode, digest: digest)
                }
            }
        } catch {
            if !error.isAbsent && !error.isObstructed { throw PackerError(error) }
        }
        throw try refusal(at: path)
    }

    /// The file's bytes and identity, if it still is what the snapshot says.
    func contents(
        of path: BytePath, expecting fingerprint: Fingerprint
    ) throws(PackerError) -> ([UInt8], FileIdentity) {
        do throws(SystemError) {
            let file = try disk.open(path, in: assets, .read, at: PackerPoint.checkPath)
            let status = try disk.status(of: file, at: PackerPoint.checkPath)
            if status.kind == .file,
                let bytes = try disk.readAll(
                    file, limit: Declaration.maximumBytes, sizeHint: Int(status.size), at: PackerPoint.checkRead)
            {
                let digest = ContentDigest(of: bytes)
                if fingerprint.compare(with: Fingerprint(status, digest: digest)) == .same {
                    return (bytes, FileIdentity(inode: status.inode, digest: digest))
                }
            }
        } catch {
            if !error.isAbsent && !error.isObstructed { throw PackerError(error) }
        }
        throw try refusal(at: path)
    }

    /// A link, a mount or a file in the way is told as that, and not as an edit.
    private func refusal(at path: BytePath) throws(PackerError) -> PackerError {
        _ = try status(of: path)
        return Self.diverged([path.description])
    }

    /// Nil where nothing stands; a refusal where a link, a mount or a file is in the way.
    func status(of path: BytePath) throws(PackerError) -> FileStatus? {
        do throws(SystemError) {
            let parent = try disk.openParent(of: path, in: assets, at: PackerPoint.checkPath)
            return try disk.status(of: path.name, in: parent, at: PackerPoint.checkPath)
        } catch {
            if error.code == SystemError.notThere { return nil }
            throw PackerError(error)
        }
    }

    static func diverged(_ paths: [String]) -> PackerError {
        PackerError(
            .diverged, "someone else changed \(paths.map { "\"\($0)\"" }.joined(separator: ", "))", paths: paths,
            remedy: "Refresh, look at their change, and try again."
        )
    }
}

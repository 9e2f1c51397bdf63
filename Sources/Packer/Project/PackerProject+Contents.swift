import LinuxFiles
import PackerModel

/// What stands at one path, by its bytes.
package struct FileLook: Sendable {
    /// With the digest where it is a file.
    package var fingerprint: Fingerprint
    /// Nil for what is no file, and for one that is longer than was asked for.
    package var bytes: [UInt8]?
}

extension PackerProject {
    /// Reads what stands at a path now, whatever the snapshot says. Blocks the thread while the disk is read.
    ///
    /// Stays beneath `assets/`, follows no link and changes nothing. A file that is written during the reading is
    /// read again, a few times.
    /// - Parameter path: relative to `assets/`.
    /// - Parameter limit: how many bytes of a file are handed over; longer ones are digested in pieces.
    /// - Returns: nil where nothing is, or where something else stands in the place of a folder on the way.
    /// - Throws: `disk.accessDenied`, `disk.pathInvalid` or `disk.failed` for what cannot be read.
    package func look(at path: String, keeping limit: Int = 0) throws(PackerError) -> FileLook? {
        do throws(SystemError) {
            return try Self.look(at: BytePath(path), in: core.assets, core.disk, keeping: limit)
        } catch {
            throw PackerError(error)
        }
    }

    private static let readings = 10

    private static func look(
        at path: BytePath, in assets: Handle, _ disk: any Disk, keeping limit: Int
    ) throws(SystemError) -> FileLook? {
        let folder: Handle
        do throws(SystemError) {
            folder = try disk.openParent(of: path, in: assets, at: PackerPoint.contentsLook)
        } catch {
            // What lies beyond a link, a mount or a file is not in the workspace.
            if error.isAbsent || error.isObstructed { return nil }
            throw SystemError(error.call, path, error.code)
        }
        for _ in 0..<readings {
            guard let status = try disk.status(of: path.name, in: folder, at: PackerPoint.contentsLook) else {
                return nil
            }
            if status.kind != .file { return FileLook(fingerprint: Fingerprint(status)) }
            do throws(SystemError) {
                guard let file = try disk.openIfPresent(path.name, in: folder, .read, at: PackerPoint.contentsLook)
                else { continue }
                let before = Fingerprint(try disk.status(of: file, at: PackerPoint.contentsLook))
                let bytes = limit > 0 ? try disk.readAll(file, limit: limit, at: PackerPoint.contentsRead) : nil
                let digest =
                    if let bytes { ContentDigest(of: bytes) } else {
                        try disk.digest(of: file, at: PackerPoint.contentsRead)
                    }
                var after = Fingerprint(try disk.status(of: file, at: PackerPoint.contentsLook))
                guard before.hasSameRecord(as: after) else { continue }
                after.digest = Fingerprint.Digest(digest)
                return FileLook(fingerprint: after, bytes: bytes)
            } catch {
                throw SystemError(error.call, path, error.code)
            }
        }
        throw SystemError("read", path, SystemError.busy)
    }
}

extension Fingerprint.Digest {
    /// XXH3-128.
    package init(of bytes: [UInt8]) { self.init(ContentDigest(of: bytes)) }
}

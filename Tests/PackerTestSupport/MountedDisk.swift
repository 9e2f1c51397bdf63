import Foundation

/// A small filesystem of a test's own, in an image file on a loop device; unmounted when the last reference goes.
public final class MountedDisk: Sendable {
    private let folder: TemporaryFolder
    public let path: String

    /// Why there can be none here; nil where there can.
    public static let obstacle: String? = {
        if !Fixtures.isRoot { return "mounting an image needs root" }
        for tool in ["mkfs.ext4", "mount", "umount"] where !Fixtures.has(tool) { return "\(tool) is not installed" }
        do {
            _ = try MountedDisk(megabytes: 8)
            return nil
        } catch {
            return "an image cannot be mounted here: \(error)"
        }
    }()

    public init(megabytes: Int) throws {
        folder = try TemporaryFolder("packer-disk")
        path = folder.path + "/mounted"
        let image = folder.path + "/image"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Fixtures.run("/usr/bin/env", ["truncate", "-s", "\(megabytes)M", image])
        // No blocks kept for root: the disk is full for everybody at once.
        try Fixtures.run("/usr/bin/env", ["mkfs.ext4", "-q", "-m", "0", image])
        try Fixtures.run("/usr/bin/env", ["mount", "-o", "loop", image, path])
    }

    deinit { _ = try? Fixtures.run("/usr/bin/env", ["umount", "-l", path]) }

    public func remount(_ options: String) throws {
        try Fixtures.run("/usr/bin/env", ["mount", "-o", "remount,\(options)", path])
    }

    public func detach() throws { try Fixtures.run("/usr/bin/env", ["umount", "-l", path]) }

    /// Writes a file until nothing more fits, then gives some of it back.
    public func fill(leaving bytes: Int) throws {
        let name = path + "/filler"
        let file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(file) }
        var size: off_t = lseek(file, 0, SEEK_END)
        for step in [1 << 20, 1 << 16, 1 << 12, 1 << 10] {
            while posix_fallocate(file, size, off_t(step)) == 0 { size += off_t(step) }
        }
        if bytes > 0 { _ = ftruncate(file, max(0, size - off_t(bytes))) }
        fsync(file)
    }

    public func empty() throws { try FileManager.default.removeItem(atPath: path + "/filler") }
}

import Foundation
import LinuxFiles
import PackerTestSupport

/// A real filesystem on a device that can be set to anything a power cut may have left of it.
final class CutDisk: Sendable {
    struct Kind: Sendable {
        var name: String
        var megabytes: Int
        var format: [String]

        static let ext4 = Kind(name: "ext4", megabytes: 16, format: ["mkfs.ext4", "-q", "-E", "nodiscard"])
        // The smallest that mkfs makes.
        static let xfs = Kind(name: "xfs", megabytes: 300, format: ["mkfs.xfs", "-q", "-f", "-K"])
        static let btrfs = Kind(
            name: "btrfs", megabytes: 128, format: ["mkfs.btrfs", "-q", "-f", "-K", "-m", "single"])

        /// Why there can be none here; nil where there can.
        var obstacle: String? {
            if let obstacle = CutDisk.obstacle { return obstacle }
            if !Fixtures.has(format[0]) { return "\(format[0]) is not installed" }
            let known = "grep -qw \(name) /proc/filesystems || modprobe -nq \(name)"
            return (try? Fixtures.run("/usr/bin/env", ["sh", "-c", known])) == nil ? "the kernel has no \(name)" : nil
        }
    }

    private static let obstacle: String? = {
        if !Fixtures.isRoot { return "mounting an image needs root" }
        if !Fixtures.has("losetup") { return "losetup is not installed" }
        do {
            let folder = try TemporaryFolder("packer-cut")
            try folder.write("", to: "device")
            let device = try LoggedDevice(at: folder.path + "/device", size: 1 << 20)
            let loop = try Fixtures.run("/usr/bin/env", ["losetup", "-f", "--show", device.path])
            try Fixtures.run("/usr/bin/env", ["losetup", "-d", loop.trimmingCharacters(in: .whitespacesAndNewlines)])
            return nil
        } catch {
            return "there can be no device of our own here: \(error)"
        }
    }()

    let kind: Kind
    let device: LoggedDevice
    let path: String
    private let folder: TemporaryFolder
    private let loop: String

    init(_ kind: Kind) throws {
        self.kind = kind
        folder = try TemporaryFolder("packer-cut")
        path = folder.path + "/mounted"
        try folder.write("", to: "device")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        device = try LoggedDevice(at: folder.path + "/device", size: kind.megabytes << 20)
        loop = try Fixtures.run("/usr/bin/env", ["losetup", "-f", "--show", folder.path + "/device"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try Fixtures.run("/usr/bin/env", kind.format + [loop])
    }

    deinit {
        umount2(path, CInt(MNT_DETACH))
        _ = try? Fixtures.run("/usr/bin/env", ["losetup", "-d", loop])
    }

    func mount() throws(SystemError) {
        if Glibc.mount(loop, path, kind.name, 0, nil) != 0 { throw SystemError("mount", BytePath(path), errno) }
    }

    /// Waits for whoever still has a file open, ten seconds at most.
    func unmount() throws(SystemError) {
        let deadline = MonotonicClock.now() + 10_000_000_000
        while umount2(path, 0) != 0 {
            guard errno == EBUSY, MonotonicClock.now() < deadline else {
                throw SystemError("umount", BytePath(path), errno)
            }
            sched_yield()
        }
        // A mount namespace that another process made meanwhile keeps the filesystem mounted, and the next mount would be
        // the same one, with what it has in memory.
        while true {
            let file = open(loop, O_RDONLY | O_EXCL | O_CLOEXEC)
            if file >= 0 {
                close(file)
                return
            }
            guard errno == EBUSY, MonotonicClock.now() < deadline else {
                throw SystemError("open", BytePath(loop), errno)
            }
            sched_yield()
        }
    }
}

extension BlockImage {
    /// What a power cut behind the first `end` events leaves: all that a flush answered for, and some of the rest.
    /// - Parameter keeps: asked for each piece of 4 KiB that was written since the last flush.
    /// - Returns: also what tells this image from others of the same log.
    func cut(_ log: ArraySlice<BlockEvent>, flushed: Int, keeps: () -> Bool) -> (image: BlockImage, key: [Int]) {
        var image = self
        image.apply(log[..<flushed])
        var key = [flushed]
        for index in flushed..<log.endIndex {
            switch log[index] {
            case .flush: break
            case .punch(let offset, let count):
                if keeps() {
                    image.punch(at: offset, count: count)
                    key.append(index << 16)
                }
            case .write(let offset, let bytes):
                bytes.withUnsafeBytes { raw in
                    for start in stride(from: 0, to: raw.count, by: Self.blockSize) where keeps() {
                        let piece = UnsafeRawBufferPointer(
                            rebasing: raw[start..<min(start + Self.blockSize, raw.count)])
                        image.write(piece, at: offset + start)
                        key.append(index << 16 | start / Self.blockSize)
                    }
                }
            }
        }
        return (image, key)
    }

    private mutating func apply(_ events: ArraySlice<BlockEvent>) {
        for event in events {
            switch event {
            case .flush: break
            case .punch(let offset, let count): punch(at: offset, count: count)
            case .write(let offset, let bytes): bytes.withUnsafeBytes { write($0, at: offset) }
            }
        }
    }
}

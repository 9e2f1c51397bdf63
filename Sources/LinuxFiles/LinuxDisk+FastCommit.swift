import Glibc

extension LinuxDisk {
    /// ext4 lists the feature nowhere that is not root's alone. It counts what it did fast, and each exchange that it
    /// had to do slowly, in a file that anybody can read; without the feature every count stays 0.
    package func usesFastCommit(_ folder: Handle, at point: FaultPoint) throws(SystemError) -> Bool {
        let device = try status(of: folder, at: point).device
        guard let name = Self.blockDevice(major: device >> 32, minor: device & 0xffff_ffff) else { return false }
        return Self.hasFastCommits(Self.text("/proc/fs/ext4/\(name)/fc_info") ?? "")
    }

    /// - Parameter info: of /proc/fs/ext4/<device>/fc_info.
    package static func hasFastCommits(_ info: String) -> Bool {
        info.split(separator: "\n").contains { line in
            let count: Substring? =
                line.hasSuffix(" commits")
                ? line.split(separator: " ").first
                : line.hasPrefix("\"Cross rename\":") ? line.split(separator: "\t").last : nil
            return (count.flatMap { Int($0) } ?? 0) > 0
        }
    }

    /// As the kernel calls it, where a filesystem stands on one block device.
    private static func blockDevice(major: UInt64, minor: UInt64) -> String? {
        var target = [CChar](repeating: 0, count: 4096)
        let count = readlink("/sys/dev/block/\(major):\(minor)", &target, target.count)
        if count <= 0 { return nil }
        let path = String(decoding: target.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.split(separator: "/").last.map(String.init)
    }

    private static func text(_ path: String) -> String? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        if file < 0 { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

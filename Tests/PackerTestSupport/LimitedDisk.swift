import Foundation

/// A filesystem of a test's own whose room can be used up.
public protocol LimitedDisk: Sendable {
    var path: String { get }
    /// Uses up all room but so many bytes.
    func fill(leaving bytes: Int) throws
    /// Gives it back.
    func empty() throws
}

extension MountedDisk: LimitedDisk {}

/// A btrfs image on a loop device with a subvolume whose quota group has a limit, which holds for root, too.
public final class QuotaDisk: LimitedDisk {
    private let folder: TemporaryFolder
    private let mounted: String
    public let path: String

    /// Why there can be none here; nil where there can.
    public static let obstacle: String? = {
        if !Fixtures.isRoot { return "mounting an image needs root" }
        for tool in ["mkfs.btrfs", "btrfs", "mount", "umount"] where !Fixtures.has(tool) {
            return "\(tool) is not installed"
        }
        do {
            try QuotaDisk().fill(leaving: 0)
            return nil
        } catch {
            return "no quota can be set here: \(error)"
        }
    }()

    public init() throws {
        folder = try TemporaryFolder("packer-quota")
        mounted = folder.path + "/mounted"
        path = mounted + "/project"
        let image = folder.path + "/image"
        try FileManager.default.createDirectory(atPath: mounted, withIntermediateDirectories: false)
        try Fixtures.run("/usr/bin/env", ["truncate", "-s", "256M", image])
        try Fixtures.run("/usr/bin/env", ["mkfs.btrfs", "-q", "--mixed", image])
        try Fixtures.run("/usr/bin/env", ["mount", "-o", "loop", image, mounted])
        try Fixtures.run("/usr/bin/env", ["btrfs", "quota", "enable", mounted])
        try Fixtures.run("/usr/bin/env", ["btrfs", "subvolume", "create", path])
    }

    deinit { _ = try? Fixtures.run("/usr/bin/env", ["umount", "-l", mounted]) }

    public func fill(leaving bytes: Int) throws {
        // What was not written yet is not counted yet.
        try Fixtures.run("/usr/bin/env", ["btrfs", "filesystem", "sync", mounted])
        let shown = try Fixtures.run("/usr/bin/env", ["btrfs", "qgroup", "show", "--raw", "-f", path])
        guard let used = Int(try Self.words(shown)[1]) else {
            throw FixtureFailure(command: "btrfs qgroup show", output: shown)
        }
        try limit("\(used + bytes)")
    }

    public func empty() throws { try limit("none") }

    /// By the group's number, from outside: the request itself needs room in the subvolume that it is made in.
    private func limit(_ size: String) throws {
        let shown = try Fixtures.run("/usr/bin/env", ["btrfs", "qgroup", "show", "--raw", "-f", path])
        try Fixtures.run("/usr/bin/env", ["btrfs", "qgroup", "limit", size, Self.words(shown)[0], mounted])
    }

    /// The group's number, and how much it refers to.
    private static func words(_ shown: String) throws -> [String] {
        let line = shown.split(separator: "\n").last { $0.hasPrefix("0/") }
        guard let words = line?.split(separator: " ").map(String.init), words.count > 1 else {
            throw FixtureFailure(command: "btrfs qgroup show", output: shown)
        }
        return words
    }
}

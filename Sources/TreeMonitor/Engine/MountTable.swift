import LinuxFiles

/// What /proc/self/mountinfo says (proc_pid_mountinfo(5)). Paths are relative to the process's root.
struct MountTable {
    struct Mount: Hashable {
        var id: UInt64
        var parent: UInt64
        var point: BytePath
    }

    private let mounts: [Mount]

    init(_ text: [UInt8]) {
        mounts = text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count == 6, let id = Self.number(fields[0]), let parent = Self.number(fields[1]),
                fields[4].first == UInt8(ascii: "/")
            else { return nil }
            return Mount(id: id, parent: parent, point: Self.unescaped(fields[4].dropFirst()))
        }
    }

    var isEmpty: Bool { mounts.isEmpty }

    func contains(_ id: UInt64) -> Bool { mounts.contains { $0.id == id } }

    /// The mount in which a path ends, walking down from the root as the kernel does.
    func mount(showing path: BytePath) -> UInt64? {
        let ids = Set(mounts.map(\.id))
        guard var current = mounts.first(where: { $0.point.isRoot && !ids.contains($0.parent) }) else { return nil }
        // Each step goes to a mount that has not been met: a table read while it changes cannot hold us.
        for _ in mounts {
            let over = mounts.filter { $0.parent == current.id && $0.id != current.id && $0.point.contains(path) }
            guard let next = over.min(by: { $0.point.bytes.count < $1.point.bytes.count }) else { break }
            current = next
        }
        return current.id
    }

    /// Every mount beneath a folder, but not on it, with its point relative to the folder.
    func mounts(beneath folder: BytePath) -> Set<Mount> {
        var found: Set<Mount> = []
        for mount in mounts where folder.contains(mount.point) && mount.point != folder {
            let rest = folder.isRoot ? mount.point.bytes[...] : mount.point.bytes[(folder.bytes.count + 1)...]
            found.insert(Mount(id: mount.id, parent: mount.parent, point: BytePath(bytes: Array(rest))))
        }
        return found
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        UInt64(String(decoding: digits, as: UTF8.self))
    }

    /// The kernel writes space, tab, line feed and backslash as three octal digits.
    private static func unescaped(_ field: ArraySlice<UInt8>) -> BytePath {
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return BytePath(bytes: bytes)
    }
}

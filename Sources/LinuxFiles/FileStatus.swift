import Glibc

package enum FileKind: UInt8, Sendable {
    case file, folder, symlink, other
}

/// What statx(2) says of one name, with times in nanoseconds since 1970.
package struct FileStatus: Equatable, Sendable {
    package var kind: FileKind
    package var permissions: UInt32
    package var size: UInt64
    package var inode: UInt64
    package var device: UInt64
    package var mount: UInt64
    package var modified: Int64
    package var changed: Int64
    package var links: UInt32
    package var owner: UInt32
    package var group: UInt32

    package init(
        kind: FileKind,
        permissions: UInt32,
        size: UInt64,
        inode: UInt64,
        device: UInt64,
        mount: UInt64,
        modified: Int64,
        changed: Int64,
        links: UInt32,
        owner: UInt32,
        group: UInt32
    ) {
        self.kind = kind
        self.permissions = permissions
        self.size = size
        self.inode = inode
        self.device = device
        self.mount = mount
        self.modified = modified
        self.changed = changed
        self.links = links
        self.owner = owner
        self.group = group
    }

    package var isExecutable: Bool { permissions & 0o100 != 0 }

    package static func kind(mode: UInt32) -> FileKind {
        switch mode & UInt32(S_IFMT) {
        case UInt32(S_IFREG): .file
        case UInt32(S_IFDIR): .folder
        case UInt32(S_IFLNK): .symlink
        default: .other
        }
    }
}

package struct DirectoryEntry: Sendable {
    package var name: BytePath
    /// Nil where the filesystem does not say in its listing.
    package var kind: FileKind?

    package init(name: BytePath, kind: FileKind?) {
        self.name = name
        self.kind = kind
    }
}

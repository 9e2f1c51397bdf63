import LinuxFiles
import Testing

@testable import TreeMonitor

@Suite("mount table")
struct MountTableTests {
    private static let table = MountTable(
        Array(
            """
            21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
            22 21 0:5 / /proc rw - proc proc rw
            30 21 8:2 / /home/a\\040b rw - ext4 /dev/sda2 rw
            31 30 0:40 / /home/a\\040b/project/cache rw - tmpfs none rw
            40 21 0:41 / /hidden/inner rw - tmpfs none rw
            41 21 0:42 / /hidden rw - tmpfs none rw
            50 21 0:43 / /twice rw - tmpfs none rw
            51 50 0:44 / /twice rw - tmpfs none rw
            not a mount

            """.utf8
        )
    )

    @Test(
        "a path ends in the mount that the kernel would walk into",
        arguments: [
            ("etc", 21), ("home/a b", 30), ("home/a b/project", 30), ("home/a b/project/cache/x", 31),
            ("home/a bc", 21), ("twice/x", 51), ("hidden/inner/x", 41), ("", 21),
        ] as [(BytePath, UInt64)]
    )
    func showing(path: BytePath, mount: UInt64) {
        #expect(Self.table.mount(showing: path) == mount)
    }

    @Test("mounts beneath a folder are told by their place in it, a mount on the folder itself is not one")
    func beneath() {
        #expect(Self.table.mounts(beneath: "home/a b").map(\.point) == ["project/cache"])
        #expect(Self.table.mounts(beneath: "home").map(\.point).sorted() == ["a b", "a b/project/cache"])
        #expect(Self.table.mounts(beneath: "etc").isEmpty)
    }

    @Test("inside a chroot that is no mount of its own, no mount is said to show a path")
    func chroot() {
        let table = MountTable(Array("22 21 0:5 / /proc rw - proc proc rw\n".utf8))
        #expect(table.mount(showing: "etc") == nil)
        #expect(!table.contains(21))
    }
}

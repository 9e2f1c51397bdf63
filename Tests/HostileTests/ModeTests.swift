import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

private let hasPython = Fixtures.has("python3")

@Suite("Modes, owners and attributes")
struct ModeTests {
    private static func status(_ path: String) throws -> (mode: UInt32, owner: UInt32, group: UInt32) {
        var raw = stat()
        if lstat(path, &raw) != 0 { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return (raw.st_mode & 0o7777, raw.st_uid, raw.st_gid)
    }

    /// Mode, owner, group, and every extended attribute with its value: an ACL is one of them.
    private static func everything(_ path: String) throws -> String {
        let script =
            "import os,sys; p=sys.argv[1]; s=os.lstat(p)\n"
            + "print(oct(s.st_mode),s.st_uid,s.st_gid,sorted((n,os.getxattr(p,n)) for n in os.listxattr(p)))"
        return try Fixtures.run("/usr/bin/env", ["python3", "-c", script, path])
    }

    @Test(
        "a file that is replaced keeps its mode, owner, group, ACL and extended attributes",
        .enabled(if: hasPython, "attributes are set and read by Python, and python3 is not installed"),
        arguments: [0o640, 0o664, 0o4755, 0o2750] as [mode_t]
    )
    func replaced(_ mode: mode_t) async throws {
        let hostile = try await HostileProject()
        let files = ["group/victim/asset.json", ".prometeu/index.json"].map(hostile.path)
        // An ACL as acl(5) and Linux' posix_acl_xattr.h have it: one more user may read and write.
        let script = """
            import os,struct,sys
            p=sys.argv[1]
            try: os.setxattr(p,'user.comment',b'kept\\0as it is')
            except OSError as e: print('no user attributes there:',e)
            acl=struct.pack('<I',2)+b''.join(struct.pack('<HHI',*e) for e in
                [(1,6,0xffffffff),(2,6,12345),(4,4,0xffffffff),(16,6,0xffffffff),(32,0,0xffffffff)])
            try:
                if sys.argv[2]=='0o640': os.setxattr(p,'system.posix_acl_access',acl)
            except OSError as e: print('no ACLs there:',e)
            """
        for file in files {
            if Fixtures.isRoot { #expect(chown(file, 12_345, 23_456) == 0) }
            #expect(chmod(file, mode) == 0)
            print(
                try Fixtures.run("/usr/bin/env", ["python3", "-c", script, file, "0o" + String(mode, radix: 8)]),
                terminator: "")
        }
        let before = try files.map(Self.everything)
        let inodes = try files.map { try FileManager.default.attributesOfItem(atPath: $0)[.systemFileNumber] as? Int }
        let project = try await hostile.open()
        _ = try await project.submit([.update(.root(hostile.victim), [.name("Ours")]), .exclude(.root(hostile.victim))])
            .result
        await project.close()
        #expect(try files.map(Self.everything) == before)
        for (file, inode) in zip(files, inodes) {
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int != inode)
        }
    }

    /// Runs programs of this package one after the other, with an umask of their own.
    private static func run(_ umask: String, _ commands: [[String]]) throws {
        let lines = try commands.map { command in
            try ([Programs.path(command[0])] + command.dropFirst()).map { "'\($0)'" }.joined(separator: " ")
        }
        try Fixtures.run(
            "/bin/sh", ["-c", "umask \(umask)\n" + lines.joined(separator: " >/dev/null || exit 1\n") + " >/dev/null"])
    }

    @Test(
        "new files and folders follow the umask, and nobody else writes to the lock, the journal and the shadow folder",
        arguments: ["000", "002", "022", "027", "077"]
    )
    func umask(_ text: String) throws {
        let mask = try #require(UInt32(text, radix: 8))
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o777)
        try Self.run(
            text,
            [
                ["prometeu-packer", "init", folder.path],
                ["prometeu-packer", "create", folder.path, "deep/down/one", "--type", "data"],
                ["prometeu-packer", "create", folder.path, "two", "--type", "data"],
                ["prometeu-packer", "update", folder.path, "two", "--set", "name=Two"],
                ["prometeu-packer", "delete", folder.path, "two"],
            ])
        let files = ["deep/down/one/asset.json", ".prometeu/index.json", ".prometeu/.gitignore"]
        for file in files {
            #expect(try Self.status(folder.path + "/assets/" + file).mode == 0o666 & ~mask, "\(file)")
        }
        for place in ["", "/deep", "/deep/down", "/deep/down/one"] {
            #expect(try Self.status(folder.path + "/assets" + place).mode == 0o777 & ~mask, "\(place)")
        }
        let control = folder.path + "/assets/.prometeu"
        #expect(try Self.status(control).mode == 0o755 & ~mask)
        #expect(try Self.status(control + "/journal").mode == 0o600 & ~mask)
        for place in ["shadow", "trash"] { #expect(try Self.status(control + "/" + place).mode == 0o700 & ~mask) }
        for operation in try FileManager.default.contentsOfDirectory(atPath: control + "/trash") {
            #expect(try Self.status(control + "/trash/" + operation).mode == 0o700 & ~mask)
        }
    }

    @Test("what a crash leaves, and what is kept of it, is not for others to write, under any umask")
    func afterCrash() throws {
        let folder = try TemporaryFolder()
        let killed = try Programs.path("crash-child")
        try Self.run("000", [["prometeu-packer", "init", folder.path]])
        let control = folder.path + "/assets/.prometeu"
        let crash = "umask 000; '\(killed)' '\(folder.path)' 9 commit.swap.rename 4 >/dev/null 2>&1; true"
        try Fixtures.run("/bin/sh", ["-c", crash])
        #expect(try Self.status(control + "/owner").mode == 0o644)
        #expect(try !FileManager.default.contentsOfDirectory(atPath: control + "/shadow").isEmpty)
        // Without its journal nobody knows what the staged files are: they are kept.
        try folder.remove("assets/.prometeu/journal")
        try Fixtures.run("/bin/sh", ["-c", "umask 000; '\(killed)' '\(folder.path)' 0 >/dev/null"])
        for place in ["shadow", "conflicts", "conflicts/unclaimed"] {
            #expect(try Self.status(control + "/" + place).mode == 0o700)
        }
        #expect(try Self.status(control + "/journal").mode == 0o600)
        #expect(try !FileManager.default.contentsOfDirectory(atPath: control + "/conflicts/unclaimed").isEmpty)
    }
}

/// What a plain user meets: root reads everything, so a child without its rights looks.
@Suite(
    "What may not be read",
    .enabled(
        if: Fixtures.isRoot && Fixtures.has("setpriv"), "needs root and setpriv(1) to run a program as another user"))
struct RightsTests {
    private func asNobody(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let program = try Programs.path("prometeu-packer")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }

    /// A project that is nobody's own, but for one place.
    private func project(_ place: String, _ mode: mode_t) async throws -> HostileProject {
        let hostile = try await HostileProject()
        try Fixtures.run("/usr/bin/env", ["chown", "-R", "65534:65534", hostile.folder.path])
        #expect(chown(hostile.path(place), 0, 0) == 0)
        #expect(chmod(hostile.path(place), mode) == 0)
        return hostile
    }

    @Test(
        "is told with its place, and costs nothing else",
        arguments: [
            ("group/victim", "entry.unreadable"), ("group/victim/asset.json", "declaration.unreadable"),
            ("group", "entry.unreadable"), (".prometeu/index.json", "registry.unreadable"),
            (".prometeu/trash", "trash.unreadable"),
        ]
    )
    func unreadable(_ place: String, _ code: String) async throws {
        let hostile = try await HostileProject()
        if place == ".prometeu/trash" { mkdir(hostile.path(place), 0o700) }
        try Fixtures.run("/usr/bin/env", ["chown", "-R", "65534:65534", hostile.folder.path])
        #expect(chown(hostile.path(place), 0, 0) == 0 && chmod(hostile.path(place), 0) == 0)
        let (status, output) = try asNobody(["refresh", hostile.folder.path, "--json"])
        let list =
            try asNobody(["list", hostile.folder.path, "--json"]).output
            + asNobody(["show", hostile.folder.path, "group/victim", "--json"]).output
        #expect((output + list).contains("\"\(code)\""), "status \(status): \(output) \(list)")
        #expect(list.contains("\"root\":\"other\""), "\(list)")
    }

    @Test(
        "is not written either: the command is refused with its place, and nothing is changed",
        arguments: ["group/victim", ".prometeu", ".prometeu/shadow", ".prometeu/journal"]
    )
    func unwritable(_ place: String) async throws {
        let hostile = try await project(place, place == ".prometeu/journal" ? 0o600 : 0o755)
        let before = try hostile.folder.contents(except: ["assets/.prometeu/owner", "assets/.prometeu/journal"])
        let (status, output) = try asNobody([
            "update", hostile.folder.path, "group/victim", "--set", "name=Ours", "--json",
        ])
        #expect(status != 0)
        #expect(output.contains("disk.accessDenied"), "\(output)")
        #expect(try hostile.folder.contents(except: ["assets/.prometeu/owner", "assets/.prometeu/journal"]) == before)
    }
}

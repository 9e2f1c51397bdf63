import Foundation
import Glibc
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("A commit on the real disk")
struct CommitTests {
    private let tree: RealTree
    private var bench: Bench { tree.bench }

    init() throws { tree = try RealTree() }

    @Test("a group of folders, new files, a replacement and a move stands whole, and survives its reopening")
    func wholeGroup() throws {
        try bench.create("old.txt", "old")
        try bench.makeFolder("from")
        try bench.create("from/inside", "inside")
        let (directory, recovery) = try bench.open()
        #expect(recovery.isEmpty)
        let large = String(repeating: "large", count: 20_000)
        try directory.commit(
            1,
            .makeFolder("a"),
            .makeFolder("a/b"),
            .create("a/b/new.txt", "new"),
            .create("a/large", large),
            .replace("old.txt", "other", in: bench),
            .moveFolder(from: "from", to: "a/to", inode: try #require(bench.status("from")).inode)
        )
        let expected: [BytePath: String?] = [
            "a": nil, "a/b": nil, "a/b/new.txt": "new", "a/large": large, "old.txt": "other", "a/to": nil,
            "a/to/inside": "inside",
        ]
        #expect(bench.everything() == expected)
        #expect(directory.uncheckpointed == 1)
        #expect(try directory.checkpoint().isEmpty)
        #expect(directory.uncheckpointed == 0)
        // What was displaced waits for the next replacement.
        #expect(bench.slots.count == 1)
        try directory.close()
        #expect(bench.slots.isEmpty)
        #expect(bench.everything() == expected)
        #expect(bench.conflicts.isEmpty)
    }

    @Test("a receipt tells what stands on disk")
    func receipt() throws {
        try bench.create("f", "1")
        let (directory, _) = try bench.open()
        let receipt = try directory.commit(1, .replace("f", "22", in: bench), .create("g", "333"))
        #expect(Set(receipt.written.keys) == ["f", "g"])
        for (path, written) in receipt.written {
            #expect(written.status == bench.status(path))
            #expect(written.digest == bench.identity(path).digest)
        }
    }

    @Test(
        "bytes that are not the base are met as a conflict, stay in place, and nothing of the group is seen",
        arguments: ["written in place", "replaced by another file of the same bytes", "removed", "a folder"]
    )
    func baseMismatch(how: String) throws {
        try bench.create("f", "base")
        try bench.create("g", "g")
        let (directory, _) = try bench.open()
        let step = CommitStep.replace("f", "ours", in: bench)
        let other = CommitStep.replace("g", "ours", in: bench)
        switch how {
        case "written in place": try bench.overwrite("f", "theirs")
        case "removed": try bench.remove("f")
        case "a folder":
            try bench.remove("f")
            try bench.makeFolder("f")
        default: try bench.replace("f", "base")
        }
        let before = bench.everything()
        let inode = bench.status("f")?.inode
        do {
            try directory.commit(1, .makeFolder("d"), .create("d/x", "x"), other, step)
            Issue.record("it was committed")
        } catch {
            guard case .conflict(let paths, let kept) = error else {
                Issue.record("another failure: \(error)")
                return
            }
            #expect(paths == ["f"])
            #expect(kept.isEmpty)
        }
        #expect(bench.everything() == before)
        #expect(bench.status("f")?.inode == inode)
        #expect(bench.slots.isEmpty)
        try directory.commit(2, .create("later", "later"))
        try directory.close()
    }

    @Test("a place that is taken is a conflict", arguments: ["file", "folder", "move"])
    func taken(kind: String) throws {
        try bench.create("there", "theirs")
        try bench.makeFolder("folder")
        let (directory, _) = try bench.open()
        let before = bench.everything()
        let inode = try #require(bench.status("folder")).inode
        let step: CommitStep =
            switch kind {
            case "file": .create("there", "ours")
            case "folder": .makeFolder("there")
            default: .moveFolder(from: "folder", to: "there", inode: inode)
            }
        #expect(throws: CommitFailure.self) { try directory.commit(1, .create("x", "x"), step) }
        #expect(bench.everything() == before)
        #expect(directory.brokenReason == nil)
    }

    @Test("a moved folder that is another one than was meant goes back")
    func otherFolder() throws {
        try bench.makeFolder("from")
        let (directory, _) = try bench.open()
        #expect(throws: CommitFailure.self) { try directory.commit(1, .moveFolder(from: "from", to: "to", inode: 1)) }
        #expect(bench.everything() == ["from": nil])
    }

    @Test("a replacement keeps the permissions and attributes of the file, and a new file obeys the umask")
    func attributes() throws {
        try bench.create("f", "base")
        let path = tree.path + "/f"
        #expect(chmod(path, 0o640) == 0)
        let hasAttributes = Attributes.set(path, "user.note", "kept")
        let (directory, _) = try bench.open()
        try directory.commit(1, .replace("f", "ours", in: bench), .create("g", "new"))
        #expect(bench.status("f")?.permissions == 0o640)
        // Another test may not change the process's umask meanwhile, so it is read from the kernel's own account.
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Umask:") })
        let mask = try #require(UInt32(line.dropFirst(6).trimmingCharacters(in: .whitespaces), radix: 8))
        #expect(bench.status("g")?.permissions == 0o666 & ~mask)
        if hasAttributes { #expect(Attributes.get(path, "user.note") == "kept") }
    }

    @Test("a displaced file that somebody still writes to is kept and reported")
    func openWriter() throws {
        try bench.create("f", "base")
        let (directory, _) = try bench.open()
        let writer = try bench.disk.open("f", in: bench.tree, .readWrite, at: Bench.point)
        try directory.commit(1, .replace("f", "ours", in: bench))
        try bench.disk.writeAll(Array("theirs, late".utf8), to: writer, at: Bench.point)
        let kept = try directory.checkpoint()
        #expect(kept.map(\.place) == ["f"])
        #expect(bench.read(Bench.control.appending(try #require(kept.first).keptAt)) == "theirs, late")
        #expect(bench.read("f") == "ours")
    }

    @Test("a second opener is refused and told the owner, until the first one is gone")
    func secondOpener() throws {
        do {
            let (directory, _) = try bench.open()
            do {
                _ = try bench.open()
                Issue.record("two writers")
            } catch {
                guard case .inUse(let owner) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(owner == "pid 4711 on host since 2025-11-22T22:46:34Z")
            }
            try directory.commit(1, .create("f", "f"))
        }
        #expect(try bench.open().recovery.completed == [Bench.key(1)])
    }

    @Test(
        "a filesystem that cannot hold a commit refuses the opening for writing, and nothing is changed",
        arguments: ["no exchange", "no flush", "another mount", "fast commits"])
    func unsupported(what: String) throws {
        try bench.create("f", "f")
        let disk = HookedDisk(bench.disk) { call in
            switch (what, call.name) {
            case ("no exchange", .rename): .fail(EINVAL)
            case ("no flush", .flush): .fail(EINVAL)
            case ("another mount", .open) where call.path == "shadow": .fail(EXDEV)
            case ("fast commits", .fastCommit): .swallow
            default: .proceed
            }
        }
        #expect {
            _ = try bench.open(through: disk)
        } throws: { error in
            if case OpenFailure.unsupported = error { true } else { false }
        }
        #expect(bench.everything() == ["f": "f"])
        #expect(try bench.open().recovery.isEmpty)
    }

    @Test("a filesystem that fails for another reason says that reason", arguments: [EIO, EACCES])
    func failing(code: CInt) throws {
        for name in [DiskCall.Name.rename, .flush] {
            let disk = HookedDisk(bench.disk) { $0.name == name ? .fail(code) : .proceed }
            #expect {
                _ = try bench.open(through: disk)
            } throws: { error in
                if case OpenFailure.system(let error) = error { error.code == code } else { false }
            }
        }
    }

    @Test("a clean close leaves nothing to recover and ends committing")
    func cleanClose() throws {
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .create("f", "f"))
            try directory.close()
            #expect(throws: CommitFailure.self) { try directory.commit(2, .create("g", "g")) }
        }
        #expect(bench.names(in: Bench.control) == ["journal", "shadow"])
        #expect(try bench.open().recovery.isEmpty)
    }

    @Test("what a killed process had committed is reported under its operations, and stands")
    func reopenedAfterKill() throws {
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .create("f", "1"))
            try directory.commit(2, .replace("f", "2", in: bench))
            try directory.commit(3, .replace("f", "3", in: bench))
        }
        let (directory, recovery) = try bench.open()
        #expect(recovery.completed == [Bench.key(1), Bench.key(2), Bench.key(3)])
        #expect(recovery.rolledBack.isEmpty && recovery.kept.isEmpty)
        #expect(bench.everything() == ["f": "3"])
        #expect(bench.slots.isEmpty)
        try directory.close()
    }

    @Test(
        "a folder that was renamed under a commit between its parts is left to its new name",
        arguments: [false, true]
    )
    func parentRenamed(isReplaced: Bool) throws {
        try bench.makeFolder("a")
        try bench.create("a/f", "base")
        let bench = bench
        let disk = HookedDisk(bench.disk) { call in
            if call.point == CommitPoint.swapRename.fault, call.path == "f" {
                try? bench.rename("a", to: "b")
                if isReplaced { try? bench.makeFolder("a") }
            }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        #expect(throws: CommitFailure.self) {
            try directory.commit(1, .create("x", "x"), .replace("a/f", "ours", in: bench))
        }
        let moved: [BytePath: String?] = ["b": nil, "b/f": "base"]
        #expect(bench.everything() == (isReplaced ? moved.merging(["a": nil] as [BytePath: String?]) { $1 } : moved))
        #expect(directory.brokenReason == nil)
    }
}

import Foundation
import Glibc
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("Displaced files that are written over")
struct RecycledFilesTests {
    private let tree: RealTree
    private var bench: Bench { tree.bench }

    init() throws {
        tree = try RealTree()
        try bench.create("f", "zero")
        try bench.create("g", "zero")
    }

    /// Replaces `f`, and lets a checkpoint follow. The file that was there at first is set aside by the first one, and
    /// may be written over behind the second.
    private func replace(_ directory: CommitDirectory, _ number: UInt64, _ text: String) throws {
        try directory.commit(number, .replace("f", text, in: bench))
        #expect(try directory.checkpoint().isEmpty)
    }

    @Test(
        "behind two checkpoints a replacement stands in a file that was displaced, whatever its length",
        arguments: ["four", "two", "", "a much longer one"]
    )
    func reused(text: String) throws {
        let first = try #require(bench.status("f")).inode
        let (directory, _) = try bench.open()
        try replace(directory, 1, "one!")
        try replace(directory, 2, "two!")
        #expect(bench.status("f")?.inode != first)
        try replace(directory, 3, text)
        #expect(bench.status("f")?.inode == first)
        #expect(bench.read("f") == text)
        try directory.close()
        #expect(bench.slots.isEmpty)
        #expect(bench.conflicts.isEmpty)
    }

    @Test("whoever still has a displaced file open goes on reading what it held")
    func reader() throws {
        let (directory, _) = try bench.open()
        let held = try bench.disk.open("f", in: bench.tree, .read, at: Bench.point)
        let first = try #require(bench.status("f")).inode
        for number in 1...4 { try replace(directory, UInt64(number), "text \(number)") }
        #expect(try bench.disk.readAll(held, at: Bench.point) == Array("zero".utf8))
        #expect(bench.status("f")?.inode != first)
        try directory.close()
        #expect(bench.slots.isEmpty)
    }

    @Test("whoever still has it mapped goes on seeing what it held")
    func mapped() throws {
        let (directory, _) = try bench.open()
        let file = open(tree.path + "/f", O_RDONLY)
        let map = try #require(mmap(nil, 4, PROT_READ, MAP_SHARED, file, 0))
        close(file)
        try #require(map != MAP_FAILED)
        defer { munmap(map, 4) }
        for number in 1...4 { try replace(directory, UInt64(number), "text \(number)") }
        #expect(Array(UnsafeRawBufferPointer(start: map, count: 4)) == Array("zero".utf8))
        try directory.close()
    }

    @Test(
        "what somebody wrote to one is kept, and the command takes a new file",
        arguments: ["soup", "longer than it was"])
    func written(text: String) throws {
        let (directory, _) = try bench.open()
        try replace(directory, 1, "one!")
        let slot = Bench.control.appending("shadow").appending(try #require(bench.slots.first))
        try replace(directory, 2, "two!")
        try bench.overwrite(slot, text)
        try directory.commit(3, .replace("f", "four", in: bench))
        #expect(bench.read("f") == "four")
        #expect(try directory.checkpoint().map(\.place) == ["f"])
        #expect(bench.conflicts == [text])
        try directory.close()
    }

    @Test("one whose permissions are others is not taken")
    func permissions() throws {
        let (directory, _) = try bench.open()
        try replace(directory, 1, "one!")
        try replace(directory, 2, "two!")
        let kept = bench.slots
        #expect(chmod(tree.path + "/g", 0o600) == 0)
        try directory.commit(3, .replace("g", "four", in: bench))
        #expect(bench.status("g")?.permissions == 0o600)
        #expect(kept.allSatisfy(bench.slots.contains))
        try directory.close()
    }

    @Test("one whose set-ID bits go when it is written over has them again")
    func setIDBits() throws {
        let model = ModelDisk()
        let bench = Bench(disk: model, tree: model.top)
        try bench.create("f", "zero")
        model.setPermissions(0o6755, of: try model.open("f", in: model.top, .read, at: Bench.point))
        let first = try #require(bench.status("f")).inode
        let (directory, _) = try bench.open()
        for number in 1...3 {
            try directory.commit(UInt64(number), .replace("f", "text \(number)", in: bench))
            #expect(try directory.checkpoint().isEmpty)
            #expect(bench.status("f")?.permissions == 0o6755)
        }
        #expect(bench.status("f")?.inode == first, "it was not written over")
        try directory.close()
    }

    @Test(
        "one with attributes that the replaced file has not loses them",
        .enabled(if: access("/usr/bin/setfattr", X_OK) == 0, "needs setfattr (apt-get install attr)")
    )
    func attributes() throws {
        try Self.run("setfattr", "-n", "user.note", "-v", "1", tree.path + "/f")
        let (directory, _) = try bench.open()
        try replace(directory, 1, "one!")
        #expect(try Self.run("getfattr", tree.path + "/f").contains("user.note"))
        let first = try #require(bench.slots.first)
        try replace(directory, 2, "two!")
        let slot = Bench.control.appending("shadow").appending(first)
        let taken = try #require(bench.status(slot)).inode
        #expect(try Self.run("getfattr", tree.path + "/\(slot)").contains("user.note"))
        try directory.commit(3, .replace("g", "three", in: bench))
        #expect(bench.status("g")?.inode == taken)
        #expect(try Self.run("getfattr", tree.path + "/g") == "")
        try directory.close()
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: String...) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/\(program)")
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self)
    }

    @Test("where somebody has emptied the shadow folder, new files serve")
    func emptied() throws {
        let (directory, _) = try bench.open()
        try replace(directory, 1, "one!")
        try replace(directory, 2, "two!")
        try bench.removeAll(Bench.control.appending("shadow"))
        try replace(directory, 3, "four")
        #expect(bench.read("f") == "four")
        #expect(bench.conflicts.isEmpty)
        try directory.close()
    }

    @Test("a disk that fails where one is taken fails the command, and the next takes it", arguments: [EIO, EMFILE])
    func failing(code: CInt) throws {
        let fails = Guarded(false)
        let disk = HookedDisk(bench.disk) { call in
            call.point == CommitPoint.stageRecycle.fault && fails.withLock({ $0 }) ? .fail(code) : .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        try replace(directory, 1, "one!")
        try replace(directory, 2, "two!")
        let slots = bench.slots
        fails.withLock { $0 = true }
        #expect(throws: CommitFailure.self) { try directory.commit(3, .replace("f", "four", in: bench)) }
        #expect(bench.read("f") == "two!")
        #expect(bench.slots == slots)
        fails.withLock { $0 = false }
        try replace(directory, 4, "four")
        #expect(bench.read("f") == "four")
        try directory.close()
    }
}

import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("The journal's file")
struct JournalFileTests {
    private let tree: RealTree
    private var bench: Bench { tree.bench }
    private let journal = Bench.control.appending("journal")

    init() throws { tree = try RealTree() }

    private func rewrite(_ change: (inout [UInt8]) throws -> Void) throws {
        var bytes = try #require(bench.bytes(journal))
        try change(&bytes)
        let file = try bench.disk.open(journal, in: bench.tree, .readWrite, at: Bench.point)
        try bench.disk.writeAll(bytes, to: file, at: Bench.point)
    }

    /// Commits without a checkpoint, as a killed process leaves them.
    private func leaveBehind(_ count: UInt64) throws {
        let (directory, _) = try bench.open()
        for number in 1...count { try directory.commit(number, .create(BytePath("f\(number)"), "text \(number)")) }
    }

    private func offsets(_ bytes: [UInt8]) -> [Int] {
        guard case .header(let header) = JournalHeader.read(bytes) else { return [] }
        var found: [Int] = []
        var offset = Int(header.start)
        while case .record(let record, let length) = Record.decode(bytes[offset...]), record.epoch == header.epoch {
            found.append(offset)
            offset += length
        }
        return found
    }

    @Test("it starts a new lap when it is full, and loses nothing")
    func laps() throws {
        let contents = String(repeating: "x", count: 3000)
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .create("f", "0" + contents))
            for number in 2...20 as ClosedRange<UInt64> {
                try directory.commit(number, .replace("f", "\(number)" + contents, in: bench))
            }
        }
        #expect(bench.status(journal)?.size == 1 << 14)
        let (directory, recovery) = try bench.open()
        #expect(recovery.completed.last == Bench.key(20))
        #expect(bench.everything() == ["f": "20" + contents])
        try directory.close()
    }

    @Test("an old lap is never taken for the new one, not even behind a torn record", arguments: [false, true])
    func oldLap(isTorn: Bool) throws {
        let contents = String(repeating: "x", count: 2500)
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .create("f", "1" + contents))
            for number in 2...5 as ClosedRange<UInt64> {
                try directory.commit(number, .replace("f", "\(number)" + contents, in: bench))
            }
            #expect(directory.uncheckpointed == 1)
            try directory.commit(6, .replace("f", "6", in: bench))
        }
        if isTorn { try rewrite { bytes in bytes[try #require(offsets(bytes).last) + 60] ^= 0xff } }
        let bytes = try #require(bench.bytes(journal))
        guard case .header(let header) = JournalHeader.read(bytes) else { return }
        let old = stride(from: Int(JournalHeader.length), to: bytes.count, by: Record.alignment).filter { offset in
            guard case .record(let record, _) = Record.decode(bytes[offset...]) else { return false }
            return record.epoch < header.epoch
        }
        #expect(!old.isEmpty)
        let (directory, recovery) = try bench.open()
        #expect(recovery.completed == (isTorn ? [Bench.key(5)] : [Bench.key(5), Bench.key(6)]))
        #expect(bench.read("f") == "6")
        try directory.close()
        #expect(try bench.open().recovery.isEmpty)
    }

    @Test("it grows for a record that is larger than itself, and the record is recovered")
    func growth() throws {
        let contents = String(repeating: "y", count: 60_000)
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .create("f", contents))
        }
        #expect(try #require(bench.status(journal)).size > 60_000)
        try bench.remove("f")
        let (_, recovery) = try bench.open(boot: "next")
        #expect(recovery.completed == [Bench.key(1)])
        #expect(bench.everything() == ["f": contents])
    }

    @Test("removed while the directory is open, it is made anew and what follows is recovered from it")
    func removedWhileOpen() throws {
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .create("f", "f"))
            try bench.remove(journal)
            try directory.commit(2, .create("g", "g"))
            try directory.commit(3, .replace("g", "h", in: bench))
        }
        let (_, recovery) = try bench.open()
        #expect(recovery.completed == [Bench.key(2), Bench.key(3)])
        #expect(bench.everything() == ["f": "f", "g": "h"])
    }

    @Test("a shadow folder removed while the directory is open is made anew")
    func shadowRemoved() throws {
        try bench.create("f", "base")
        let (directory, _) = try bench.open()
        try directory.commit(1, .replace("f", "one", in: bench))
        try bench.removeAll(Bench.control.appending("shadow"))
        try directory.commit(2, .replace("f", "two", in: bench))
        #expect(try directory.checkpoint().isEmpty)
        #expect(bench.everything() == ["f": "two"])
        try directory.close()
    }

    @Test("a control folder that was replaced ends all writing")
    func controlReplaced() throws {
        let (directory, _) = try bench.open()
        try bench.rename(Bench.control, to: "away")
        try bench.makeFolder(Bench.control)
        #expect(throws: CommitFailure.self) { try directory.commit(1, .create("f", "f")) }
        #expect(directory.brokenReason != nil)
        #expect(bench.status("f") == nil)
    }

    @Test("a torn last record is as if it had never been")
    func tornTail() throws {
        try leaveBehind(3)
        try bench.remove("f3")
        try rewrite { bytes in
            let last = try #require(offsets(bytes).last)
            bytes[last + 60] ^= 0xff
        }
        let (directory, recovery) = try bench.open()
        #expect(recovery.completed == [Bench.key(1), Bench.key(2)])
        #expect(bench.everything() == ["f1": "text 1", "f2": "text 2"])
        try directory.commit(9, .create("g", "g"))
        try directory.close()
    }

    @Test("a damaged record before a whole one stops the open and changes nothing")
    func damaged() throws {
        try leaveBehind(3)
        try rewrite { bytes in bytes[offsets(bytes)[1] + 60] ^= 0xff }
        let before = bench.bytes(journal)
        do {
            _ = try bench.open()
            Issue.record("it opened")
        } catch {
            guard case .journalDamaged = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(bench.bytes(journal) == before)
    }

    @Test("a newer format stops the open")
    func newerFormat() throws {
        try leaveBehind(1)
        try rewrite { bytes in
            bytes[8] = 2
            var writer = ByteWriter()
            writer.put(ContentDigest.checksum(Array(bytes[0..<32])))
            bytes.replaceSubrange(32..<40, with: writer.bytes)
        }
        #expect {
            _ = try bench.open()
        } throws: { error in
            if case OpenFailure.journalNewerFormat(2) = error { true } else { false }
        }
    }

    /// The groups that a recovery would find now.
    private func unretired() throws -> [UnretiredCommit] {
        let bytes = try #require(bench.bytes(journal))
        guard case .header(let header) = JournalHeader.read(bytes) else { return [] }
        return UnretiredCommit.list(try JournalScan.lap(bytes, header).records).open
    }

    @Test("a group that moves a folder has the journal to itself, and others share it")
    func movesAlone() throws {
        try bench.makeFolder("a")
        let (directory, _) = try bench.open()
        func move(_ from: BytePath, _ to: BytePath) -> CommitStep {
            .moveFolder(from: from, to: to, inode: Workload.inode(from, bench))
        }
        try directory.commit(1, .create("f", "f"))
        try directory.commit(2, .create("g", "g"))
        #expect(try unretired().map(\.record.operations) == [[Bench.key(1)], [Bench.key(2)]])
        try directory.commit(3, move("a", "b"), .create("h", "h"))
        #expect(try unretired().map(\.record.operations) == [[Bench.key(3)]])
        try directory.commit(4, move("b", "c"))
        #expect(try unretired().map(\.record.operations) == [[Bench.key(4)]])
        try directory.commit(5, .create("i", "i"))
        #expect(try unretired().map(\.record.operations) == [[Bench.key(5)]])
        try directory.commit(6, .create("j", "j"))
        #expect(try unretired().count == 2)
        try directory.close()
        #expect(try unretired().isEmpty)
    }

    /// What a record has behind its last step.
    enum Tail: Int, CaseIterable, Sendable {
        case nothing = 0
        case mount = 8
        case mountAndSizes = 24
        case today = 48
    }

    @Test(
        "a record from before mounts were numbered is read, and its reader reads those of today",
        arguments: Tail.allCases, [0x1_2345_6789, nil])
    func earlierRecord(tail: Tail, mount: UInt64?) throws {
        func step(_ place: BytePath, _ inode: UInt64) -> RecordStep {
            RecordStep(
                kind: .replaceFile, place: place, other: "slot",
                base: FileIdentity(inode: inode, digest: ContentDigest(of: [1])), baseSize: 1,
                copied: FileAttributes(permissions: 0o640, owner: 3, group: 4), inode: 7)
        }
        let session = MountSession(bootID: "boot", mount: mount)
        let folder = RecordStep(kind: .makeFolder, place: "place", other: "slot", inode: 7)
        let today = CommitRecord(
            session: session, operations: [Bench.key(1)], steps: [step("a", 8), folder, step("b", 9)])
        var writer = ByteWriter()
        today.encode(to: &writer)
        var expected = today
        if tail.rawValue < Tail.mount.rawValue { expected.session.mount = nil }
        for index in [0, 2] {
            if tail.rawValue < Tail.mountAndSizes.rawValue { expected.steps[index].baseSize = nil }
            if tail.rawValue < Tail.today.rawValue { expected.steps[index].copied = nil }
        }
        // The end, and padding up to the next record.
        let bytes = writer.bytes.dropLast(Tail.today.rawValue - tail.rawValue)
        for padding in 0..<Record.alignment {
            var reader = ByteReader((bytes + [UInt8](repeating: 0, count: padding))[...])
            #expect(CommitRecord(from: &reader) == expected, "padding \(padding)")
        }
    }

    @Test("one header copy may be torn, both may not", arguments: [[0], [512], [0, 512]])
    func tornHeader(copies: [Int]) throws {
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .create("f", "f"))
            try directory.close()
        }
        try rewrite { bytes in for copy in copies { bytes[copy + 20] ^= 0xff } }
        if copies.count == 2 {
            #expect(throws: OpenFailure.self) { try bench.open() }
        } else {
            #expect(throws: Never.self) { try bench.open() }
        }
        #expect(bench.read("f") == "f")
    }

    @Test("the records of earlier openings stand until a whole file's worth was written behind them")
    func ring() throws {
        for number in 1...4 as ClosedRange<UInt64> {
            let (directory, _) = try bench.open()
            try directory.commit(number, .create(BytePath("f\(number)"), "text"))
            try directory.close()
        }
        let bytes = try #require(bench.bytes(journal))
        let kept = stride(from: Int(JournalHeader.length), to: bytes.count, by: Record.alignment).compactMap { offset in
            if case .record(let record, _) = Record.decode(bytes[offset...]) { record.sequence } else { nil }
        }
        #expect(kept == Array(1...8))
        guard case .header(let header) = JournalHeader.read(bytes) else { return }
        #expect(header.base == 8 && header.start > JournalHeader.length)
        #expect(try bench.open().recovery.isEmpty)
    }

    @Test("a header that sends its reader past the end of the file stops the open and changes nothing")
    func startPastTheEnd() throws {
        try leaveBehind(1)
        let header = JournalHeader(epoch: 9, base: 0, start: 1 << 20)
        try rewrite { $0.replaceSubrange(Int(header.position)..<(Int(header.position) + 512), with: header.encoded()) }
        let before = bench.bytes(journal)
        #expect {
            _ = try bench.open()
        } throws: { error in
            if case OpenFailure.journalDamaged = error { true } else { false }
        }
        #expect(bench.bytes(journal) == before)
    }

    @Test("a journal that is all zeros was never used, and is made anew")
    func zeros() throws {
        try bench.makeFolder(Bench.control)
        try bench.create(journal, String(repeating: "\0", count: 5000))
        let (directory, recovery) = try bench.open()
        #expect(recovery.isEmpty)
        try directory.commit(1, .create("f", "f"))
        try directory.close()
    }
}

import Foundation
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("Following a writer's journal")
struct JournalFollowerTests {
    private let tree: RealTree
    private let follower: JournalFollower
    private var bench: Bench { tree.bench }
    private let journal = Bench.control.appending("journal")

    init() throws {
        tree = try RealTree()
        follower = JournalFollower(tree: tree.bench.tree, controlName: Bench.control, disk: tree.bench.disk)
    }

    /// The operations that are told, in order; -1 where records are missing.
    private func told() throws -> [Int] {
        let update = try follower.poll()
        var operations = update.commits.filter(\.isFinished).flatMap(\.operations).map { Int($0.low) }
        if let gap = update.gap { operations.insert(-1, at: gap) }
        return operations
    }

    /// A commit of about a fourth of the journal.
    private func commitLarge(_ number: UInt64, _ directory: CommitDirectory) throws {
        try directory.commit(number, .create(BytePath("f\(number)"), String(repeating: "x", count: 3000)))
    }

    @Test("tells everything of a writer that has closed, and of those that came after it", arguments: [1, 2, 5])
    func closed(openings: UInt64) throws {
        #expect(try told() == [])
        for number in 1...openings {
            let (directory, _) = try bench.open()
            try directory.commit(number, .create(BytePath("f\(number)"), "text"))
            try directory.close()
        }
        #expect(try told() == Array(1...Int(openings)))
        #expect(try told() == [])
    }

    @Test("tells everything of a lap that ended before it was read")
    func lap() throws {
        let (directory, _) = try bench.open()
        #expect(try told() == [])
        for number in 1...2 as ClosedRange<UInt64> { try commitLarge(number, directory) }
        #expect(try told() == [1])
        for number in 3...4 as ClosedRange<UInt64> { try commitLarge(number, directory) }
        try directory.checkpoint()
        let bytes = try #require(bench.bytes(journal))
        guard case .header(let header) = JournalHeader.read(bytes) else { return }
        #expect(header.epoch == 2)
        #expect(try told() == [2, 3, 4])
        try directory.close()
    }

    @Test("says where records are missing after a writer has come round unread, and goes on from there")
    func severalLaps() throws {
        let (directory, _) = try bench.open()
        try commitLarge(1, directory)
        _ = try told()
        for number in 2...20 as ClosedRange<UInt64> { try commitLarge(number, directory) }
        try directory.checkpoint()
        let after = try told()
        #expect(after.prefix(2) == [1, -1])
        #expect(Array(after.dropFirst(2)) == Array((22 - after.count + 1)...20))
        try commitLarge(21, directory)
        try directory.close()
        #expect(try told() == [21])
    }

    @Test("what was collected in time is told, however often the writer comes round before it is asked for")
    func collected() throws {
        let (directory, _) = try bench.open()
        for number in 1...20 as ClosedRange<UInt64> {
            try commitLarge(number, directory)
            try follower.collect()
        }
        try directory.close()
        #expect(try told() == Array(1...20))
    }

    @Test("goes on from a killed writer to its recovery and to those who commit after it", arguments: [false, true])
    func killed(isReadBetween: Bool) throws {
        do {
            let (directory, _) = try bench.open()
            #expect(try told() == [])
            for number in 1...3 as ClosedRange<UInt64> {
                try directory.commit(number, .create(BytePath("f\(number)"), "text"))
            }
        }
        if isReadBetween { #expect(try told() == [1, 2]) }
        let (directory, recovery) = try bench.open()
        #expect(recovery.completed.count == 3)
        try directory.commit(4, .create("g", "g"))
        try directory.close()
        #expect(try told() == (isReadBetween ? [3, 4] : [1, 2, 3, 4]))
    }

    @Test("says what recovery took back after it was told", arguments: [false, true])
    func takenBack(isTold: Bool) throws {
        do {
            let (directory, _) = try bench.open()
            #expect(try told() == [])
            try directory.commit(1, .create("f", "ours"))
        }
        if isTold { #expect(follower.adopt(try #require(try follower.poll().commits.last))) }
        // Foreign bytes under the name, and the slot of another boot: the group gives way.
        try bench.remove("f")
        try bench.create("f", "theirs")
        let (directory, recovery) = try bench.open(boot: "next")
        #expect(recovery.rolledBack == [Bench.key(1)])
        let update = try follower.poll()
        #expect(update.takenBack == (isTold ? [1] : []))
        #expect(update.commits.isEmpty && update.gap == nil)
        try directory.close()
    }

    @Test("what is adopted is told once, and no more where it was taken back", arguments: [false, true])
    func adopted(isTakenBack: Bool) throws {
        let (directory, _) = try bench.open()
        #expect(try told() == [])
        try directory.commit(1, .create("f", "ours"))
        let unfinished = try #require(try follower.poll().commits.last)
        #expect(!unfinished.isFinished)
        // Meanwhile another thread has collected what came after it.
        if isTakenBack {
            try directory.journal.appendDurably(.abort(unfinished.sequence))
        } else {
            try directory.checkpoint()
        }
        try follower.collect()
        #expect(follower.adopt(unfinished) == !isTakenBack)
        #expect(try told() == [])
        #expect(try follower.poll().takenBack == [])
    }

    @Test("reads a journal that was removed to its end, and the one that the writer made in its place")
    func removed() throws {
        let (directory, _) = try bench.open()
        try directory.commit(1, .create("a", "a"))
        #expect(try told() == [])
        try directory.commit(2, .create("b", "b"))
        try bench.remove(journal)
        #expect(try told() == [1])
        try directory.commit(3, .create("c", "c"))
        try directory.close()
        #expect(try told() == [2, 3])
    }

    @Test("says that records may be missing where another journal stands that does not begin where the last one ended")
    func madeAnew() throws {
        for number in 1...2 as ClosedRange<UInt64> {
            let (directory, _) = try bench.open()
            if number == 1 { #expect(try told() == []) }
            try directory.commit(number, .create(BytePath("f\(number)"), "text"))
            try directory.close()
            if number == 1 { try bench.removeAll(Bench.control) }
        }
        #expect(try told() == [1, -1])
    }

    @Test("tells a journal that was made after the first look from its first record")
    func late() throws {
        #expect(try told() == [])
        let (directory, _) = try bench.open()
        for number in 1...3 as ClosedRange<UInt64> {
            try directory.commit(number, .create(BytePath("f\(number)"), "text"))
            try directory.checkpoint()
        }
        #expect(try told() == [1, 2, 3])
        try directory.close()
    }

    @Test(
        "at random moments, beside a writer that is opened, closed and killed: all of it in order, or a gap that is said",
        arguments: 0..<20)
    func random(seed: UInt64) throws {
        var random = Seeded(state: seed &+ 1)
        var directory: CommitDirectory?
        var (committed, next, gaps) = (0, 1, 0)
        _ = try told()
        for _ in 0..<120 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                try directory?.close()
                directory = nil
            // Killed: the lock goes with the handle.
            case 1: directory = nil
            case 2: try directory?.checkpoint()
            case 3..<5:
                for told in try told() {
                    if told == -1 {
                        gaps += 1
                        next = 0
                    } else {
                        #expect(next == 0 || told == next, "seed \(seed)")
                        next = told + 1
                    }
                }
            default:
                if directory == nil { directory = try bench.open().directory }
                committed += 1
                let text = String(repeating: "x", count: Int.random(in: 0..<2000, using: &random))
                try directory?.commit(UInt64(committed), .create(BytePath("f\(committed)"), text))
            }
        }
        if directory == nil { directory = try bench.open().directory }
        try directory?.close()
        let last = try told().last ?? next - 1
        #expect(last == committed || last == -1, "seed \(seed)")
        // The journal holds some ten of these commits: with a look at every fifth step, most of it is read in time.
        #expect(gaps < 10)
    }
}

private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

import Glibc
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("A file of a tebibyte that somebody puts where we look")
struct HugeFilesTests {
    private let tree: RealTree
    private let meter = Meter()
    private var bench: Bench { tree.bench }
    private var disk: HookedDisk { HookedDisk(bench.disk, meter.hook) }

    init() throws {
        tree = try RealTree()
        try bench.create("f", "base")
        try bench.create("g", "base")
    }

    /// Counts what is read of files, and ends it long before a tebibyte.
    private final class Meter: Sendable {
        private let state = Guarded((reads: 0, act: (@Sendable () -> Void)?.none, point: FaultPoint("")))

        func before(_ point: CommitPoint, _ act: @escaping @Sendable () -> Void) {
            state.withLock {
                $0.act = act
                $0.point = point.fault
            }
        }

        func hook(_ call: DiskCall) -> HookAction {
            let act = state.withLock { state -> (@Sendable () -> Void)? in
                if call.name == .read { state.reads += 1 }
                guard call.point == state.point else { return nil }
                defer { state.act = nil }
                return state.act
            }
            act?()
            return state.withLock { call.name == .read && $0.reads > 100 ? .fail(EIO) : .proceed }
        }

        var reads: Int { state.withLock { $0.reads } }
    }

    private static let huge: UInt64 = 1 << 40

    /// In place, as a writer that has it open would, or by another file.
    private static func grow(_ bench: Bench, _ path: BytePath, isOther: Bool) throws {
        if isOther { try bench.replace(path, "") }
        let file = try bench.disk.open(path, in: bench.tree, .readWrite, at: Bench.point)
        try bench.disk.truncate(file, to: huge, at: Bench.point)
    }

    /// A directory with one group in its journal whose process is gone.
    private func interrupted() throws {
        let (directory, _) = try bench.open()
        try directory.commit(1, .create("new", "new"), .replace("f", "ours", in: bench), .create("x", "x"))
    }

    @Test("displaced by a swap, it is back in its place, and not read", arguments: [false, true])
    func displaced(isOther: Bool) throws {
        let (directory, _) = try bench.open(through: disk)
        let bench = bench
        meter.before(.swapRename) { try? Self.grow(bench, "f", isOther: isOther) }
        #expect(throws: CommitFailure.self) {
            try directory.commit(1, .replace("f", "ours", in: bench), .create("new", "new"))
        }
        #expect(bench.status("f")?.size == Self.huge)
        #expect(bench.status("new") == nil)
        #expect(directory.brokenReason == nil)
        try directory.close()
        #expect(meter.reads < 50)
    }

    @Test("written into what was displaced, it is kept by the checkpoint, and not read")
    func late() throws {
        let (directory, _) = try bench.open(through: disk)
        do {
            let writer = try bench.disk.open("f", in: bench.tree, .readWrite, at: Bench.point)
            try directory.commit(1, .replace("f", "ours", in: bench))
            try bench.disk.truncate(writer, to: Self.huge, at: Bench.point)
        }
        let kept = try #require(try directory.checkpoint().first)
        #expect(bench.status(Bench.control.appending(kept.keptAt))?.size == Self.huge)
        #expect(bench.read("f") == "ours")
        #expect(meter.reads < 50)
    }

    @Test(
        "met by recovery at a place or in a slot, it stays or is kept, and is not read",
        arguments: ["place", "new place", "slot"], ["boot", "next"])
    func recovered(at spot: String, boot: String) throws {
        try interrupted()
        switch spot {
        case "place": try Self.grow(bench, "f", isOther: true)
        case "new place": try Self.grow(bench, "new", isOther: false)
        default:
            let slot = try #require(bench.slots.first)
            try Self.grow(bench, Bench.control.appending("shadow").appending(slot), isOther: false)
        }
        let (directory, recovery) = try bench.open(through: disk, boot: boot)
        let places = (["f", "new"] as [BytePath]) + recovery.kept.map { Bench.control.appending($0.keptAt) }
        #expect(places.contains { bench.status($0)?.size == Self.huge })
        try directory.close()
        #expect(meter.reads < 100)
    }

    @Test("lying where recovery keeps what gave way, it is passed by, and not read")
    func amongKept() throws {
        try interrupted()
        try bench.replace("new", "theirs")
        let folder = Bench.control.appending("conflicts")
        try bench.makeFolder(folder)
        let kept = folder.appending(Bench.key(1).folderName)
        try bench.makeFolder(kept)
        try bench.create(kept.appending("new"), "")
        try Self.grow(bench, kept.appending("new"), isOther: false)
        let (directory, recovery) = try bench.open(through: disk, boot: "next")
        #expect(recovery.kept.contains { $0.place == "new" && $0.keptAt.name == "new.2" })
        #expect(bench.status(kept.appending("new"))?.size == Self.huge)
        try directory.close()
        #expect(meter.reads < 100)
    }
}

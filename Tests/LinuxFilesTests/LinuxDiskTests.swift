import Foundation
import LinuxFiles
import Testing

@Suite("The real disk")
struct LinuxDiskTests {
    private final class Folder: Sendable {
        let path: String

        init() throws {
            var template = Array((NSTemporaryDirectory() + "linux-disk-XXXXXX").utf8CString)
            guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", .root, errno) }
            path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let folder: Folder
    private let disk = LinuxDisk()
    private let top: Handle
    private let point = FaultPoint("test")

    init() throws {
        folder = try Folder()
        top = try disk.openTop(folder.path)
    }

    private func create(_ name: BytePath, _ text: String) throws {
        let file = try disk.open(name, in: top, .create(permissions: 0o644), at: point)
        try disk.writeAll(Array(text.utf8), to: file, at: point)
    }

    private func read(_ name: BytePath, limit: Int = .max, sizeHint: Int = 4096) throws -> String? {
        let file = try disk.open(name, in: top, .read, at: point)
        return try disk.readAll(file, limit: limit, sizeHint: sizeHint, at: point).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func code(_ body: () throws -> Void) -> CInt? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SystemError)?.code
        }
    }

    @Test("never follows a symbolic link and never leaves the folder")
    func staysBeneath() throws {
        try create("file", "x")
        #expect(symlink("file", folder.path + "/link") == 0)
        #expect(symlink("/", folder.path + "/out") == 0)
        #expect(code { _ = try disk.open("link", in: top, .read, at: point) } == ELOOP)
        #expect(code { _ = try disk.open("out/etc", in: top, .folder, at: point) } == ELOOP)
        #expect(code { _ = try disk.open("../", in: top, .folder, at: point) } == EXDEV)
        #expect(try disk.status(of: "link", in: top, at: point)?.kind == .symlink)
    }

    @Test("a creation or a move never replaces anything")
    func noReplace() throws {
        try create("a", "a")
        try create("b", "b")
        #expect(code { try create("a", "again") } == EEXIST)
        #expect(code { try disk.rename("a", in: top, to: "b", in: top, .noReplace, at: point) } == EEXIST)
        #expect(try read("a") == "a")
        #expect(try read("b") == "b")
    }

    @Test("an exchange trades two names and needs both")
    func exchange() throws {
        try create("a", "a")
        try create("b", "b")
        let inode = try disk.status(of: "a", in: top, at: point)?.inode
        try disk.rename("a", in: top, to: "b", in: top, .exchange, at: point)
        #expect(try read("a") == "b")
        #expect(try disk.status(of: "b", in: top, at: point)?.inode == inode)
        #expect(code { try disk.rename("a", in: top, to: "c", in: top, .exchange, at: point) } == ENOENT)
    }

    @Test("a whole file is read whatever was guessed of its size, and not past the limit", arguments: [0, 1, 5, 4096])
    func reading(hint: Int) throws {
        let text = String(repeating: "0123456789", count: 1000)
        try create("f", text)
        #expect(try read("f", sizeHint: hint) == text)
        #expect(try read("f", limit: text.utf8.count, sizeHint: hint) == text)
        #expect(try read("f", limit: text.utf8.count - 1, sizeHint: hint) == nil)
        let file = try disk.open("f", in: top, .read, at: point)
        #expect(try disk.digest(of: file, at: point) == ContentDigest(of: Array(text.utf8)))
    }

    @Test("a listing has every entry with its kind, twice over")
    func listing() throws {
        for number in 0..<700 { try create(BytePath("file with a rather long name \(number)"), "") }
        try disk.makeFolder("folder", in: top, permissions: 0o755, at: point)
        for _ in 0..<2 {
            let entries = try disk.list(top, at: point)
            #expect(entries.count == 701)
            #expect(entries.filter { $0.kind == .folder }.map(\.name) == ["folder"])
            #expect(Set(entries.map(\.name)).count == 701)
        }
    }

    @Test("a lock holds for other descriptors until its own is closed")
    func locking() throws {
        do {
            let first = try disk.openTop(folder.path)
            #expect(try disk.lock(first, at: point))
            #expect(try !disk.lock(top, at: point))
        }
        #expect(try disk.lock(top, at: point))
    }

    @Test("a writer's descriptor is noticed, a reader's is not")
    func lease() throws {
        try create("f", "f")
        let file = try disk.open("f", in: top, .read, at: point)
        let reader = try disk.open("f", in: top, .read, at: point)
        #expect(try disk.isUnwatchedByWriters(file, at: point))
        do {
            let writer = try disk.open("f", in: top, .readWrite, at: point)
            #expect(try !disk.isUnwatchedByWriters(file, at: point))
            withExtendedLifetime(writer) {}
        }
        #expect(try disk.isUnwatchedByWriters(file, at: point))
        withExtendedLifetime(reader) {}
    }

    @Test("flushes answer in the order of their targets, from several threads at once", arguments: [1, 2, 40])
    func flushing(count: Int) throws {
        var targets: [FlushTarget] = []
        for number in 0..<count {
            let name = BytePath("f\(number)")
            try create(name, "text")
            targets.append(FlushTarget(try disk.open(name, in: top, .readWrite, at: point), at: point))
        }
        // A descriptor that is not open fails, and only that one.
        let broken = Handle(number: -1, path: "broken") { _ in }
        targets.insert(FlushTarget(broken, at: point), at: count / 2)
        let answers = disk.flush(targets)
        #expect(answers.count == count + 1)
        #expect(answers.indices.filter { answers[$0] != nil } == [count / 2])
        #expect(answers[count / 2]?.isOfFlush == true)
    }

    @Test("a fault is injected where its point is named, and nowhere else")
    func faults() throws {
        struct Injector: FaultInjector {
            func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
                switch point.name {
                case "fail": .fail(ENOSPC)
                case "short": .short(3)
                default: .proceed
                }
            }
        }
        let disk = LinuxDisk(faults: Injector())
        let file = try disk.open("f", in: top, .create(permissions: 0o644), at: point)
        let bytes = Array("12345".utf8)
        #expect(code { try disk.writeAll(bytes, to: file, at: FaultPoint("fail")) } == ENOSPC)
        #expect(try bytes.withUnsafeBytes { try disk.write($0, to: file, from: 0, at: FaultPoint("short")) } == 3)
        try disk.writeAll(bytes, to: file, at: FaultPoint("short"))
        #expect(try read("f") == "12345")
        #expect(code { _ = try disk.list(top, at: FaultPoint("fail")) } == ENOSPC)
        #expect(disk.flush([FlushTarget(file, at: FaultPoint("fail"))])[0]?.code == ENOSPC)
    }
}

@Suite("A value behind a lock")
struct GuardedTests {
    @Test("changes of many threads are all counted, and the one who waits is woken")
    func counting() {
        let counter = Guarded(0)
        let threads = (0..<8).map { number in
            DedicatedThread(name: "test-\(number)") {
                for _ in 0..<1000 { counter.signal { $0 += 1 } }
            }
        }
        #expect(counter.wait { $0 == 8000 ? $0 : nil } == 8000)
        for thread in threads { thread.join() }
    }

    @Test("a wait ends at its deadline")
    func deadline() {
        let value = Guarded(1)
        #expect(value.wait(until: MonotonicClock.now()) { $0 == 2 ? true : nil } == nil)
        #expect(value.wait(until: MonotonicClock.now() + 1_000_000) { $0 == 1 ? true : nil } == true)
    }
}

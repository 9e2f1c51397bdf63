import Glibc
import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("What other processes hold")
struct HeldFilesTests {
    private let tree: RealTree
    private var bench: Bench { tree.bench }

    init() throws { tree = try RealTree() }

    @Test(
        "an editor that has the displaced file mapped, and writes after the swap, keeps its bytes",
        arguments: ["a checkpoint", "a crash", "nothing"])
    func mapped(before end: String) throws {
        try bench.create("f", String(repeating: "b", count: 4096))
        let file = Glibc.open(tree.path + "/f", O_RDWR | O_CLOEXEC)
        let mapping = try #require(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
        try #require(mapping != MAP_FAILED)
        defer { munmap(mapping, 4096) }
        // A mapping outlives its descriptor.
        close(file)
        func write(_ text: String) { memcpy(mapping, text, text.utf8.count) }
        var kept: [KeptFile] = []
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .replace("f", "ours", in: bench))
            if end != "nothing" { write("theirs") }
            if end != "a crash" { kept = try directory.checkpoint() }
        }
        if end != "a crash" {
            #expect(kept.map(\.place) == ["f"])
            #expect(bench.read("f") == "ours")
        } else {
            // Nobody can tell then whether it was written before the swap was verified: theirs has the place.
            kept = try bench.open().recovery.kept
            #expect(kept.map(\.place) == ["f"])
            #expect(bench.conflicts == ["ours"])
        }
        let path = end != "a crash" ? Bench.control.appending(try #require(kept.first).keptAt) : "f"
        #expect(bench.read(path)?.hasPrefix(end == "nothing" ? "bbb" : "theirs") == true)
        write("even later")
        #expect(bench.read(path)?.hasPrefix("even later") == true)
    }

    @Test(
        "a forked child that outlives the runtime keeps the lock, and a second opener is told whose it was",
        arguments: [false, true])
    func forkedChild(isClosed: Bool) throws {
        let child: pid_t
        do {
            let (directory, _) = try bench.open()
            try directory.commit(1, .create("f", "f"))
            child = try forkSleeper()
            // A close gives the lock itself back, whoever else still has the descriptor.
            if isClosed { try directory.close() }
        }
        func endChild() {
            kill(child, SIGKILL)
            waitpid(child, nil, 0)
        }
        if isClosed {
            defer { endChild() }
            #expect(try bench.open().recovery.isEmpty)
            return
        }
        do {
            defer { endChild() }
            _ = try bench.open()
            Issue.record("two writers")
        } catch OpenFailure.inUse(let owner) {
            #expect(owner == "pid 4711 on host since 2025-11-22T22:46:34Z")
        }
        #expect(try bench.open().recovery.completed == [Bench.key(1)])
    }

    /// Swift hides fork(2), because little works in the child of a process with threads. Waiting for a signal does.
    private func forkSleeper() throws -> pid_t {
        typealias Call = @convention(c) () -> CInt
        let fork = unsafeBitCast(try #require(dlsym(nil, "fork")), to: Call.self)
        let pause = unsafeBitCast(try #require(dlsym(nil, "pause")), to: Call.self)
        let child = fork()
        if child == 0 { while true { _ = pause() } }
        try #require(child > 0)
        return child
    }
}

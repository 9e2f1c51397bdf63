import Foundation
import LinuxFiles
import PackerTestSupport
import Testing

@testable import TreeMonitor

extension TreeMonitorTests {
    @Suite("soak")
    struct Soak {
        @Test(
            "several writers at random, then quiet: who looked wherever a hint pointed knows the tree",
            arguments: 1...6
        )
        func mirror(seed: UInt64) async throws {
            let folder = try TemporaryFolder()
            for index in 0..<6 { try folder.makeFolder("f\(index)/g") }
            let mirror = Mirror(folder)
            let watch = try TreeMonitor.shared.watch(
                folder.top,
                disk: folder.disk,
                ignoring: { _ in false },
                hints: { mirror.follow($0) }
            )
            // No barrier before: the first walk is part of it.
            let writers = (0..<3).map { writer in
                DedicatedThread(name: "writer-\(writer)") {
                    var random = SplitMix(state: seed * 100 + UInt64(writer))
                    for step in 0..<400 { folder.change(step, &random) }
                }
            }
            for writer in writers { writer.join() }
            await watch.barrier()
            #expect(mirror.wrong() == [:])
            for path in try folder.folders() { try folder.write("\(path)/last") }
            await watch.barrier()
            #expect(mirror.wrong() == [:])
            watch.stop()
        }
    }
}

extension TemporaryFolder {
    /// One change somewhere in a small space of names, so that writers meet. What the kernel refuses is no change.
    fileprivate func change(_ step: Int, _ random: inout SplitMix) {
        func place() -> String {
            (0..<Int.random(in: 1...4, using: &random)).map { _ in "f\(Int.random(in: 0..<5, using: &random))" }
                .joined(separator: "/")
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: try? makeFolder(place())
        case 2: try? remove(place())
        case 3: _ = unlink(full(place()))
        case 4, 5: _ = Glibc.rename(full(place()), full(place()))
        case 6:
            try? disk.rename(
                BytePath(place()),
                in: top,
                to: BytePath(place()),
                in: top,
                .exchange,
                at: FaultPoint("soak")
            )
        default:
            guard let file = fopen(full(place()), "w") else { return }
            fputs(String(repeating: "x", count: step), file)
            fclose(file)
        }
    }
}

/// What a reader knows of a tree who looks where hints point, and nowhere else.
private final class Mirror: Sendable {
    struct Sight: Equatable {
        var kind: FileKind
        var inode: UInt64
        /// Zero for folders: their contents speak for them.
        var size: UInt64
        var modified: Int64
    }

    let seen = Guarded<[BytePath: Sight]>([:])
    private let folder: TemporaryFolder
    private static let point = FaultPoint("mirror")

    init(_ folder: TemporaryFolder) { self.folder = folder }

    func follow(_ hint: TreeHint) {
        seen.withLock { seen in
            switch hint {
            case .changed(let path):
                seen = seen.filter { !path.contains($0.key) }
                look(path, deep: true, &seen)
            case .armed(let path):
                let before = seen.keys.filter { $0.parent == path && !$0.isRoot }
                let present = Set(names(in: path))
                for gone in before where !present.contains(gone.name) {
                    seen = seen.filter { !gone.contains($0.key) }
                }
                for name in present { look(path.appending(name), deep: false, &seen) }
            case .coverage: break
            }
        }
    }

    /// Where what is known and what stands there differ: nil where nothing is known or stands.
    func wrong() -> [BytePath: [Sight?]] {
        let (seen, now) = (seen.withLock { $0 }, look())
        let paths = Set(seen.keys).union(now.keys).filter { seen[$0] != now[$0] }
        return Dictionary(uniqueKeysWithValues: paths.map { ($0, [seen[$0], now[$0]]) })
    }

    /// Everything that stands there now.
    func look() -> [BytePath: Sight] {
        var all: [BytePath: Sight] = [:]
        for name in names(in: .root) { look(name, deep: true, &all) }
        return all
    }

    private func look(_ path: BytePath, deep: Bool, _ seen: inout [BytePath: Sight]) {
        guard !path.isRoot else { return }
        let parent = path.parent
        guard let home = try? folder.disk.open(parent, in: folder.top, .folder, at: Self.point),
            let status = try? folder.disk.status(of: path.name, in: home, at: Self.point)
        else {
            seen[path] = nil
            return
        }
        let isFolder = status.kind == .folder
        seen[path] = Sight(
            kind: status.kind,
            inode: isFolder ? 0 : status.inode,
            size: isFolder ? 0 : status.size,
            modified: isFolder ? 0 : status.modified
        )
        guard isFolder else {
            // What was a folder before has taken its contents along.
            seen = seen.filter { $0.key == path || !path.contains($0.key) }
            return
        }
        if deep { for name in names(in: path) { look(path.appending(name), deep: true, &seen) } }
    }

    private func names(in path: BytePath) -> [BytePath] {
        guard let open = try? folder.disk.open(path, in: folder.top, .folder, at: Self.point) else { return [] }
        return (try? folder.disk.list(open, at: Self.point).map(\.name)) ?? []
    }
}

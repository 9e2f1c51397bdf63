import CommitDirectory
import LinuxFiles
import Testing

/// A fixed series of commits and what is done between them.
struct Workload: Sendable, CustomTestStringConvertible {
    enum Action: Sendable {
        case commit(@Sendable (Bench) -> [CommitStep])
        case checkpoint
        case close
        /// Something else writes to the tree.
        case foreign(@Sendable (Bench) throws -> Void)
    }

    var name: String
    var actions: [Action]
    /// Something of it is kept under `conflicts/`, by right.
    var meetsForeign = false
    /// What stands there beside the usual.
    var start: @Sendable (Bench) throws -> Void = { _ in }

    var testDescription: String { name }

    /// What it starts from.
    func prepare(_ bench: Bench) throws {
        try Self.prepare(bench)
        try start(bench)
    }

    /// What every workload starts from.
    static func prepare(_ bench: Bench) throws {
        try bench.create("base", "base")
        try bench.create("other", "other")
        try bench.makeFolder("folder")
        try bench.create("folder/inside", "inside")
    }

    /// - Parameter ended: called after each action, with what it threw.
    func run(
        _ bench: Bench,
        _ directory: CommitDirectory,
        ended: (_ index: Int, _ failure: CommitFailure?) throws -> Void
    ) throws {
        for (index, action) in actions.enumerated() {
            do throws(CommitFailure) {
                switch action {
                case .commit(let steps):
                    _ = try directory.commit(CommitGroup(operations: [Bench.key(UInt64(index))], steps: steps(bench)))
                case .checkpoint: try directory.checkpoint()
                case .close: try directory.close()
                case .foreign: break
                }
                if case .foreign(let act) = action {
                    do { try act(bench) } catch { Issue.record("a foreign action of \(name) failed: \(error)") }
                }
            } catch {
                try ended(index, error)
                continue
            }
            try ended(index, nil)
        }
    }

    static let nested = Workload(
        name: "new folders with files in them, and a replacement",
        actions: [
            .commit {
                [
                    .makeFolder("a"), .makeFolder("a/b"), .create("a/b/f", "f"), .create("a/g", "g"),
                    .replace("base", "changed", in: $0),
                ]
            },
            .checkpoint,
            .commit { [.create("a/b/h", "h"), .replace("a/g", "g again", in: $0)] },
            .close,
        ]
    )

    static let chain = Workload(
        name: "several groups on one path",
        actions: [
            .commit { [.create("f", "1"), .replace("base", "b1", in: $0)] },
            .commit { [.replace("f", "2", in: $0), .replace("base", "b2", in: $0)] },
            .commit { [.replace("f", "3", in: $0), .create("g", "g")] },
            .checkpoint,
            .commit { [.replace("f", "4", in: $0)] },
            .commit { [.replace("f", "5", in: $0), .replace("other", "o", in: $0)] },
            .close,
        ]
    )

    static let moves = Workload(
        name: "moves between other groups",
        actions: [
            .commit { [.replace("base", "b1", in: $0)] },
            .commit {
                [
                    .makeFolder("to"), .moveFolder(from: "folder", to: "to/folder", inode: inode("folder", $0)),
                    .replace("base", "b2", in: $0),
                ]
            },
            .commit { [.replace("to/folder/inside", "changed", in: $0), .create("to/folder/x", "x")] },
            .commit { [.moveFolder(from: "to/folder", to: "folder", inode: inode("to/folder", $0))] },
            .close,
        ]
    )

    static let large = Workload(
        name: "contents too large for the record",
        actions: [
            .commit { [.makeFolder("d"), .create("d/f", large("1")), .replace("base", large("2"), in: $0)] },
            .commit { [.replace("base", "small", in: $0), .replace("d/f", large("3"), in: $0)] },
            .close,
        ]
    )

    static let laps = Workload(
        name: "a journal that fills up",
        actions: (1...7).map { number -> Action in
            .commit { [.replace("base", String(repeating: "\(number)", count: 4000), in: $0)] }
        } + [.close]
    )

    /// What one checkpoint sets aside can be written over behind the next.
    static let recycled = Workload(
        name: "replacements in files that were displaced before",
        actions: [
            .commit { [.replace("base", "b one", in: $0), .replace("other", "o1", in: $0)] },
            .checkpoint,
            .commit { [.replace("base", "b two", in: $0)] },
            .checkpoint,
            .commit {
                [.replace("base", "b three", in: $0), .replace("folder/inside", "i1", in: $0), .create("f", "f")]
            },
            .checkpoint,
            .commit { [.replace("base", "b4", in: $0), .replace("other", "o longer", in: $0)] },
            .commit { [.replace("base", "b five", in: $0)] },
            .close,
        ]
    )

    static let conflict = Workload(
        name: "a group that meets a foreign file and is tried again",
        actions: [
            .commit { [.create("f", "f"), .replace("other", "o1", in: $0)] },
            .commit { bench in
                let stale = FileIdentity(inode: 1, digest: ContentDigest(of: []))
                return [
                    .makeFolder("d"), .create("d/x", "x"), .create("g", "g"), .replace("other", "o2", in: bench),
                    .replaceFile("base", contents: [1], base: stale),
                ]
            },
            .commit { [.makeFolder("d"), .create("d/x", "x"), .create("g", "g"), .replace("other", "o2", in: $0)] },
            .commit { [.replace("g", "again", in: $0)] },
            .close,
        ],
        meetsForeign: true
    )

    static let all = [nested, chain, moves, large, laps, recycled, conflict] + ordered

    static func inode(_ path: BytePath, _ bench: Bench) -> UInt64 { bench.status(path)?.inode ?? 0 }
    private static func large(_ text: String) -> String { String(repeating: text, count: 66_000) }
}

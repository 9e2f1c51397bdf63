import CommitDirectory
import LinuxFiles

/// Groups whose steps build on each other.
extension Workload {
    static let trade = Workload(
        name: "two folders that trade places",
        actions: [
            .commit { bench in
                [
                    move("a", "x", bench), .moveFolder(from: "b", to: "a", inode: inode("b", bench)),
                    .moveFolder(from: "x", to: "b", inode: inode("a", bench)),
                    replace("a/f", "b, changed", from: "b/f", bench), .replace("base", "b1", in: bench),
                ]
            },
            .commit { [.replace("b/f", "a, changed", in: $0)] },
            .close,
        ],
        start: twoFolders
    )

    static let trash = Workload(
        name: "a folder that is thrown away and made anew, brought back, and the trash emptied",
        actions: [
            .commit { bench in
                [
                    .makeFolder("trash"), .makeFolder("trash/1"), move("folder", "trash/1/1", bench),
                    .makeFolder("folder"), .create("trash/1/1.json", "note"), .create("folder/inside", "new"),
                    .replace("base", "b1", in: bench),
                ]
            },
            .commit { bench in
                [
                    .makeFolder("trash/2"), move("folder", "trash/2/1", bench), move("trash/1/1", "folder", bench),
                    .create("trash/2/1.json", "note 2"), .replace("base", "b2", in: bench),
                ]
            },
            .commit { [.makeFolder("trash/emptied"), move("trash/2", "trash/emptied/3-1", $0)] },
            .close,
        ]
    )

    static let made = Workload(
        name: "folders that are made and moved at once",
        actions: [
            .commit { _ in
                [
                    .makeFolder("new"), .makeFolder("new/sub"), .moveFolder(from: "new", to: "made", inode: nil),
                    .moveFolder(from: "made/sub", to: "sub", inode: nil), .create("made/f", "f"), .create("sub/g", "g"),
                ]
            },
            .commit { bench in
                [
                    .makeFolder("to"), move("folder", "to/folder", bench),
                    .moveFolder(from: "to", to: "there", inode: nil),
                    replace("there/folder/inside", "changed", from: "folder/inside", bench),
                ]
            },
            .close,
        ]
    )

    static let update = Workload(
        name: "folders that are moved and changed inside",
        actions: [
            .commit { bench in
                [
                    move("folder", "to", bench), replace("to/inside", "i1", from: "folder/inside", bench),
                    .replace("base", "b1", in: bench),
                ]
            },
            .commit { bench in
                [
                    .makeFolder("d"), move("a", "a2", bench), move("b", "d/b", bench),
                    .moveFolder(from: "a2", to: "a3", inode: inode("a", bench)), move("to", "folder", bench),
                    replace("a3/f", "a3", from: "a/f", bench), replace("d/b/f", "b2", from: "b/f", bench),
                    .create("folder/more", "more"), .create("d/x", "x"),
                ]
            },
            .close,
        ],
        start: twoFolders
    )

    static let movesTakenBack = Workload(
        name: "moves that build on each other, taken back and tried again",
        actions: [
            .commit { steps($0) + [.replaceFile("base", contents: [1], base: FileIdentity(inode: 1, digest: none))] },
            .commit { steps($0) + [.replace("base", "b1", in: $0)] },
            .close,
        ],
        meetsForeign: true,
        start: twoFolders
    )

    static let ordered = [trade, trash, made, update, movesTakenBack]

    private static let none = ContentDigest(of: [])

    /// All kinds in one group.
    private static func steps(_ bench: Bench) -> [CommitStep] {
        [
            .makeFolder("p"), .makeFolder("p/q"), move("a", "x", bench),
            .moveFolder(from: "b", to: "a", inode: inode("b", bench)),
            .moveFolder(from: "x", to: "b", inode: inode("a", bench)), .makeFolder("n"),
            .moveFolder(from: "n", to: "m", inode: nil), move("folder", "p/q/folder", bench),
            .moveFolder(from: "p/q", to: "r", inode: nil), .makeFolder("folder"), .create("folder/inside", "new"),
            .create("m/f", "m"), replace("a/f", "changed", from: "b/f", bench),
            replace("r/folder/inside", "i", from: "folder/inside", bench), .create("p/x", "x"),
        ]
    }

    private static let twoFolders: @Sendable (Bench) throws -> Void = { bench in
        for name in ["a", "b"] as [BytePath] {
            try bench.makeFolder(name)
            try bench.create(name.appending("f"), String(decoding: name.bytes, as: UTF8.self))
        }
    }

    private static func move(_ from: BytePath, _ to: BytePath, _ bench: Bench) -> CommitStep {
        .moveFolder(from: from, to: to, inode: inode(from, bench))
    }

    private static func replace(_ path: BytePath, _ text: String, from origin: BytePath, _ bench: Bench) -> CommitStep {
        .replaceFile(path, contents: Array(text.utf8), base: bench.identity(origin), origin: origin)
    }
}

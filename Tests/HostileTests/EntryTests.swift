import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Something that has no business in a workspace, and what is told of it.
struct HostileEntry: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var told: [Told]
    var needsRoot = false
    /// Takes away again what a removal of the folder would not.
    var undo: @Sendable (HostileProject) throws -> Void = { _ in }
    var make: @Sendable (HostileProject) throws -> Void

    init(
        _ name: String, _ told: [Told], needsRoot: Bool = false,
        undo: @escaping @Sendable (HostileProject) throws -> Void = { _ in },
        _ make: @escaping @Sendable (HostileProject) throws -> Void
    ) {
        testDescription = name
        self.told = told
        self.needsRoot = needsRoot
        self.undo = undo
        self.make = make
    }
}

@Suite("What others may put into a workspace")
struct EntryTests {
    static let declaration = "group/victim/asset.json"
    static let input = "group/victim/in.bin"
    static let long = String(repeating: "x", count: 255)

    static let kinds: [(name: String, needsRoot: Bool, make: @Sendable (String, HostileProject) throws -> Void)] = [
        ("a pipe", false, { path, _ in #expect(mkfifo(path, 0o600) == 0) }),
        ("a socket", false, { path, _ in try Entries.makeSocket(path) }),
        ("a device that never ends", true, { path, _ in #expect(mknod(path, S_IFCHR | 0o666, 1 << 8 | 5) == 0) }),
        ("a block device", true, { path, _ in #expect(mknod(path, S_IFBLK | 0o600, 7 << 8 | 250) == 0) }),
    ]

    /// Where it stands matters, not only what it is.
    static let everywhere: [HostileEntry] = kinds.flatMap { kind in
        [
            HostileEntry("\(kind.name) in a folder", [Told(.entrySpecialFile, "group/x")], needsRoot: kind.needsRoot) {
                try kind.make($0.path("group/x"), $0)
            },
            HostileEntry(
                "\(kind.name) as a declaration", [Told(.declarationNotAFile, declaration)], needsRoot: kind.needsRoot
            ) { project in try project.replace(declaration) { try kind.make($0, project) } },
            HostileEntry(
                "\(kind.name) as an input", [Told(.inputNotAFile, declaration), Told(.entrySpecialFile, input)],
                needsRoot: kind.needsRoot
            ) { project in try project.replace(input) { try kind.make($0, project) } },
        ]
    }

    static let links: [HostileEntry] = [
        HostileEntry("a link to a folder outside", [Told(.entrySymlink, "group/x")]) {
            symlink($0.folder.path + "/outside", $0.path("group/x"))
        },
        HostileEntry("a link to the folder that holds it", [Told(.entrySymlink, "group/x")]) {
            symlink(".", $0.path("group/x"))
        },
        HostileEntry("a declaration that is a link to one outside", [Told(.declarationNotAFile, declaration)]) {
            let target = $0.folder.path + "/outside/asset.json"
            try $0.replace(declaration) { symlink(target, $0) }
        },
        HostileEntry("an input that is a link", [Told(.inputNotAFile, declaration), Told(.entrySymlink, input)]) {
            let target = $0.folder.path + "/outside/in.bin"
            try $0.replace(input) { symlink(target, $0) }
        },
        HostileEntry(
            "an input's folder that is a link",
            [Told(.inputMissing, declaration), Told(.entrySymlink, "group/victim/art")]
        ) {
            try $0.declareInputs(["art/in.bin"])
            symlink($0.folder.path + "/outside", $0.path("group/victim/art"))
        },
        HostileEntry(
            "an asset's folder that is a link",
            [Told(.entrySymlink, "group/victim"), Told(.assetFolderMissing, "group/victim")]
        ) {
            let outside = $0.folder.path + "/outside/victim"
            try $0.replace("group/victim") { symlink(outside, $0) }
        },
        HostileEntry("the trash as a link", [Told(.trashUnreadable, ".prometeu/trash")]) {
            symlink($0.folder.path + "/outside", $0.path(".prometeu/trash"))
        },
    ]

    static let folders: [HostileEntry] = [
        HostileEntry("a declaration that is a folder", [Told(.declarationNotAFile, declaration)]) {
            try $0.replace(declaration) { mkdir($0, 0o755) }
        },
        HostileEntry("an input that is a folder", [Told(.inputNotAFile, declaration)]) {
            try $0.replace(input) { mkdir($0, 0o755) }
        },
        HostileEntry("five hundred folders, one in the other", [], undo: Entries.removeDeep) {
            try Entries.makeDeep(beneath: $0.path("group"), 500)
        },
        HostileEntry(
            "folders deeper than a path can get, with names of 255 bytes",
            [Told(.entryTooDeep, (["group"] + Array(repeating: long, count: 16)).joined(separator: "/"))],
            undo: Entries.removeDeep
        ) {
            try Entries.makeDeep(beneath: $0.path("group"), 20, named: long)
        },
        HostileEntry("a folder that is mounted onto itself", [Told(.entryMountPoint, "group/bound")], needsRoot: true) {
            try Fixtures.run("/usr/bin/env", ["umount", "-l", $0.path("group/bound")])
        } _: {
            mkdir($0.path("group/bound"), 0o755)
            try Fixtures.run("/usr/bin/env", ["mount", "--bind", $0.path("group/bound"), $0.path("group/bound")])
        },
    ]

    static let names: [HostileEntry] = [
        HostileEntry(
            "a folder and a file whose names are not UTF-8",
            [Told(.nameNotUTF8, "group/\\xff\\xfe"), Told(.nameNotUTF8, "group/\\xed\\xa0\\x80x")]
        ) {
            #expect(mkdir(Entries.bytes($0.path("group/"), [0xff, 0xfe]), 0o755) == 0)
            #expect(creat(Entries.bytes($0.path("group/"), [0xed, 0xa0, 0x80, 0x78]), 0o644) >= 0)
        },
        HostileEntry("an asset whose name has 255 bytes", [Told(.assetUnregistered, long)]) {
            try $0.declare(long)
        },
        HostileEntry(
            "two assets that differ in capitals",
            [
                Told(.nameCaseCollision, "Twin"), Told(.nameCaseCollision, "twin"),
                Told(.assetUnregistered, "Twin"), Told(.assetUnregistered, "twin"),
            ]
        ) {
            try $0.declare("Twin")
            try $0.declare("twin")
        },
        HostileEntry(
            "two assets that differ in composition",
            [
                Told(.nameCaseCollision, "\u{e9}"), Told(.nameCaseCollision, "e\u{301}"),
                Told(.nameRule, "e\u{301}"), Told(.assetUnregistered, "\u{e9}"),
                Told(.assetUnregistered, "e\u{301}"),
            ]
        ) {
            try $0.declare("\u{e9}")
            try $0.declare("e\u{301}")
        },
        HostileEntry(
            "names of control characters and of the terminal's own codes",
            [Told(.nameRule, "\u{1b}[2J\n"), Told(.assetUnregistered, "\u{1b}[2J\n")]
        ) {
            try $0.declare("\u{1b}[2J\n")
        },
    ]

    static let documents: [HostileEntry] = [
        HostileEntry("1 MiB of nested arrays", [Told(.declarationTooDeep, declaration)]) {
            try $0.folder.write([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20), to: "assets/" + declaration)
        },
        HostileEntry("1 MiB of nested objects", [Told(.declarationTooDeep, declaration)]) {
            try $0.folder.write(
                Array(String(repeating: "{\"a\":", count: (1 << 20) / 5).utf8), to: "assets/" + declaration)
        },
        HostileEntry("a declaration of one TiB, all hole", [Told(.declarationTooLarge, declaration)]) {
            #expect(truncate($0.path(declaration), 1 << 40) == 0)
        },
        HostileEntry("a declaration of zeros, as a power cut leaves one", [Told(.declarationNUL, declaration)]) {
            try $0.folder.write([UInt8](repeating: 0, count: 4096), to: "assets/" + declaration)
        },
        HostileEntry("an input with a name that no folder can hold", [Told(.inputMissing, declaration)]) {
            try $0.declareInputs([long + "x"])
        },
        HostileEntry("an input with a path that no call can take", [Told(.inputMissing, declaration)]) {
            try $0.declareInputs([Array(repeating: "deep", count: 2_000).joined(separator: "/")])
        },
        HostileEntry("two inputs that differ in composition alone", []) {
            try $0.folder.write("one", to: "assets/group/victim/\u{e9}")
            try $0.folder.write("another", to: "assets/group/victim/e\u{301}")
            try $0.declareInputs(["\u{e9}", "e\u{301}"])
        },
    ]

    @Test(
        "is told once with its code, and costs nothing else: no crash, no hang, no way out",
        .timeLimit(.minutes(1)), arguments: everywhere + links + folders + names + documents
    )
    func told(_ entry: HostileEntry) async throws {
        if entry.needsRoot && !Fixtures.isRoot {
            print("skipped: \(entry.testDescription): only root can make it")
            return
        }
        let hostile = try await HostileProject()
        try entry.make(hostile)
        defer { try? entry.undo(hostile) }
        let project = try await hostile.open()
        let found = project.snapshot.allDiagnostics
        #expect(Set(found.map(Told.init)) == Set(entry.told))
        #expect(found.count == entry.told.count, "told more than once: \(found)")
        #expect(found.allSatisfy { !$0.message.isEmpty && !$0.remedy.isEmpty })
        hostile.expectNothingOutside(project.snapshot, "opened")
        #expect(project.snapshot.access == .writable)
        let healthy = try #require(project.snapshot.asset(at: hostile.other))
        #expect(healthy.validity == .valid && healthy.diagnostics == [])
        _ = try await project.submit([
            .update(.root(hostile.other), [.name("Healthy")]),
            .create(NewAsset(root: AssetRoot(validating: "group/fresh"), type: .data)),
        ]).result
        await project.settled()
        #expect(project.divergences.divergences == [])
        _ = try await project.refresh().result
        await project.settled()
        #expect(Set(project.snapshot.allDiagnostics.map(Told.init)) == Set(entry.told))
        #expect(project.divergences.divergences == [])
        hostile.expectNothingOutside(project.snapshot, "refreshed")
        await project.close()
    }
}

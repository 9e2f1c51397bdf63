import Foundation
import LinuxFiles
import PackerTestSupport

/// Changes a workspace at random, as another program would.
final class SoakWriter: @unchecked Sendable {
    // Unchecked: `random` and `done` belong to the thread that runs it; `done` is read after that has been joined.
    private var random: SplitMix
    private(set) var done = 0
    private let assets: String
    private let original: String
    private let steps: Int
    private let floods: Bool
    /// Nil where nothing can be mounted.
    private let mounts: SoakMounts?

    init(
        assets: String, original: TemporaryFolder, seed: UInt64, steps: Int, floods: Bool, mounts: SoakMounts?
    ) {
        self.assets = assets
        self.original = original.path + "/assets"
        self.steps = steps
        self.floods = floods
        self.mounts = mounts
        random = SplitMix(state: seed)
    }

    static func copy(of folder: TemporaryFolder) throws -> TemporaryFolder {
        let copy = try TemporaryFolder()
        try Fixtures.run("/bin/cp", ["-a", folder.path + "/assets", copy.path + "/assets"])
        return copy
    }

    /// Everything but what the packer keeps for itself.
    static func restore(_ original: TemporaryFolder, to folder: TemporaryFolder) throws {
        try Fixtures.run(
            "/bin/sh",
            [
                "-euc",
                """
                find "$1/assets" -mindepth 1 -maxdepth 1 ! -name .prometeu -exec rm -rf {} +
                cp -a "$0"/assets/[!.]* "$1/assets"
                """, original.path, folder.path,
            ])
    }

    func run() {
        if floods { flood() }
        for _ in 0..<steps {
            step()
            done += 1
        }
        if floods { flood() }
    }

    /// More events than the kernel's queue holds.
    private func flood() {
        let text = (try? String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)) ?? ""
        let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 16_384
        let names = ["\(assets)/flood-a", "\(assets)/flood-b"]
        for name in names { close(open(name, O_CREAT | O_WRONLY, 0o644)) }
        // Two in turn: the kernel folds equal neighbours into one event.
        for index in 0...limit { _ = utimensat(AT_FDCWD, names[index % 2], nil, 0) }
        for name in names { unlink(name) }
    }

    private static let groups = ["tiles", "data", "audio/sfx", "maps/forest", "wild", "own", "palettes", "sprites"]
    private static let folders = [
        "tiles/dungeon", "tiles/castle", "data/items", "audio/sfx/jump", "audio/sfx/coin", "wild/a", "wild/b/c",
        "maps/forest/level-01", "palettes/day", "sprites/hero", "own/a", "tiles/own", "maps/forest/level-01/layers",
    ]
    private static let files = [
        "asset.json", "asset.json", "asset.json", "items.csv", "jump.wav", "coin.wav", "layers/ground.csv", "day.gpl",
        "descriptions.json", "floor.png", "notes.txt",
    ]

    private func pick(_ names: [String]) -> String { names[Int.random(in: 0..<names.count, using: &random)] }

    private func folder() -> String { pick(Int.random(in: 0..<4, using: &random) == 0 ? Self.groups : Self.folders) }

    private func file() -> String { "\(pick(Self.folders))/\(pick(Self.files))" }

    private func at(_ path: String) -> String { assets + "/" + path }

    private func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: _ = rename(at(folder()), at(folder()))
        case 1: exchange(folder(), folder())
        case 2: removeAll(folder())
        case 3, 4: copyBack(folder())
        case 5: makeFolders("\(folder())/asset.json")
        case 6: makeFolders(folder())
        case 7: unlink(at(file()))
        case 8: _ = rename(at(file()), at(file()))
        case 9: exchange(file(), file())
        case 10: link(at(file()), at(file()))
        case 11: symlink("/etc", at(folder()))
        case 12: map(file())
        case 13: chmod(at(file()), Bool.random(using: &random) ? 0o755 : 0o644)
        case 14: utimensat(AT_FDCWD, at(file()), nil, 0)
        case 15: truncate(at(file()), off_t.random(in: 0..<600, using: &random))
        case 16: replace(file())
        case 17: registry()
        case 18: mount()
        default: write(file())
        }
    }

    private func exchange(_ one: String, _ other: String) {
        let disk = LinuxDisk()
        guard let top = try? disk.openTop(assets) else { return }
        try? disk.rename(BytePath(one), in: top, to: BytePath(other), in: top, .exchange, at: FaultPoint("soak"))
    }

    private func removeAll(_ path: String) { try? FileManager.default.removeItem(atPath: at(path)) }

    private func makeFolders(_ path: String) {
        try? FileManager.default.createDirectory(atPath: at(path), withIntermediateDirectories: true)
    }

    private func copyBack(_ path: String) {
        if Bool.random(using: &random) { removeAll(path) }
        try? FileManager.default.copyItem(atPath: original + "/" + path, toPath: at(path))
    }

    private func bytes() -> [UInt8] {
        (0..<Int.random(in: 0..<600, using: &random)).map { _ in UInt8.random(in: 32..<127, using: &random) }
    }

    private func write(_ path: String) {
        let file = open(at(path), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0o644)
        guard file >= 0 else { return }
        let bytes = bytes()
        _ = Glibc.write(file, bytes, bytes.count)
        close(file)
    }

    /// As editors do: a new file beside it, renamed over it.
    private func replace(_ path: String) {
        write(path + "~")
        _ = rename(at(path + "~"), at(path))
    }

    private func map(_ path: String) {
        let file = open(at(path), O_RDWR | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return }
        let memory = mmap(nil, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        guard memory != MAP_FAILED else { return }
        memory?.storeBytes(of: UInt8.random(in: 32..<127, using: &random), as: UInt8.self)
        munmap(memory, 1)
    }

    private func mount() {
        let place = folder()
        // Rarely: what is mounted hides what the others do beneath it.
        switch Int.random(in: 0..<8, using: &random) {
        case 0: mounts?.add(place)
        case 1, 2: mounts?.removeOne()
        default: write(place + "/asset.json")
        }
    }

    private func registry() {
        // Rarely: with a broken segment every command is refused until it is gone again.
        switch Int.random(in: 0..<12, using: &random) {
        case 0: write(".prometeu/index-0001.json")
        case 1...4: unlink(at(".prometeu/index-0001.json"))
        default: utimensat(AT_FDCWD, at(".prometeu/index.json"), nil, 0)
        }
    }
}

import CommitDirectory
import Foundation
import LinuxFiles

/// A tree on some disk, with what a test needs to look at it and to act as a foreign program.
struct Bench: Sendable {
    static let control: BytePath = ".control"
    static let point = FaultPoint("test")

    /// Without faults: the test's own calls.
    let disk: any Disk
    let tree: Handle

    static func key(_ number: UInt64) -> OperationKey { OperationKey(high: 7, low: number) }

    /// - Parameter through: the disk that the directory sees.
    func open(
        through: (any Disk)? = nil,
        boot: String = "boot",
        seed: UInt32 = .random(in: .min ... .max),
        capacity: UInt64 = 1 << 14
    ) throws(OpenFailure) -> (directory: CommitDirectory, recovery: RecoveryReport) {
        let opened = try CommitDirectory.open(
            tree: tree,
            controlName: Self.control,
            disk: through ?? disk,
            host: HostIdentity(processID: 4711, hostName: "host", bootID: boot, since: 1_763_851_594),
            slotSeed: seed,
            journalCapacity: capacity
        )
        do throws(CommitFailure) {
            try opened.directory.forgetRecovered()
        } catch {
            throw .recovery("\(error)")
        }
        return opened
    }

    // MARK: Looking

    func read(_ path: BytePath) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

    func bytes(_ path: BytePath) -> [UInt8]? {
        guard let file = try? disk.open(path, in: tree, .read, at: Self.point) else { return nil }
        return try? disk.readAll(file, at: Self.point)
    }

    func status(_ path: BytePath) -> FileStatus? {
        guard let parent = try? disk.openParent(of: path, in: tree, at: Self.point) else { return nil }
        return try? disk.status(of: path.name, in: parent, at: Self.point)
    }

    func identity(_ path: BytePath) -> FileIdentity {
        FileIdentity(inode: status(path)?.inode ?? 0, digest: ContentDigest(of: bytes(path) ?? []))
    }

    func names(in path: BytePath) -> [BytePath] {
        guard let folder = path.isRoot ? tree : try? disk.open(path, in: tree, .folder, at: Self.point),
            let entries = try? disk.list(folder, at: Self.point)
        else { return [] }
        return entries.map(\.name).sorted()
    }

    /// Every path but the control folder's, with its content; folders are nil.
    func everything(below path: BytePath = .root) -> [BytePath: String?] {
        var found: [BytePath: String?] = [:]
        for name in names(in: path) where !(path.isRoot && name == Self.control) {
            let place = path.appending(name)
            if status(place)?.kind == .folder {
                found.updateValue(nil, forKey: place)
                found.merge(everything(below: place)) { $1 }
            } else {
                found[place] = read(place)
            }
        }
        return found
    }

    /// The contents of all files under `conflicts/`.
    var conflicts: [String] {
        everything(below: Self.control.appending("conflicts")).values.compactMap { $0 }.sorted()
    }

    /// Slots that lie in the shadow folder.
    var slots: [BytePath] { names(in: Self.control.appending("shadow")) }

    // MARK: Acting as a foreign program

    func parent(of path: BytePath) throws -> Handle { try disk.openParent(of: path, in: tree, at: Self.point) }

    func makeFolder(_ path: BytePath) throws {
        try disk.makeFolder(path.name, in: parent(of: path), permissions: 0o755, at: Self.point)
    }

    func create(_ path: BytePath, _ text: String) throws {
        let file = try disk.open(path.name, in: parent(of: path), .create(permissions: 0o644), at: Self.point)
        try disk.writeAll(Array(text.utf8), to: file, at: Self.point)
    }

    func overwrite(_ path: BytePath, _ text: String) throws {
        let file = try disk.open(path, in: tree, .readWrite, at: Self.point)
        try disk.truncate(file, to: 0, at: Self.point)
        try disk.writeAll(Array(text.utf8), to: file, at: Self.point)
    }

    /// As editors save: a new file renamed over the old one.
    func replace(_ path: BytePath, _ text: String) throws {
        let parent = try parent(of: path)
        let temporary = BytePath(bytes: path.name.bytes + Array("~".utf8))
        let file = try disk.open(temporary, in: parent, .create(permissions: 0o644), at: Self.point)
        try disk.writeAll(Array(text.utf8), to: file, at: Self.point)
        defer { try? disk.remove(temporary, in: parent, at: Self.point) }
        try disk.rename(temporary, in: parent, to: path.name, in: parent, .exchange, at: Self.point)
    }

    func remove(_ path: BytePath) throws {
        try disk.remove(path.name, in: parent(of: path), at: Self.point)
    }

    func removeAny(_ path: BytePath) throws {
        if status(path)?.kind == .folder { try removeAll(path) } else { try remove(path) }
    }

    func removeAll(_ path: BytePath) throws {
        for name in names(in: path) {
            try removeAny(path.appending(name))
        }
        try disk.removeFolder(path.name, in: parent(of: path), at: Self.point)
    }

    func rename(_ path: BytePath, to newPath: BytePath) throws {
        let (from, to) = (try parent(of: path), try parent(of: newPath))
        try disk.rename(path.name, in: from, to: newPath.name, in: to, .noReplace, at: Self.point)
    }
}

/// A folder of its own on the real disk, removed when the last reference goes.
final class RealTree: Sendable {
    let path: String
    let bench: Bench

    init() throws {
        var template = Array((NSTemporaryDirectory() + "commit-directory-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", .root, errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let disk = LinuxDisk()
        bench = Bench(disk: disk, tree: try disk.openTop(path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension CommitStep {
    static func create(_ path: BytePath, _ text: String) -> CommitStep {
        .createFile(path, contents: Array(text.utf8))
    }

    static func replace(_ path: BytePath, _ text: String, in bench: Bench) -> CommitStep {
        .replaceFile(path, contents: Array(text.utf8), base: bench.identity(path))
    }
}

extension CommitDirectory {
    @discardableResult
    func commit(_ operation: UInt64, _ steps: CommitStep...) throws(CommitFailure) -> CommitReceipt {
        try commit(CommitGroup(operations: [Bench.key(operation)], steps: steps))
    }
}

/// Extended attributes, which Swift's Glibc module does not show.
enum Attributes {
    private typealias Set =
        @convention(c) (
            UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer, Int, CInt
        ) -> CInt
    private typealias Get =
        @convention(c) (
            UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer, Int
        ) -> Int

    /// False where the filesystem has none.
    static func set(_ path: String, _ name: String, _ value: String) -> Bool {
        guard let call = dlsym(nil, "setxattr") else { return false }
        return unsafeBitCast(call, to: Set.self)(path, name, value, value.utf8.count, 0) == 0
    }

    static func get(_ path: String, _ name: String) -> String? {
        guard let call = dlsym(nil, "getxattr") else { return nil }
        var value = [UInt8](repeating: 0, count: 256)
        let count = unsafeBitCast(call, to: Get.self)(path, name, &value, value.count)
        return count < 0 ? nil : String(decoding: value.prefix(count), as: UTF8.self)
    }
}

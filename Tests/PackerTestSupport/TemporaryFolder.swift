import Foundation
import LinuxFiles

/// A folder of a test's own, removed when the last reference goes.
public final class TemporaryFolder: Sendable {
    public let path: String
    private let isOwned: Bool

    /// A folder that somebody else removes.
    public init(at path: String) {
        self.path = path
        isOwned = false
    }

    public init(_ name: String = "packer-test") throws {
        let template = NSTemporaryDirectory() + "/\(name)-XXXXXX"
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        isOwned = true
    }

    deinit { if isOwned { try? FileManager.default.removeItem(atPath: path) } }

    public func write(_ text: String, to relative: String) throws {
        try write(Array(text.utf8), to: relative)
    }

    public func write(_ bytes: [UInt8], to relative: String) throws {
        let url = URL(fileURLWithPath: path).appendingPathComponent(relative)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
    }

    public func read(_ relative: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path).appendingPathComponent(relative)))
    }

    public func text(_ relative: String) throws -> String { String(decoding: try read(relative), as: UTF8.self) }

    public func exists(_ relative: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/" + relative)
    }

    public func remove(_ relative: String) throws {
        try FileManager.default.removeItem(atPath: path + "/" + relative)
    }

    public func move(_ from: String, to: String) throws {
        try FileManager.default.moveItem(atPath: path + "/" + from, toPath: path + "/" + to)
    }

    /// Everything beneath it by relative path: files with their bytes, folders with a `/` behind them, anything else
    /// with the name of its type.
    public func contents(except hidden: [String] = []) throws -> [String: [UInt8]] {
        let disk = LinuxDisk()
        var found: [String: [UInt8]] = [:]
        try add(BytePath.root, disk.openTop(path), disk, hidden, to: &found)
        return found
    }

    /// Foundation cannot name a file whose name is not UTF-8.
    private func add(
        _ path: BytePath, _ folder: Handle, _ disk: LinuxDisk, _ hidden: [String], to found: inout [String: [UInt8]]
    ) throws {
        let point = FaultPoint("test")
        for entry in try disk.list(folder, at: point) {
            let place = path.appending(entry.name)
            if hidden.contains(place.description) { continue }
            switch entry.kind {
            case .folder?:
                found[place.description + "/"] = []
                try add(place, disk.open(entry.name, in: folder, .folder, at: point), disk, hidden, to: &found)
            case .file?:
                let file = try disk.open(entry.name, in: folder, .read, at: point)
                found[place.description] = try disk.readAll(file, at: point)
            case let kind: found[place.description] = Array("\(kind.map { "\($0)" } ?? "unknown")".utf8)
            }
        }
    }
}

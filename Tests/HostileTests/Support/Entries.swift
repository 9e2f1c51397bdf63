import Foundation
import Packer
import PackerTestSupport
import Testing

/// Makes what Foundation has no call for.
enum Entries {
    static func bytes(_ folder: String, _ name: [UInt8]) -> [CChar] {
        (Array(folder.utf8) + name + [0]).map(CChar.init(bitPattern:))
    }

    /// A socket's path is at most 107 bytes long: it is bound where that is short, and moved.
    static func makeSocket(_ path: String) throws {
        let short = "/tmp/s\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: short.utf8) }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        if !isBound || rename(short, path) != 0 { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    /// Step by step, because no call takes such a path.
    static func makeDeep(beneath top: String, _ levels: Int, named name: String = "d") throws {
        var folder = open(top, O_RDONLY | O_DIRECTORY)
        for _ in 0..<levels {
            guard mkdirat(folder, name, 0o755) == 0 else { break }
            let next = openat(folder, name, O_RDONLY | O_DIRECTORY)
            close(folder)
            folder = next
        }
        if folder < 0 { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        close(folder)
    }

    /// Foundation gives up on paths that no call takes.
    static func removeDeep(_ project: HostileProject) throws {
        try Fixtures.run("/usr/bin/env", ["rm", "-rf", project.path("group")])
    }
}

extension HostileProject {
    /// A declaration that nobody has registered.
    func declare(_ root: String) throws {
        let text = try text("other/asset.json").replacingOccurrences(
            of: try uuid(of: "other"), with: UUID().uuidString.lowercased())
        try folder.write(text, to: "assets/\(root)/asset.json")
        try folder.write("input", to: "assets/\(root)/in.bin")
    }

    func declareInputs(_ paths: [String]) throws {
        let list = paths.map { "\"\($0)\"" }.joined(separator: ",")
        let text = try text("group/victim/asset.json")
        let edited = text.replacing(/\[\s*"in\.bin"\s*\]/, with: "[\(list)]")
        #expect(text != edited)
        try folder.write(edited, to: "assets/group/victim/asset.json")
    }

    func uuid(of root: String) throws -> String {
        let found = try text(root + "/asset.json").firstMatch(of: /"asset_uuid": *"([^"]+)"/)
        return String(try #require(found).output.1)
    }
}

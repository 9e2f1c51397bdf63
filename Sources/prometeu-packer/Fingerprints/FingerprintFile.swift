import Foundation
import Packer

/// What stands at every compared path, by content: no times, no inodes, so that the same files always give the same
/// text.
struct FingerprintFile: Equatable, Sendable {
    static let format = "prometeu-packer fingerprints"
    static let version = 1

    struct Header: Codable {
        var kind = "fingerprints"
        let format: String
        let version: Int
        let digest: String
    }

    struct Trailer: Codable {
        var kind = "fingerprints_end"
        let files: Int
        /// XXH3-128 of every byte before this line.
        let checksum: Fingerprint.Digest
    }

    struct Entry: Codable, Equatable, Sendable {
        enum Role: String, Codable, Sendable {
            case registry, declaration, input
        }

        /// Relative to `assets/`.
        let path: String
        let role: Role
        let root: String?
        let id: UInt32?
        let uuid: String?
        let content: FileContent?
    }

    /// In the order of the paths' bytes, each path once.
    let entries: [Entry]

    init(_ entries: [Entry]) {
        self.entries = entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    func text() throws -> String {
        let encoder = JSONLine()
        var text = try encoder.encode(Header(format: Self.format, version: Self.version, digest: "XXH3-128")) + "\n"
        for entry in entries { text += try encoder.encode(FingerprintView(entry)) + "\n" }
        let trailer = Trailer(files: entries.count, checksum: Fingerprint.Digest(of: Array(text.utf8)))
        return try text + encoder.encode(trailer) + "\n"
    }

    /// - Throws: `FingerprintFileFailure` for what was not written whole by this version.
    init(reading bytes: [UInt8]) throws(FingerprintFileFailure) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let first = lines.first, let header = try? decoder.decode(Header.self, from: Data(first)),
            header.format == Self.format
        else { throw .damaged("it does not begin as a file of fingerprints") }
        guard header.version <= Self.version else { throw .newer(header.version) }
        guard lines.count >= 3, lines[lines.count - 1].isEmpty,
            let trailer = try? decoder.decode(Trailer.self, from: Data(lines[lines.count - 2])),
            trailer.kind == Trailer(files: 0, checksum: trailer.checksum).kind
        else { throw .damaged("its last line is missing: it was cut short") }
        let body = bytes[..<lines[lines.count - 2].startIndex]
        guard trailer.checksum == Fingerprint.Digest(of: Array(body)) else {
            throw .damaged("its checksum does not match: it was changed, or cut short")
        }
        do {
            entries = try lines[1..<(lines.count - 2)].map { try decoder.decode(Entry.self, from: Data($0)) }
        } catch {
            throw .damaged("a line is no fingerprint")
        }
        guard entries.count == trailer.files else { throw .damaged("it has not as many lines as it says") }
    }
}

/// Why a file of fingerprints cannot be used.
enum FingerprintFileFailure: Error, Equatable {
    case damaged(String)
    case newer(Int)
}

/// What counts of a file: type, size, bytes and the executable bit.
struct FileContent: Codable, Equatable, Sendable {
    let type: Fingerprint.Kind
    let size: UInt64
    let executable: Bool
    /// Null for what is no file.
    let digest: Fingerprint.Digest?

    /// What is in a folder, and how large its record is, is no content of its own.
    init(_ fingerprint: Fingerprint) {
        type = fingerprint.kind
        size = type == .file ? fingerprint.size : 0
        executable = fingerprint.isExecutable
        digest = fingerprint.digest
    }

    enum CodingKeys: String, CodingKey {
        case type, size, executable, digest
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(type, forKey: .type)
        try container.encode(size, forKey: .size)
        try container.encode(executable, forKey: .executable)
        // Every key is always there.
        try container.encode(digest, forKey: .digest)
    }
}

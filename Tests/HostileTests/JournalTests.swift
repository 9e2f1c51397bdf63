import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// A journal that somebody made: with checksums that are right, and steps that lead out of the workspace.
@Suite("A forged journal")
struct JournalTests {
    struct Bytes {
        var bytes: [UInt8] = []

        func adding(_ value: some FixedWidthInteger) -> Bytes {
            Bytes(bytes: bytes + withUnsafeBytes(of: value.littleEndian) { Array($0) })
        }

        func adding(_ text: String) -> Bytes {
            let counted = adding(UInt32(text.utf8.count))
            return Bytes(bytes: counted.bytes + Array(text.utf8))
        }

        func adding(raw: [UInt8]) -> Bytes { Bytes(bytes: bytes + raw) }

        func padded(to length: Int) -> Bytes {
            adding(raw: [UInt8](repeating: 0, count: max(0, length - bytes.count)))
        }
    }

    /// A header of lap 2 and one commit record with one step.
    static func journal(kind: UInt8, place: String, other: String, inode: UInt64) -> [UInt8] {
        let header = Bytes().adding(0x4c4e_524a_4b41_5050 as UInt64).adding(1 as UInt32).adding(0 as UInt32)
            .adding(2 as UInt64).adding(0 as UInt64)
        let sealed = header.adding(ContentDigest.checksum(header.bytes))
        var payload = Bytes().adding("another boot").adding(1 as UInt32).adding(7 as UInt64).adding(7 as UInt64)
            .adding(1 as UInt32).adding(kind).adding(place).adding(other).adding(0 as UInt8).adding(inode)
            .adding(0 as UInt64).adding(0 as Int64).adding(0 as UInt64).adding(0 as UInt64).adding(0 as UInt8)
        payload = payload.padded(to: (payload.bytes.count + 7) / 8 * 8)
        let start = Bytes().adding(0x314a_4b50 as UInt32).adding(1 as UInt32).adding(2 as UInt64).adding(1 as UInt64)
            .adding(UInt64(payload.bytes.count))
        let record = start.adding(ContentDigest.checksum(start.bytes + payload.bytes)).adding(raw: payload.bytes)
        return Bytes().padded(to: 512).adding(raw: sealed.bytes).padded(to: 4096).adding(raw: record.bytes)
            .padded(to: 1 << 14).bytes
    }

    private static func inode(_ path: String) -> UInt64 {
        var raw = stat()
        return lstat(path, &raw) == 0 ? UInt64(raw.st_ino) : 0
    }

    @Test(
        "whose slots or places lead out of the workspace is refused, and nothing outside is moved",
        arguments: [
            (1, "stolen", "../../../outside/victim"), (1, "group/..", "00000000-0-0"), (1, "/stolen", "00000000-0-0"),
            (2, "stolen", "../../../outside/in.bin"), (3, "../outside/in.bin", "00000000-0-0"), (1, "", "00000000-0-0"),
            (4, "stolen", "../outside/victim"), (4, "../outside/given", "group"), (1, "a//b", "00000000-0-0"),
            (1, "st\0len", "00000000-0-0"), (1, "stolen", ".."), (1, "stolen", "a/b"),
        ] as [(UInt8, String, String)]
    )
    func leadsOut(_ kind: UInt8, _ place: String, _ other: String) async throws {
        let hostile = try await HostileProject()
        let inode = Self.inode(hostile.folder.path + "/outside/victim")
        let forged = Self.journal(kind: kind, place: place, other: other, inode: inode)
        try hostile.folder.write(forged, to: "assets/.prometeu/journal")
        let before = try hostile.folder.contents(except: ["assets/.prometeu/owner"])
        await #expect {
            let project = try await hostile.open()
            await project.close()
        } throws: {
            ($0 as? PackerError)?.code == .journalDamaged
        }
        #expect(try hostile.folder.contents(except: ["assets/.prometeu/owner"]) == before)
        hostile.expectNothingOutside(nil, "refused")
    }

    @Test("that stays inside is recovered from, so that the refusals above have another reason than its form")
    func staysInside() async throws {
        let hostile = try await HostileProject()
        let forged = Self.journal(kind: 1, place: "made", other: "00000000-0-0", inode: 1)
        try hostile.folder.write(forged, to: "assets/.prometeu/journal")
        let project = try await hostile.open()
        await project.close()
        #expect(hostile.folder.exists("assets/made"))
    }
}

import Foundation
import Testing

@testable import PackerModel

@Suite("Divergence")
struct DivergenceTests {
    private static func file(
        _ kind: Fingerprint.Kind = .file, size: UInt64 = 10, modified: Int64 = 1, changed: Int64 = 1,
        inode: UInt64 = 1, isExecutable: Bool = false, isHardLinked: Bool = false, digest: UInt64? = nil
    ) -> Fingerprint {
        Fingerprint(
            kind: kind, size: size, modified: modified, changed: changed, inode: inode, isExecutable: isExecutable,
            isHardLinked: isHardLinked, digest: digest.map { Fingerprint.Digest(low: $0, high: 0) }
        )
    }

    static let comparisons: [(String, Fingerprint, Fingerprint, Fingerprint.Comparison)] = [
        ("the same record", file(), file(), .same),
        ("the same record, one digest", file(digest: 1), file(), .same),
        ("the same digest, another record", file(digest: 1), file(modified: 2, changed: 3, inode: 4, digest: 1), .same),
        ("the same record, another digest", file(digest: 1), file(digest: 2), .different),
        ("another size", file(digest: 1), file(size: 11), .different),
        ("the executable bit", file(digest: 1), file(isExecutable: true, digest: 1), .different),
        ("another link", file(), file(isHardLinked: true), .same),
        ("a touch without digests", file(), file(modified: 2), .needsDigest),
        ("a change time without digests", file(), file(changed: 2), .needsDigest),
        ("another inode without digests", file(), file(inode: 2), .needsDigest),
        ("a touch with one digest", file(digest: 1), file(modified: 2), .needsDigest),
        ("a doubtful record", file(changed: 0), file(), .needsDigest),
        ("a folder for a file", file(), file(.folder), .different),
        ("a link for a file", file(), file(.symlink), .different),
        ("two folders", file(.folder), file(.folder, size: 9, modified: 9, changed: 9, inode: 9), .same),
        ("two other things", file(.other), file(.other, inode: 2), .same),
    ]

    @Test("two looks at a file compare by type, bytes and executable bit", arguments: comparisons)
    func compare(name: String, expected: Fingerprint, observed: Fingerprint, result: Fingerprint.Comparison) {
        #expect(expected.compare(with: observed) == result)
        #expect(observed.compare(with: expected) == result)
    }

    struct Row: Sendable {
        var role: ExpectedFile.Role
        var expected: Fingerprint?
        var observed: Fingerprint?
        var kind: Divergence.Kind?
        var isUnverified = false
    }

    static let rows: [Row] = [
        Row(role: .declaration, expected: nil, observed: nil, kind: nil),
        Row(role: .declaration, expected: nil, observed: file(), kind: .appeared),
        Row(role: .declaration, expected: file(), observed: nil, kind: .missing),
        Row(role: .declaration, expected: file(), observed: file(), kind: nil),
        Row(role: .input, expected: file(digest: 1), observed: file(digest: 2), kind: .modified),
        Row(role: .input, expected: file(), observed: file(modified: 2), kind: .modified, isUnverified: true),
        Row(role: .input, expected: file(), observed: file(.folder), kind: .typeChanged),
        Row(role: .input, expected: file(), observed: file(isExecutable: true), kind: .modified),
        Row(role: .input, expected: nil, observed: file(), kind: .appeared),
        Row(role: .registry, expected: nil, observed: nil, kind: nil),
        Row(role: .registry, expected: nil, observed: file(), kind: .registryModified),
        Row(role: .registry, expected: file(), observed: nil, kind: .registryModified),
        Row(role: .registry, expected: file(), observed: file(.folder), kind: .registryModified),
        Row(role: .registry, expected: file(), observed: file(size: 11), kind: .registryModified),
        Row(role: .registry, expected: file(), observed: file(), kind: nil),
    ]

    @Test("what should stand somewhere and what does make one divergence, or none", arguments: rows)
    func divergence(row: Row) {
        let expected = ExpectedFile(path: "a/x", role: row.role, root: Sample.root("a"), fingerprint: row.expected)
        let divergence = Divergence(expected, observed: row.observed, since: 5)
        #expect(divergence?.kind == row.kind)
        guard let divergence else { return }
        #expect(divergence.isUnverified == row.isUnverified)
        #expect(divergence.expected == row.expected && divergence.observed == row.observed)
        #expect(divergence.path == "a/x" && divergence.root == Sample.root("a") && divergence.since == 5)
        #expect(divergence.hasSameNature(as: divergence))
    }

    @Test("a divergence and its digests go through JSON, and no other spelling of a digest is read")
    func codable() throws {
        let divergence = Divergence(
            path: "a", kind: .moved(to: Sample.root("b")), root: Sample.root("a"), expected: Self.file(digest: 3),
            observed: nil
        )
        let data = try JSONEncoder().encode(divergence)
        #expect(try JSONDecoder().decode(Divergence.self, from: data) == divergence)
        let digest = Fingerprint.Digest(low: 0xab, high: 1)
        #expect(digest.description == "000000000000000100000000000000ab")
        for text in [
            "+00000000000000100000000000000ab", "+0000000000000010000000000000ab", "000000000000000100000000000000AB",
            "1ab",
        ] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(Fingerprint.Digest.self, from: JSONEncoder().encode(text))
            }
        }
    }

    /// Every file that the snapshot expects, once.
    private static func everything(_ snapshot: Snapshot) -> [ExpectedFile] {
        var files: [ExpectedFile] = []
        var roots = Set<AssetRoot>()
        snapshot.forEachAsset { asset in
            if roots.insert(asset.root).inserted { files += asset.expectedFiles }
            return true
        }
        let registry =
            snapshot.registry.segments.map { ($0.key, Optional($0.value.fingerprint)) }
            + snapshot.registry.unreadable.map { ($0.key, $0.value) }
        return files
            + registry.map {
                ExpectedFile(
                    path: ".prometeu/" + RegistrySegment.fileName($0.0), role: .registry, root: nil, fingerprint: $0.1
                )
            }
    }

    @Test("the files expected at any place are those that a search through all finds", arguments: UInt64(1)...40)
    func expectedFiles(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let snapshot = Sample.snapshot(RandomWorkspace.scan(&generator))
        let all = Self.everything(snapshot)
        var places = Set(["", ".prometeu", ".prometeuX", "nowhere", "a/b", "e\u{301}"])
        for file in all {
            var parts = file.path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
            while !parts.isEmpty {
                places.insert(parts.joined(separator: "/"))
                parts.removeLast()
            }
        }
        func sorted(_ files: [ExpectedFile]) -> [String] { files.map { "\($0) \(Array($0.path.utf8))" }.sorted() }
        for place in places {
            let bytes = Array(place.utf8)
            for scope in [.deep, .direct] as [Snapshot.ExpectationScope] {
                let expected = all.filter { file in
                    let path = Array(file.path.utf8)
                    if path == bytes { return true }
                    if place.isEmpty { return scope == .deep }
                    guard path.starts(with: bytes + [UInt8(ascii: "/")]) else { return false }
                    return scope == .deep || !path[(bytes.count + 1)...].contains(UInt8(ascii: "/"))
                }
                #expect(
                    sorted(snapshot.expectedFiles(at: place, scope)) == sorted(expected),
                    "seed \(seed), \(place), \(scope)"
                )
            }
        }
    }

    @Test("a registry file that the snapshot does not know is expected to be absent")
    func unknownSegment() {
        let snapshot = Sample.project(["a"])
        let files = snapshot.expectedFiles(at: ".prometeu/index-0001.json", .direct)
        #expect(files.map(\.role) == [.registry] && files.map(\.fingerprint) == [nil])
        #expect(snapshot.expectedFiles(at: ".prometeu/journal", .deep).isEmpty)
    }

    @Test("an input that leads out of its asset, or to the declaration itself, is looked at nowhere")
    func strangeInputs() {
        let inputs = ["../x", "/etc/passwd", "asset.json", "a//b", "good"]
        let root = Sample.scanned(
            "a", Sample.uuid(1), inputs: Dictionary(uniqueKeysWithValues: inputs.map { ($0, nil) }))
        let snapshot = Sample.snapshot(Sample.scan([Sample.entry(1, "a")], [root]))
        #expect(snapshot.expectedFiles(at: "a", .deep).map(\.path) == ["a/asset.json", "a/good"])
    }

    @Test("a file under another spelling of an input's name is not the input")
    func otherSpelling() {
        let root = Sample.scanned("a", Sample.uuid(1), inputs: ["\u{e9}": Sample.file(1)])
        let snapshot = Sample.snapshot(Sample.scan([Sample.entry(1, "a")], [root]))
        #expect(snapshot.expectedFiles(at: "a/\u{e9}", .direct).count == 1)
        #expect(snapshot.expectedFiles(at: "a/e\u{301}", .direct).isEmpty)
    }
}

import PackerModel
import PackerTestSupport
import Testing

@testable import WorkspaceFormat

extension RegistrySegment {
    /// One that the packer could have written as segment 0.
    init(nextAssetID: UInt32, using random: inout SplitMix) {
        self.init(nextAssetID: nextAssetID, entries: [])
        for id in 1..<nextAssetID where Bool.random(using: &random) {
            let root = "folder/r" + random.text().replacing("/", with: "")
            entries.append(
                RegistryEntry(
                    id: AssetID(rawValue: id)!,
                    uuid: AssetUUID(using: &random),
                    root: AssetRoot(onDisk: root),
                    isIncludedInBuild: Bool.random(using: &random)
                )
            )
        }
    }
}

/// A change to a sound segment, and what must be said about it.
struct BadRegistry: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var text: String
    var code: DiagnosticCode
    var line: Int
    var column: Int

    init(_ name: String, _ old: String, _ new: String, _ code: DiagnosticCode, _ line: Int, _ column: Int) {
        let parts = RegistryTests.text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        precondition(parts.count == 2, "\(old) does not stand in the sample")
        testDescription = name
        text = parts[0] + new + parts[1]
        self.code = code
        self.line = line
        self.column = column
    }
}

@Suite struct RegistryTests {
    @Test("a segment of 8 MiB is read, and none that is larger")
    func largest() throws {
        let room = RegistryFormat.maximumBytes - Self.text.utf8.count
        #expect(RegistryFormat.maximumBytes == 8 << 20)
        for (padding, isRead) in [(room, true), (room + 1, false)] {
            let text = Self.text + String(repeating: " ", count: padding)
            let reading = RegistryFormat().read(Array(text.utf8), index: 0, path: "index.json")
            #expect((reading.segment != nil) == isRead)
            #expect(reading.diagnostics.isEmpty == isRead)
        }
    }

    static let text = """
        {"schema_version":1,"next_asset_id":9,"assets":[
        {"asset_id":1,"asset_uuid":"f5359a73-5aab-43c7-ae60-986554f520de","root":"tiles/hero","included_in_build":true},
        {"asset_id":8,"asset_uuid":"0000fedc-0000-4000-8000-00000000000a","root":"maps/Übung \\"1\\"","included_in_build":false}
        ]}

        """

    static let segment = RegistrySegment(
        nextAssetID: 9,
        entries: [
            RegistryEntry(
                id: AssetID(rawValue: 1)!,
                uuid: AssetUUID("f5359a73-5aab-43c7-ae60-986554f520de")!,
                root: AssetRoot(onDisk: "tiles/hero"),
                isIncludedInBuild: true
            ),
            RegistryEntry(
                id: AssetID(rawValue: 8)!,
                uuid: AssetUUID("0000fedc-0000-4000-8000-00000000000a")!,
                root: AssetRoot(onDisk: "maps/Übung \"1\""),
                isIncludedInBuild: false
            ),
        ]
    )

    private func read(_ text: String, index: Int = 0) -> RegistryReading {
        RegistryFormat().read(Array(text.utf8), index: index, path: ".prometeu/index.json")
    }

    @Test("a segment is read whole, and written back to the byte")
    func sound() {
        let reading = read(Self.text)
        #expect(reading.segment == Self.segment)
        #expect(reading.diagnostics.isEmpty)
        #expect(String(decoding: RegistryFormat.write(Self.segment), as: UTF8.self) == Self.text)
    }

    @Test("an empty segment has its form too")
    func empty() {
        let empty = RegistrySegment(nextAssetID: 1, entries: [])
        let text = "{\"schema_version\":1,\"next_asset_id\":1,\"assets\":[\n]}\n"
        #expect(String(decoding: RegistryFormat.write(empty), as: UTF8.self) == text)
        #expect(read(text).segment == empty)
    }

    @Test("what we wrote reads back as the same value, and is written as the same bytes", arguments: 0..<200)
    func roundTrip(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        let segment = RegistrySegment(nextAssetID: .random(in: 1...128, using: &random), using: &random)
        let bytes = RegistryFormat.write(segment)
        let reading = RegistryFormat().read(bytes, index: 0, path: "index.json")
        #expect(reading.segment == segment, "seed \(seed)")
        #expect(reading.segment.map(RegistryFormat.write) == bytes, "seed \(seed)")
    }

    @Test("a person's formatting, order of members and order of entries are read, and written in ours")
    func unusual() {
        let reading = read(
            #"""
            { "assets" : [
              {"root":"maps/\u00dcbung \"1\"","included_in_build":false,"asset_id":8,"asset_uuid":"0000fedc-0000-4000-8000-00000000000a"},
              {"asset_uuid":"f5359a73-5aab-43c7-ae60-986554f520de","included_in_build":true,"root":"tiles/hero","asset_id":1}
            ],
            "next_asset_id": 9, "schema_version": 1 }
            """#
        )
        #expect(reading.segment?.entries == Self.segment.entries.reversed())
        #expect(reading.segment.map { String(decoding: RegistryFormat.write($0), as: UTF8.self) } == Self.text)
    }

    @Test("ids, uuids and roots that stand twice are kept, for the whole registry to judge")
    func twice() {
        let line = Self.text.split(separator: "\n")[1]
        let reading = read(Self.text.replacing(line, with: line + "\n" + line))
        #expect(reading.segment?.entries.map(\.id.rawValue) == [1, 1, 8])
        #expect(reading.diagnostics.isEmpty)
    }

    @Test("a root that breaks a name rule stays as it is")
    func oldRoot() {
        let reading = read(Self.text.replacing("tiles/hero", with: "CON/.a:b "))
        #expect(reading.segment?.entries.first?.root.path == "CON/.a:b ")
    }

    @Test(
        "a segment holds the ids of its index",
        arguments: [
            (0, 1, true), (0, 127, true), (0, 128, false), (0, 0, false), (1, 127, false), (1, 128, true),
            (1, 255, true),
            (1, 256, false), (16_777_215, 2_147_483_647, true), (16_777_215, 2_147_483_648, false),
        ]
    )
    func range(_ index: Int, _ id: Int, _ isHeld: Bool) {
        let text = Self.text.replacing("\"asset_id\":8", with: "\"asset_id\":\(id)")
            .replacing(":9,", with: ":2147483648,")
            .replacing("\"asset_id\":1,", with: "\"asset_id\":\(max(1, index * 128)),")
        #expect((read(text, index: index).segment != nil) == isHeld)
    }

    static let bad: [BadRegistry] = [
        BadRegistry("cut off", "\n]}\n", "", .registrySyntax, 3, 120),
        BadRegistry("merge conflict", "{\"asset_id\":8", "<<<<<<< ours\n{\"asset_id\":8", .registrySyntax, 3, 1),
        BadRegistry("byte order mark", "{\"schema", "\u{feff}{\"schema", .registrySyntax, 1, 1),
        BadRegistry("NUL", "hero", "he\0ro", .registrySyntax, 2, 83),
        BadRegistry("duplicate key", "\"root\"", "\"asset_id\"", .registrySyntax, 2, 67),
        BadRegistry("trailing comma", "false}", "false},", .registrySyntax, 4, 1),
        BadRegistry("newer schema", ":1,", ":2,", .registryNewerSchema, 1, 19),
        BadRegistry("schema 0", ":1,", ":0,", .registrySchema, 1, 19),
        BadRegistry("schema 1.0", ":1,", ":1.0,", .registrySchema, 1, 19),
        BadRegistry("no schema", "\"schema_version\":1,", "", .registrySchema, 1, 1),
        BadRegistry("unknown member", "\"assets\"", "\"by\":1,\"assets\"", .registrySchema, 1, 39),
        BadRegistry("unknown member of an entry", "\"root\"", "\"x\":1,\"root\"", .registrySchema, 2, 67),
        BadRegistry("next id missing", "\"next_asset_id\":9,", "", .registrySchema, 1, 1),
        BadRegistry("next id 0", ":9,", ":0,", .registrySchema, 1, 37),
        BadRegistry("next id too large", ":9,", ":2147483649,", .registrySchema, 1, 37),
        BadRegistry("next id is a string", ":9,", ":\"9\",", .registrySchema, 1, 37),
        BadRegistry("next id is not above the ids", ":9,", ":8,", .registrySchema, 3, 13),
        BadRegistry("entry is an array", "{\"asset_id\":1", "[],{\"asset_id\":1", .registrySchema, 2, 1),
        BadRegistry("id missing", "\"asset_id\":1,", "", .registrySchema, 2, 1),
        BadRegistry("id 0", "\"asset_id\":1", "\"asset_id\":0", .registrySchema, 2, 13),
        BadRegistry("id is negative", "\"asset_id\":1", "\"asset_id\":-1", .registrySchema, 2, 13),
        BadRegistry("id is a fraction", "\"asset_id\":1", "\"asset_id\":1.5", .registrySchema, 2, 13),
        BadRegistry("upper-case UUID", "f5359a73", "F5359a73", .registrySchema, 2, 28),
        BadRegistry("UUID is null", "\"f5359a73-5aab-43c7-ae60-986554f520de\"", "null", .registrySchema, 2, 28),
        BadRegistry("empty root", "tiles/hero", "", .registrySchema, 2, 74),
        BadRegistry("absolute root", "tiles/hero", "/tiles", .registrySchema, 2, 74),
        BadRegistry("root leads up", "tiles/hero", "tiles/../..", .registrySchema, 2, 74),
        BadRegistry("root with .", "tiles/hero", "./tiles", .registrySchema, 2, 74),
        BadRegistry("root with an empty component", "tiles/hero", "tiles//hero", .registrySchema, 2, 74),
        BadRegistry("root is a number", "\"tiles/hero\"", "5", .registrySchema, 2, 74),
        BadRegistry("inclusion is a number", "true", "1", .registrySchema, 2, 107),
    ]

    @Test("a segment with any error is no segment, and the error has its place and remedy", arguments: bad)
    func errors(_ bad: BadRegistry) throws {
        let reading = read(bad.text)
        #expect(reading.segment == nil)
        let first = try #require(reading.diagnostics.first)
        #expect(first.code == bad.code)
        #expect(first.line == bad.line)
        #expect(first.column == bad.column)
        #expect(first.severity == .error)
        #expect(first.path == ".prometeu/index.json")
        #expect(first.remedy.hasSuffix("."))
    }

    @Test(
        "a segment that is no object, or has no array, is refused",
        arguments: [
            "[]", "{\"schema_version\":1,\"next_asset_id\":1,\"assets\":{}}", "",
        ]
    )
    func shape(_ text: String) {
        #expect(read(text).segment == nil)
        #expect(read(text).diagnostics.count == 1)
    }
}

import PackerModel
import Testing
@testable import WorkspaceFormat

/// A change to a sound declaration, and what must be said about it.
struct BadDeclaration: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var bytes: [UInt8]
    var code: DiagnosticCode
    var line: Int?
    var column: Int?
    var keepsIdentity: Bool

    init(
        _ name: String,
        _ old: String,
        _ new: String,
        _ code: DiagnosticCode,
        _ line: Int,
        _ column: Int,
        keepsIdentity: Bool = true
    ) {
        let parts = SampleDeclaration.text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        precondition(parts.count == 2, "\(old) does not stand in the sample")
        self.init(name, Array((parts[0] + new + parts[1]).utf8), code, line, column, keepsIdentity: keepsIdentity)
    }

    init(
        _ name: String,
        _ bytes: [UInt8],
        _ code: DiagnosticCode,
        _ line: Int?,
        _ column: Int?,
        keepsIdentity: Bool = false
    ) {
        testDescription = name
        self.bytes = bytes
        self.code = code
        self.line = line
        self.column = column
        self.keepsIdentity = keepsIdentity
    }
}

@Suite struct DeclarationDiagnosticTests {
    private static func nested(_ levels: Int) -> String {
        String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }

    static let syntax: [BadDeclaration] = [
        BadDeclaration("empty file", [], .declarationSyntax, 1, 1),
        BadDeclaration("white space only", Array("\n \n ".utf8), .declarationSyntax, 3, 2),
        BadDeclaration("UTF-8 byte order mark", [0xef, 0xbb, 0xbf, 0x7b, 0x7d], .declarationByteOrderMark, 1, 1),
        BadDeclaration("UTF-16 byte order mark", [0xff, 0xfe, 0x7b, 0, 0x7d, 0], .declarationByteOrderMark, 1, 1),
        BadDeclaration("NUL in a string", "Hero", "He\0ro", .declarationNUL, 4, 14, keepsIdentity: false),
        BadDeclaration("NUL after the end", Array("{}\n\0".utf8), .declarationNUL, 2, 1),
        BadDeclaration("escaped NUL", "Hero", "H\\u0000", .declarationNUL, 4, 13),
        BadDeclaration("escaped NUL in a key", "\"name\"", "\"\\\\\\u0000\"", .declarationNUL, 4, 6),
        BadDeclaration(
            "nested 65 deep",
            Array("{\"x\": \(nested(64))}".utf8),
            .declarationTooDeep,
            1,
            70
        ),
        BadDeclaration(
            "larger than 1 MiB",
            Array(repeating: UInt8(ascii: " "), count: 1 << 20) + [UInt8(ascii: "1")],
            .declarationTooLarge,
            nil,
            nil
        ),
        BadDeclaration("missing comma", "\"Hero\",", "\"Hero\"", .declarationSyntax, 5, 3),
        BadDeclaration("trailing comma", "\"NONE\"", "\"NONE\",", .declarationSyntax, 12, 3),
        BadDeclaration("trailing comma in an array", "\"hero.png\"", "\"hero.png\",", .declarationSyntax, 7, 28),
        BadDeclaration("line comment", "\"Hero\",", "\"Hero\", // who", .declarationSyntax, 4, 19),
        BadDeclaration("block comment", "\"Hero\"", "/* who */ \"Hero\"", .declarationSyntax, 4, 11),
        BadDeclaration("single quotes", "\"Hero\"", "'Hero'", .declarationSyntax, 4, 11),
        BadDeclaration("name without quotes", "\"name\"", "name", .declarationSyntax, 4, 3),
        BadDeclaration("missing colon", "\"name\":", "\"name\"", .declarationSyntax, 4, 10),
        BadDeclaration("missing value", "\"Hero\"", "", .declarationSyntax, 4, 11),
        BadDeclaration("word", "\"Hero\"", "undefined", .declarationSyntax, 4, 11),
        BadDeclaration("almost true", "\"Hero\"", "truth", .declarationSyntax, 4, 11),
        BadDeclaration("almost null", "\"Hero\"", "nul", .declarationSyntax, 4, 11),
        BadDeclaration("NaN", "\"Hero\"", "NaN", .declarationSyntax, 4, 11),
        BadDeclaration("minus alone", "\"Hero\"", "-", .declarationSyntax, 4, 11),
        BadDeclaration("minus and a word", "\"Hero\"", "-Infinity", .declarationSyntax, 4, 11),
        BadDeclaration("leading zero", "\"Hero\"", "01", .declarationSyntax, 4, 12),
        BadDeclaration("no digit after the point", "\"Hero\"", "1.", .declarationSyntax, 4, 13),
        BadDeclaration("no digit in the exponent", "\"Hero\"", "1e+", .declarationSyntax, 4, 14),
        BadDeclaration("number beyond a double", "\"Hero\"", "1e400", .declarationSyntax, 4, 11),
        BadDeclaration("unknown escape", "Hero", "C:\\Heroes", .declarationSyntax, 4, 14),
        BadDeclaration("bad hexadecimal digits", "Hero", "\\u00g0", .declarationSyntax, 4, 12),
        BadDeclaration("high surrogate alone", "Hero", "x\\ud83d!", .declarationSyntax, 4, 13),
        BadDeclaration("low surrogate alone", "Hero", "\\ud83d\\ude00 \\ude00", .declarationSyntax, 4, 25),
        BadDeclaration("low surrogate after an escape", "Hero", "\\\\\\n\\ude00", .declarationSyntax, 4, 16),
        BadDeclaration("tab in a string", "Hero", "He\tro", .declarationSyntax, 4, 14),
        BadDeclaration("string not closed on its line", "\"Hero\"", "\"Hero", .declarationSyntax, 4, 17),
        BadDeclaration(
            "string never closed",
            Array("{\"asset_uuid\":\"\(SampleDeclaration.uuid)\",\n\"name\": \"Hero}".utf8),
            .declarationSyntax,
            2,
            9,
            keepsIdentity: true
        ),
        BadDeclaration("text after the end", "\n}\n", "\n}\n}", .declarationSyntax, 14, 1),
        BadDeclaration("cut off", "\n  }\n}\n", "", .declarationSyntax, 11, 20),
        BadDeclaration("file of one bracket", Array("{".utf8), .declarationSyntax, 1, 2),
        BadDeclaration(
            "Latin-1",
            Array("{\"name\": \"K".utf8) + [0xf6] + Array("nig\"}".utf8),
            .declarationSyntax,
            1,
            12
        ),
        BadDeclaration("UTF-8 cut off at the end", Array("{\"name\": \"".utf8) + [0xf0], .declarationSyntax, 1, 11),
        BadDeclaration(
            "overlong UTF-8",
            Array("{\"".utf8) + [0xc0, 0x80] + Array("\":1}".utf8),
            .declarationSyntax,
            1,
            3
        ),
        BadDeclaration(
            "surrogate in UTF-8",
            Array("[\"".utf8) + [0xed, 0xa0, 0x80, 0x22, 0x5d],
            .declarationSyntax,
            1,
            3
        ),
        BadDeclaration("byte outside a string", Array("{ ".utf8) + [0xa0, 0x7d], .declarationSyntax, 1, 3),
        BadDeclaration(
            "CR LF line ends",
            Array("{\r\n\r\n  \"name\" 1}".utf8),
            .declarationSyntax,
            3,
            10
        ),
        BadDeclaration("CR line ends", Array("{\r\r  \"name\" 1}".utf8), .declarationSyntax, 3, 10),
    ]

    static let schema: [BadDeclaration] = [
        BadDeclaration("not an object", Array(" []".utf8), .declarationSchema, 1, 2),
        BadDeclaration("duplicate member", "\"type\"", "\"name\"", .declarationDuplicateKey, 5, 3),
        BadDeclaration("duplicate in an escape", "\"codec\"", "\"form\\u0061t\"", .declarationDuplicateKey, 11, 5),
        BadDeclaration(
            "duplicate in an unknown member",
            "\"Hero\"",
            "\"Hero\", \"x\": {\"a\": 1, \"b\": [{\"c\": 1, \"c\": 2}]}",
            .declarationDuplicateKey,
            4,
            48
        ),
        BadDeclaration(
            "duplicate identity",
            "\"name\": \"Hero\"",
            "\"name\": \"Hero\", \"asset_uuid\": \"\"",
            .declarationDuplicateKey,
            4,
            19,
            keepsIdentity: false
        ),
        BadDeclaration("newer schema", "1,", "2,", .declarationNewerSchema, 2, 21, keepsIdentity: false),
        BadDeclaration(
            "much newer schema",
            "1,",
            "99999999999999999999999,",
            .declarationNewerSchema,
            2,
            21,
            keepsIdentity: false
        ),
        BadDeclaration("schema 0", "1,", "0,", .declarationSchema, 2, 21),
        BadDeclaration("schema -1", "1,", "-1,", .declarationSchema, 2, 21),
        BadDeclaration("schema 1.0", "1,", "1.0,", .declarationSchema, 2, 21),
        BadDeclaration("schema 2e0", "1,", "2e0,", .declarationSchema, 2, 21),
        BadDeclaration("schema as a string", "1,", "\"1\",", .declarationSchema, 2, 21),
        BadDeclaration("no schema", "\"schema_version\"", "\"version\"", .declarationSchema, 1, 1),
        BadDeclaration("no UUID", "\"asset_uuid\"", "\"uuid\"", .declarationSchema, 1, 1, keepsIdentity: false),
        BadDeclaration("upper-case UUID", "f5359a73", "F5359A73", .declarationSchema, 3, 17, keepsIdentity: false),
        BadDeclaration("short UUID", "f5359a73", "f5359a7", .declarationSchema, 3, 17, keepsIdentity: false),
        BadDeclaration("no name", "\"name\"", "\"title\"", .declarationSchema, 1, 1),
        BadDeclaration("empty name", "Hero", "", .declarationSchema, 4, 11),
        BadDeclaration("name is a number", "\"Hero\"", "7", .declarationSchema, 4, 11),
        BadDeclaration("type is null", "\"tile_bank\"", "null", .declarationSchema, 5, 11),
        BadDeclaration("empty type", "\"tile_bank\"", "\"\"", .declarationSchema, 5, 11),
        BadDeclaration("no inputs", "\"inputs\"", "\"files\"", .declarationSchema, 1, 1),
        BadDeclaration(
            "inputs are an array",
            "{\n    \"sprites\": [\"hero.png\"]\n  }",
            "[]",
            .declarationSchema,
            6,
            13
        ),
        BadDeclaration("role with one string", "[\"hero.png\"]", "\"hero.png\"", .declarationSchema, 7, 16),
        BadDeclaration("role without a name", "\"sprites\"", "\"\"", .declarationSchema, 7, 5),
        BadDeclaration("path is a number", "\"hero.png\"", "\"a\", 1", .declarationSchema, 7, 22),
        BadDeclaration("path is empty", "hero.png", "", .declarationInputPath, 7, 17),
        BadDeclaration("path is absolute", "hero.png", "/hero.png", .declarationInputPath, 7, 17),
        BadDeclaration("path leads up", "hero.png", "a/../../hero.png", .declarationInputPath, 7, 17),
        BadDeclaration("path ends with ..", "hero.png", "a/..", .declarationInputPath, 7, 17),
        BadDeclaration("path with .", "hero.png", "./hero.png", .declarationInputPath, 7, 17),
        BadDeclaration("path with //", "hero.png", "a//hero.png", .declarationInputPath, 7, 17),
        BadDeclaration("path ends with /", "hero.png", "a/", .declarationInputPath, 7, 17),
        BadDeclaration("path leads up in escapes", "hero.png", "\\u002e./x", .declarationInputPath, 7, 17),
        BadDeclaration("no output", "\"output\"", "\"out\"", .declarationSchema, 1, 1),
        BadDeclaration("no format", "\"format\"", "\"form\"", .declarationSchema, 9, 13),
        BadDeclaration("format without a family", "TILES/indexed_v1", "/indexed_v1", .declarationSchema, 10, 15),
        BadDeclaration("format without a name", "TILES/indexed_v1", "TILES/", .declarationSchema, 10, 15),
        BadDeclaration("format of three parts", "TILES/indexed_v1", "TILES/a/b", .declarationSchema, 10, 15),
        BadDeclaration("no codec", "\"codec\"", "\"coding\"", .declarationSchema, 9, 13),
        BadDeclaration("metadata is a string", "\"NONE\"", "\"NONE\", \"metadata\": \"\"", .declarationSchema, 11, 34),
        BadDeclaration("preload is a boolean", "\n}\n", ", \"preload\": true}", .declarationSchema, 12, 17),
        BadDeclaration(
            "preload.enabled is a number",
            "\n}\n",
            ", \"preload\": {\"enabled\": 1}}",
            .declarationSchema,
            12,
            29
        ),
    ]

    @Test("each kind of damage has its code, line, column and remedy", arguments: syntax + schema)
    func damage(_ bad: BadDeclaration) throws {
        let reading = DeclarationFormat().read(bad.bytes, path: "tiles/hero/asset.json")
        #expect(reading.declaration == nil)
        #expect(reading.uuid == (bad.keepsIdentity ? AssetUUID(SampleDeclaration.uuid) : nil))
        let first = try #require(reading.diagnostics.first { $0.code == bad.code }, "\(reading.diagnostics)")
        #expect(first.severity == .error)
        #expect(first.line == bad.line)
        #expect(first.column == bad.column)
        for diagnostic in reading.diagnostics {
            #expect(diagnostic.path == "tiles/hero/asset.json")
            #expect(!diagnostic.message.isEmpty)
            #expect(diagnostic.remedy.hasSuffix("."))
        }
    }

    @Test(
        "a syntax error says what stood there",
        arguments: [
            ("{\"name\": undefined}", "a value is expected, but `undefined` stands here"),
            ("{\"name\": 1,}", "a member's name in double quotes is expected, but `}` stands here"),
            ("{\"name\": ‹1›}", "a value is expected, but `‹` stands here"),
            ("{\"name\": \"a\nb\"}", "a string is not closed on its line"),
            ("{\"name\": \"a\u{1}\"}", "the string contains the byte 0x01"),
            ("{\"name\" 12}", "a colon is expected after the member's name, but `12` stands here"),
            ("{\"name\": 1", "a comma or } is expected, but the end of the file stands here"),
            ("{\"name\": [1 2]}", "a comma or ] is expected, but `2` stands here"),
            ("{\"name\":\n", "a value is expected, but the end of the file stands here"),
            ("{} x", "`x` stands after the end of the document"),
        ]
    )
    func wording(_ text: String, _ message: String) {
        let reading = DeclarationFormat().read(Array(text.utf8), path: "asset.json")
        #expect(reading.diagnostics.map(\.message) == [message])
    }

    @Test("a duplicate names the key and both places")
    func bothPlaces() throws {
        let text = SampleDeclaration.text.replacing("\"type\"", with: "\"name\"")
        let reading = DeclarationFormat().read(Array(text.utf8), path: "asset.json")
        let duplicate = try #require(reading.diagnostics.first { $0.code == .declarationDuplicateKey })
        #expect(duplicate.message == "the member \"name\" stands twice in one object, first at line 4, column 3")
    }

    @Test("a duplicate among many members is found, and among very many only the first are reported")
    func manyDuplicates() {
        let members = (0..<5000).map { "\"m\($0 % 4000)\": 0" }.joined(separator: ",\n")
        let text = "{" + members + "}"
        let reading = DeclarationFormat().read(Array(text.utf8), path: "asset.json")
        #expect(reading.diagnostics.count == DiagnosticList.limit)
        #expect(reading.diagnostics.first?.code == .declarationDuplicateKey)
        #expect(reading.diagnostics.first?.line == 4001)
        #expect(reading.diagnostics.first?.message.hasSuffix("first at line 1, column 2") == true)
    }

    @Test("a message shows the start of a very long text, and control characters as escapes")
    func longText() {
        let path = "/" + String(repeating: "ä", count: 1000)
        let text = SampleDeclaration.text.replacing("hero.png", with: path).replacing("tile_bank", with: "\\u001b[2J")
        let messages = DeclarationFormat().read(Array(text.utf8), path: "asset.json").diagnostics.map(\.message)
        #expect(messages.contains { $0.contains("ä…") })
        #expect(messages.contains("the type \"\\u{1b}[2J\" is not known"))
        #expect(messages.allSatisfy { $0.utf8.count < 250 })
    }

    @Test("every rule that is broken is reported, not only the first")
    func allProblems() {
        let text = #"{"schema_version": 1, "asset_uuid": 1, "name": "", "type": [], "inputs": {}, "output": {}}"#
        let reading = DeclarationFormat().read(Array(text.utf8), path: "asset.json")
        #expect(reading.diagnostics.map(\.column) == [37, 48, 60, 88, 88])
    }
}

import Foundation
import PackerModel
import PackerTestSupport
import Testing

@testable import WorkspaceFormat

/// A file, one edit, and the file afterwards, byte for byte.
struct EditCase: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var source: String
    var path: [String]
    var value: DeclarationEdit.Value
    var expected: String

    init(
        _ name: String,
        _ source: String,
        _ path: [String],
        _ value: DeclarationEdit.Value,
        _ expected: String
    ) {
        testDescription = name
        self.source = source
        self.path = path
        self.value = value
        self.expected = expected
    }
}

@Suite struct DeclarationEditTests {
    private func edit(_ text: String, _ edits: DeclarationEdit...) throws -> String {
        String(decoding: try DeclarationFormat().edit(Array(text.utf8), edits), as: UTF8.self)
    }

    static let set: [EditCase] = [
        EditCase("a string", #"{"name":"a"}"#, ["name"], .string("b"), #"{"name":"b"}"#),
        EditCase(
            "a string that needs escapes",
            #"{"name":"a"}"#,
            ["name"],
            .string("\"\\\n/ä"),
            #"{"name":"\"\\\n/ä"}"#
        ),
        EditCase("a value with escapes", #"{"name":"\"\\\u0041"  }"#, ["name"], .string("b"), #"{"name":"b"  }"#),
        EditCase("under an escaped key", #"{"n\u0061me" : 1}"#, ["name"], .string("b"), #"{"n\u0061me" : "b"}"#),
        EditCase("under a key with a quote", #"{"a\"b":1}"#, ["a\"b"], .bool(true), #"{"a\"b":true}"#),
        EditCase("a number's spelling", #"{"a":1.0e0 ,"b":-0.50E+1}"#, ["b"], .json("2"), #"{"a":1.0e0 ,"b":2}"#),
        EditCase(
            "beside a number's spelling",
            #"{"a":1.0e0 ,"b":true}"#,
            ["b"],
            .bool(false),
            #"{"a":1.0e0 ,"b":false}"#
        ),
        EditCase("null", #"{"a": null}"#, ["a"], .bool(true), #"{"a": true}"#),
        EditCase("after CR LF", "{\r\n\t\"a\" :\t1\r\n}\r\n", ["a"], .bool(true), "{\r\n\t\"a\" :\ttrue\r\n}\r\n"),
        EditCase("no newline at the end", "{\n\"a\":1}", ["a"], .bool(true), "{\n\"a\":true}"),
        EditCase(
            "in a nested object",
            #"{"a": {"x": [{"b": 1}], "b": 2}}"#,
            ["a", "b"],
            .bool(true),
            #"{"a": {"x": [{"b": 1}], "b": true}}"#
        ),
        EditCase(
            "not the same name deeper down",
            #"{"x": {"a": 1}, "a": 2}"#,
            ["a"],
            .bool(true),
            #"{"x": {"a": 1}, "a": true}"#
        ),
        EditCase("white space around the file", "\n\n {\"a\": 1} \n\n", ["a"], .bool(true), "\n\n {\"a\": true} \n\n"),
        EditCase(
            "an array on one line",
            "{\n  \"a\": [1, 2]\n}",
            ["a"],
            .paths(["x", "y"]),
            "{\n  \"a\": [\"x\", \"y\"]\n}"
        ),
        EditCase(
            "an array of lines",
            "{\n  \"a\": [\n    1\n  ]\n}",
            ["a"],
            .paths(["x", "y"]),
            "{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ]\n}"
        ),
        EditCase(
            "an object in tabs",
            "{\r\n\t\"a\": {}\r\n}",
            ["a"],
            .inputs([.init(role: "r", paths: ["x"])]),
            "{\r\n\t\"a\": {\r\n\t\t\"r\": [\r\n\t\t\t\"x\"\r\n\t\t]\r\n\t}\r\n}"
        ),
        EditCase("JSON text as it is", #"{"a":1}"#, ["a"], .json(" {\"b\" :\n[ ]}"), "{\"a\": {\"b\" :\n[ ]}}"),
    ]

    static let add: [EditCase] = [
        EditCase("to one line", #"{"a":1}"#, ["b"], .bool(true), #"{"a":1,"b":true}"#),
        EditCase("to one line with gaps", #"{"a": 1}"#, ["b"], .bool(true), #"{"a": 1, "b": true}"#),
        EditCase("to one line with wide gaps", #"{ "a" : 1 }"#, ["b"], .bool(true), #"{ "a" : 1, "b" : true }"#),
        EditCase("to lines", "{\n  \"a\": 1\n}\n", ["b"], .bool(true), "{\n  \"a\": 1,\n  \"b\": true\n}\n"),
        EditCase(
            "to lines with tabs and CR LF",
            "{\r\n\t\"a\":1\r\n}",
            ["b"],
            .bool(true),
            "{\r\n\t\"a\":1,\r\n\t\"b\":true\r\n}"
        ),
        EditCase(
            "after a blank line",
            "{\n\n    \"a\": 1\n}",
            ["b"],
            .bool(true),
            "{\n\n    \"a\": 1,\n    \"b\": true\n}"
        ),
        EditCase(
            "to lines without indentation",
            "{\n\"a\": {\"c\": 1}\n}",
            ["b"],
            .paths(["x"]),
            "{\n\"a\": {\"c\": 1},\n\"b\": [\n\"x\"\n]\n}"
        ),
        EditCase(
            "to an object on one line in a file of lines",
            "{\n  \"a\": {\"c\": 1}\n}",
            ["a", "b"],
            .paths(["x", "y"]),
            "{\n  \"a\": {\"c\": 1, \"b\": [\"x\", \"y\"]}\n}"
        ),
        EditCase(
            "to a nested object",
            "{\n  \"a\": {\n    \"c\": 1\n  }\n}",
            ["a", "b"],
            .paths(["x"]),
            "{\n  \"a\": {\n    \"c\": 1,\n    \"b\": [\n      \"x\"\n    ]\n  }\n}"
        ),
        EditCase(
            "to an empty object in a file of lines",
            "{\n    \"a\": {}\n}",
            ["a", "b"],
            .bool(true),
            "{\n    \"a\": {\n        \"b\": true\n    }\n}"
        ),
        EditCase(
            "to an empty object on two lines",
            "{\n  \"a\": {\n  }\n}",
            ["a", "b"],
            .bool(true),
            "{\n  \"a\": {\n    \"b\": true\n  }\n}"
        ),
        EditCase("to an empty object on one line", #"{"a":{}}"#, ["a", "b"], .bool(true), #"{"a":{"b":true}}"#),
        EditCase("to an empty object with a gap", #"{"a": { }}"#, ["a", "b"], .bool(true), #"{"a": { "b": true }}"#),
        EditCase("to an empty file", "{}", ["a"], .bool(true), "{\n  \"a\": true\n}"),
        EditCase(
            "with what is missing above it",
            "{\n  \"a\": 1\n}",
            ["p", "q", "r"],
            .bool(true),
            "{\n  \"a\": 1,\n  \"p\": {\n    \"q\": {\n      \"r\": true\n    }\n  }\n}"
        ),
        EditCase(
            "with what is missing above it, on one line",
            #"{"a":1}"#,
            ["p", "q"],
            .bool(true),
            #"{"a":1,"p":{"q":true}}"#
        ),
        EditCase(
            "as its own object is formatted, not as the file",
            #"{"a": {"b":1}}"#,
            ["a", "c"],
            .bool(true),
            #"{"a": {"b":1,"c":true}}"#
        ),
        EditCase("with a name that needs escapes", #"{"a":1}"#, ["\"\t"], .bool(true), #"{"a":1,"\"\t":true}"#),
        EditCase(
            "where a value stands on its own line",
            "{\"a\"\n:\n1}",
            ["b"],
            .bool(true),
            "{\"a\"\n:\n1, \"b\": true}"
        ),
    ]

    @Test("an edit changes the bytes of its value and no others", arguments: set)
    func setting(_ edit: EditCase) throws {
        #expect(try self.edit(edit.source, DeclarationEdit(edit.path, edit.value)) == edit.expected)
    }

    @Test("a missing member is added in the file's own formatting", arguments: add)
    func adding(_ edit: EditCase) throws {
        #expect(try self.edit(edit.source, DeclarationEdit(edit.path, edit.value)) == edit.expected)
    }

    @Test("edits apply in their order, the later on what the earlier made")
    func order() throws {
        let edited = try edit(
            "{}",
            DeclarationEdit(["a"], .json("{}")),
            DeclarationEdit(["a", "b"], .string("1")),
            DeclarationEdit(["a", "b"], .string("2")),
            DeclarationEdit(["a", "c"], .bool(true))
        )
        #expect(edited == "{\n  \"a\": {\n    \"b\": \"2\",\n    \"c\": true\n  }\n}")
    }

    @Test("without edits the bytes stay as they are")
    func nothing() throws {
        #expect(try edit(" {\r\n } ") == " {\r\n } ")
    }

    @Test(
        "an edit that cannot be made is refused with its reason",
        arguments: [
            (
                "{\"a\": 1", ["a"], .bool(true),
                .invalidFile(
                    message: "a comma or } is expected, but the end of the file stands here",
                    place: place(1, 8)
                )
            ),
            (
                "{\"a\": 1,\n\"a\": 2}", ["b"], .bool(true),
                .invalidFile(
                    message: "the member \"a\" stands twice in one object, first at line 1, column 2",
                    place: place(2, 1)
                )
            ),
            (
                "\u{feff}{}", ["a"], .bool(true),
                .invalidFile(
                    message: "the file starts with a byte order mark (UTF-8)",
                    place: place(1, 1)
                )
            ),
            ("{\"schema_version\": 2}", ["a"], .bool(true), .newerSchema("2")),
            ("[]", ["a"], .bool(true), .notAnObject(path: [])),
            ("{\"a\": {\"b\": 1}}", ["a", "b", "c"], .bool(true), .notAnObject(path: ["a", "b"])),
            ("{}", [], .bool(true), .emptyPath),
            ("{}", ["a"], .json(""), .invalidValue(path: ["a"], message: "the file has no content")),
            (
                "{}", ["a"], .json("1, \"b\": 2"),
                .invalidValue(
                    path: ["a"],
                    message: "`,` stands after the end of the document"
                )
            ),
            (
                "{}", ["a"], .json("{\"x\": 1, \"x\": 2}"),
                .invalidValue(
                    path: ["a"],
                    message: "the member \"x\" stands twice in one object, first at line 1, column 2"
                )
            ),
            ("{}", ["a"], .string("\0"), nil),
            (
                "{}", ["a"], .inputs([.init(role: "r", paths: []), .init(role: "r", paths: [])]),
                .resultRefused(
                    message: "the member \"r\" stands twice in one object, first at line 3, column 5"
                )
            ),
            (
                "{\"a\": {}}", ["a", "b"], .json(String(repeating: "[", count: 63) + String(repeating: "]", count: 63)),
                .resultRefused(message: "objects and arrays are nested deeper than 64 levels")
            ),
        ] as [(String, [String], DeclarationEdit.Value, DeclarationEditError?)]
    )
    func refusals(_ text: String, _ path: [String], _ value: DeclarationEdit.Value, _ expected: DeclarationEditError?)
        throws
    {
        let error = try #require(throws: DeclarationEditError.self) { try edit(text, DeclarationEdit(path, value)) }
        if let expected { #expect(error == expected) }
        #expect(error.description.hasSuffix("."))
    }

    @Test("an edit that makes the file larger than a declaration may be is refused")
    func tooLarge() {
        let message = "the file has 1048589 bytes; at most 1048576 are read"
        #expect(throws: DeclarationEditError.resultRefused(message: message)) {
            try edit("{}", DeclarationEdit(["a"], .string(String(repeating: "x", count: 1 << 20))))
        }
    }

    private static func place(_ line: Int, _ column: Int) -> SourcePlace {
        let source = Array(repeating: UInt8(ascii: "\n"), count: line - 1) + Array(repeating: 0, count: column)
        return source.withUnsafeBufferPointer { SourcePlace(of: line - 1 + column - 1, in: $0) }
    }

    @Test(
        "the changes between two declarations, made to the file, give a file that says the second",
        arguments: 0..<300
    )
    func changes(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let old = Declaration(using: &random)
        var new = old
        if Bool.random(using: &random) { new = Declaration(using: &random) }
        if Bool.random(using: &random) { new.inputs = old.inputs }
        if Bool.random(using: &random), !new.inputs.isEmpty { new.inputs[0].paths.append("more.png") }
        let format = DeclarationFormat()
        let edited = try format.edit(DeclarationFormat.write(old), DeclarationEdit.changes(from: old, to: new))
        #expect(format.read(edited, path: "asset.json").declaration == new, "seed \(seed)")
        #expect(DeclarationEdit.changes(from: new, to: new).isEmpty)
    }

    @Test("an edit of any document sets that value and leaves every other", arguments: 0..<500)
    func anyDocument(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var document = RandomDocument(seed: seed)
        let text = document.object()
        let before = try #require(
            try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any],
            "seed \(seed)"
        )
        let name = Bool.random(using: &random) ? before.keys.sorted().randomElement(using: &random) ?? "new" : "new"
        let edited = try DeclarationFormat().edit(text, [DeclarationEdit([name], .string("set"))])
        var expected = before
        expected[name] = "set"
        let after = try #require(try JSONSerialization.jsonObject(with: Data(edited)) as? NSDictionary)
        #expect(after == expected as NSDictionary, "seed \(seed)")
        let kept = zip(text, edited).prefix { $0 == $1 }.count
        let keptAtEnd = zip(text.reversed(), edited.reversed()).prefix { $0 == $1 }.count
        let changed = edited.count - min(edited.count, kept + keptAtEnd)
        #expect(changed <= 5 + name.utf8.count * 6 + 64, "seed \(seed)")
    }
}

extension Declaration {
    /// One that the reader accepts.
    init(using random: inout SplitMix) {
        self.init(
            uuid: AssetUUID(using: &random),
            name: "n" + random.text(),
            type: AssetType.known.randomElement(using: &random)!,
            inputs: (0..<Int.random(in: 0...3, using: &random)).map { index in
                let paths = (0..<Int.random(in: 0...3, using: &random)).map {
                    "f\($0)" + random.text().replacing("/", with: "")
                }
                return InputRole(role: "\(index)" + random.text(), paths: paths)
            },
            output: Output(
                format: "A/b",
                codec: "c" + random.text(),
                metadata: "{\"a\": [\(UInt8.random(in: 0...9, using: &random)), {}]}"
            ),
            preloadEnabled: Bool.random(using: &random)
        )
    }
}

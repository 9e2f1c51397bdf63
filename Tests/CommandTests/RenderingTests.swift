import Foundation
import Packer
import Testing

@testable import prometeu_packer

@Suite("What is shown")
struct RenderingTests {
    @Test("columns are aligned, numbers to the right, and no line ends in spaces")
    func alignment() {
        var table = Table(columns: [.number("ID"), "ROOT", "NOTE"])
        table.rows = [["1", "maps/town", ""], ["12", "a", "x"]]
        #expect(table.lines() == ["ID  ROOT       NOTE", " 1  maps/town", "12  a          x"])
    }

    @Test("wide and combining characters keep the columns aligned")
    func widths() {
        var table = Table(columns: ["NAME", "END"])
        table.rows = [["地図", "|"], ["e\u{301}te", "|"], ["🎮", "|"]]
        #expect(table.lines() == ["NAME  END", "地図  |", "e\u{301}te   |", "🎮    |"])
    }

    @Test("colours surround the text and leave the padding alone")
    func colours() {
        var table = Table(columns: ["", ""])
        table.rows = [[Table.Cell("a", .red), "b"], ["long", ""]]
        #expect(table.lines(Style(usesColour: true)) == ["\u{1b}[31ma\u{1b}[0m     b", "long"])
    }

    @Test(
        "what acts on a terminal is shown instead",
        arguments: [
            ("plain", "plain"), ("été 地図", "été 地図"), ("a\u{1b}[31m", "a\\u{1b}[31m"), ("\u{9b}2J", "\\u{9b}2J"),
            ("a\nb\tc\r", "a\\u{a}b\\u{9}c\\u{d}"), ("\u{7f}", "\\u{7f}"), ("\u{202e}gnp", "\\u{202e}gnp"),
            ("\u{2028}", "\\u{2028}"), ("👩‍🚀", "👩‍🚀"),
        ]
    )
    func terminalSafety(text: String, shown: String) {
        #expect(text.terminalSafe == shown)
    }

    struct Sample: Encodable {
        let someText: String
        let assetID: Int
        @Nullable var nothing: String?
        let path = "a/b"
    }

    @Test("JSON is one line of sorted snake_case keys, with nulls, and raw control characters in none of it")
    func jsonLine() throws {
        let line = try JSONLine().encode(Sample(someText: "\u{1b}\u{9b}\u{202e}\n\u{e0001}é", assetID: 1, nothing: nil))
        #expect(
            line == #"{"asset_id":1,"nothing":null,"path":"a/b","some_text":"\u001b\u009b\u202e\n"# + "\u{e0001}é\"}"
        )
        let read = try JSONObject(line)
        #expect(read["some_text"] == "\u{1b}\u{9b}\u{202e}\n\u{e0001}é")
    }

    @Test(
        "sizes have a unit and two digits at least",
        arguments: [
            (UInt64(0), "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (10_240, "10 KiB"),
            (1_048_575, "1.0 MiB"), (5 << 30, "5.0 GiB"), (.max, "16 EiB"),
        ]
    )
    func sizes(bytes: UInt64, text: String) {
        #expect(Quantity.size(bytes) == text)
    }

    @Test(
        "times are exact and in UTC, before 1970 too",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000000000Z"), (1_700_000_000_123_456_789, "2023-11-14T22:13:20.123456789Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
        ]
    )
    func times(nanoseconds: Int64, text: String) {
        #expect(Quantity.exactTime(nanoseconds) == text)
    }

    @Test(
        "bytes that are not UTF-8 are shown as such, and the text around them as text",
        arguments: [
            ([0x61, 0xff], "a\\xff"), ([0xc3, 0xa9, 0xc3], "é\\xc3"), ([0xe2, 0x82, 0xac, 0x80, 0x62], "€\\x80b"),
            ([0x07, 0xfe], "\\u{7}\\xfe"),
        ] as [([UInt8], String)]
    )
    func undecodable(bytes: [UInt8], text: String) {
        let arguments = ProcessArguments([Array("list".utf8), bytes])
        #expect(arguments.texts == ["list"])
        #expect(arguments.undecodable.map(\.terminalSafe) == [text])
    }

    @Test("inputs of one role are gathered in the order they were given")
    func roles() throws {
        let inputs = ["b=1", "a=2", "b=x=y"].compactMap(CreateCommand.Input.init)
        let roles = CreateCommand.roles(inputs)
        #expect(roles.map(\.role) == ["b", "a"])
        #expect(roles.map(\.paths) == [["1", "x=y"], ["2"]])
    }

    @Test("an input without a role is not understood", arguments: ["path", "=path", ""])
    func inputsWithoutRole(argument: String) {
        #expect(CreateCommand.Input(argument: argument) == nil)
    }

    @Test(
        "colours need a terminal that wants them",
        arguments: [[:], ["NO_COLOR": "1"], ["TERM": "dumb"]] as [[String: String]]
    )
    func noColourInAFile(environment: [String: String]) throws {
        let file = try #require(fopen("/dev/null", "w"))
        defer { fclose(file) }
        #expect(Style(Output(descriptor: fileno(file)), environment: environment) == .plain)
    }
}

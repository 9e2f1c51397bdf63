import Foundation
import PackerTestSupport
import Testing

@Suite("The transcript")
struct TranscriptTests {
    @Test("the transcript in the documentation is what the command writes")
    func replay() async throws {
        let page = try String(contentsOfFile: Fixtures.package + "/docs/transcript.md", encoding: .utf8)
        let block = try #require(page.split(separator: "```\n").dropFirst().first)
        let outside = try TemporaryFolder()
        try FileManager.default.copyItem(
            atPath: Fixtures.package + "/fixtures/game", toPath: outside.path + "/game")
        let command = Command(folder: outside)
        var shown = ""
        for line in block.split(separator: "\n") where line.hasPrefix("$ ") {
            let script = line.dropFirst(2).replacing("prometeu-packer", with: "\"$0\"")
            shown += "\(line)\n" + (try await command.shell("cd \"$1\" && exec 2>&1; \(script)").output)
        }
        #expect(shown == String(block))
    }

    @Test(
        "the screens in the documentation are what the live view shows",
        .enabled(if: Fixtures.has("setsid"), "needs setsid(1) for a terminal of its own")
    )
    func screens() async throws {
        let page = try String(contentsOfFile: Fixtures.package + "/docs/transcript.md", encoding: .utf8)
        let part = try #require(page.components(separatedBy: "## The live view").dropFirst().first)
        let blocks = part.components(separatedBy: "```\n").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        #expect(blocks.count == 5)
        let outside = try TemporaryFolder()
        try FileManager.default.copyItem(
            atPath: Fixtures.package + "/fixtures/game", toPath: outside.path + "/game")
        let command = Command(folder: outside)
        let terminal = try PseudoTerminal(
            command, ["watch", "game"], columns: 72, rows: 20, in: outside.path)
        for block in blocks {
            let lines = block.components(separatedBy: "\n").dropLast()
            let typed = try #require(lines.first).dropFirst(2)
            if typed != "prometeu-packer watch game" {
                let script = typed.replacing("prometeu-packer", with: "\"$0\"")
                #expect(try await command.shell("cd \"$1\" && \(script)").status == 0)
            }
            let screen = Self.ageless(Array(lines.dropFirst()))
            let frame = await terminal.frame { Self.ageless($0) == screen }
            #expect(frame != nil, "\(typed): \(terminal.output.suffix(2_000))")
        }
        terminal.type("q")
        #expect(await terminal.status() == 0)
    }

    /// The screen without how long ago anything was, and without the generation: a reader publishes one more where it
    /// reads everything anew.
    private static func ageless(_ lines: [String]) -> [String] {
        lines.map {
            $0.replacing(/(now|\d+ (s|min) ago) +/, with: "", maxReplacements: 1).replacing(/generation \d+/, with: "")
        }
    }
}

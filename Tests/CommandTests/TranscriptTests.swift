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
}

import Foundation
import Packer
import PackerTestSupport
import Testing

@testable import prometeu_packer

@Suite("explain")
struct ExplanationTests {
    private static let codes =
        DiagnosticCode.allCases.map(\.rawValue) + PackerError.Code.allCases.map(\.rawValue)

    @Test("every code is explained once, in the words of the specification")
    func specification() throws {
        let page = try String(
            contentsOfFile: Fixtures.package + "/docs/packer/specs/diagnostics-and-errors.md", encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        #expect(rows.count == Self.codes.count)
        for code in Self.codes {
            let found = Explanation.all.filter { $0.code == code }
            let only = try #require(found.first)
            #expect(found.count == 1)
            let cells =
                [only.code].map { "`\($0)`" }
                + (only.state.map { [only.meaning, $0] } ?? [only.severity, only.meaning])
            #expect(rows.contains("| " + (cells + [only.remedy]).joined(separator: " | ") + " |"), "\(code)")
        }
    }

    @Test(
        "every kind of divergence is explained",
        arguments: [
            Divergence.Kind.modified, .missing, .appeared, .moved(to: try AssetRoot(validating: "a")), .typeChanged,
            .registryModified,
        ]
    )
    func divergences(kind: Divergence.Kind) {
        #expect(Explanation.divergences.filter { $0.code == kind.name }.count == 1)
    }

    @Test("a code is explained as text and as an object, also as --explain")
    func run() async throws {
        let command = Command(folder: try TemporaryFolder())
        let text = try await command.run(["explain", "input.missing"])
        #expect(text.status == 0)
        #expect(text.lines.first == "input.missing (error)")
        #expect(try await command.run(["--explain", "input.missing"]).output == text.output)
        let all = try await command.run(["explain", "--json"]).objects()
        #expect(all.count == Explanation.all.count)
        for object in all { #expect(try DocumentedKeys.disagreements(object) == []) }
        let unknown = try await command.run(["explain", "no.such", "--json"])
        #expect(unknown.status == 1)
        #expect(try unknown.object()["error.code"] == "code.unknown")
    }
}

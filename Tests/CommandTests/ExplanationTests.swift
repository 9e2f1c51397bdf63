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

    @Test("every kind of divergence is explained", arguments: Divergence.Code.allCases)
    func divergences(code: Divergence.Code) {
        #expect(Explanation.all.filter { $0.code == code.rawValue && $0.severity == "divergence" }.count == 1)
    }

    @Test("every explanation says what a code means, how it comes about and what to do", arguments: Explanation.all)
    func whole(explanation: Explanation) {
        let said = [explanation.meaning, explanation.cause, explanation.remedy]
        #expect(Set(said).count == 3)
        #expect(said.allSatisfy { $0.count > 5 && !$0.hasSuffix(".") }, "\(explanation)")
    }

    @Test("what the command refuses by itself is explained")
    func ownCodes() {
        let refusals = [
            Failure(CoverageIncomplete(coverage: .starting)), Failure(InputUnreadable(path: "", number: 1)),
            Failure(ProjectUnsteady(paths: [])), Failure(CodeUnknown(code: "")),
            Failure(FingerprintFileError(path: "", reason: .unreadable(""))),
            Failure(FingerprintFileError(path: "", reason: .unwritable(""))),
            Failure(FingerprintFileError(path: "", reason: .unusable(.damaged("")))),
            Failure(FingerprintFileError(path: "", reason: .unusable(.newer(2)))),
        ]
        #expect(Set(Explanation.ofTheCommand.map(\.code)) == Set(refusals.map(\.code)))
    }

    @Test("a code is explained as text and as an object, also as --explain")
    func run() async throws {
        let command = Command(folder: try TemporaryFolder())
        let text = try await command.run(["explain", "input.missing"])
        #expect(text.status == 0)
        #expect(text.lines.first == "input.missing (error)")
        #expect(text.lines.contains { $0.hasPrefix("  comes about: ") })
        for other in [
            ["--explain", "input.missing"], ["--explain=input.missing"], ["watch", "--explain", "input.missing"],
        ] {
            #expect(try await command.run(other) == text)
        }
        let all = try await command.run(["explain", "--json"]).objects()
        #expect(all.count == Explanation.all.count)
        for object in all { #expect(try DocumentedKeys.disagreements(object) == []) }
        let unknown = try await command.run(["explain", "no.such", "--json"])
        #expect(unknown.status == 1)
        #expect(try unknown.object()["error.code"] == "code.unknown")
    }
}

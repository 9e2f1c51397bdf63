import Foundation
import Testing

@testable import PackerModel

@Suite("docs/packer/specs/diagnostics-and-errors.md")
struct SpecificationTests {
    /// The rows of the tables beneath a heading, up to the next of its level: their cells.
    private static func rows(beneath heading: String) throws -> [[String]] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/packer/specs/diagnostics-and-errors.md").standardized
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex(of: "## " + heading))
        let section = lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
        return section.filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test("lists every diagnostic code once, in the order of the enumeration, and says all of each")
    func diagnostics() throws {
        let rows = try Self.rows(beneath: "Diagnostics")
        #expect(rows.map { $0[0] } == DiagnosticCode.allCases.map { "`\($0.rawValue)`" })
        #expect(rows.allSatisfy { $0.count == 4 && !$0.contains("") })
        #expect(rows.allSatisfy { $0[1].hasPrefix("error") || $0[1] == "warning" })
    }

    @Test("lists every error code once, in the order of the enumeration, with the state it leaves")
    func errors() throws {
        let rows = try Self.rows(beneath: "Errors")
        #expect(rows.map { $0[0] } == PackerError.Code.allCases.map { "`\($0.rawValue)`" })
        #expect(rows.allSatisfy { $0.count == 4 && !$0.contains("") })
    }

    @Test("gives a diagnostic of the assembly the severity that it has")
    func severities() throws {
        let severities = Dictionary(uniqueKeysWithValues: try Self.rows(beneath: "Diagnostics").map { ($0[0], $0[1]) })
        for seed in UInt64(1)...60 {
            var generator = SeededGenerator(seed: seed)
            for diagnostic in Sample.snapshot(RandomWorkspace.scan(&generator)).allDiagnostics {
                let listed = try #require(severities["`\(diagnostic.code.rawValue)`"])
                #expect(listed.contains(diagnostic.severity.rawValue), "seed \(seed), \(diagnostic)")
            }
        }
    }

    @Test("an error says its code, message, remedy and cause in one line")
    func description() {
        let error = PackerError(.diskFull, "no space", paths: ["a"], remedy: "Free some.", cause: "ENOSPC")
        #expect(error.description == "disk.full: no space. Free some. (ENOSPC)")
        #expect(Diagnostic.Severity.warning < .error && !(Diagnostic.Severity.error < .error))
    }
}

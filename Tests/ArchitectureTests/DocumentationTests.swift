import Foundation
import Testing

@Suite struct DocumentationTests {
    static let pages = [
        "docs/architecture.md", "docs/studio/specs/event-bus-and-bootstrap.md", "docs/studio/specs/assets-workspace.md",
    ]

    @Test("every rule names a test, and every test that a page names exists", arguments: pages)
    func namedTests(page: String) throws {
        let folder = PackageFiles.root.appending(path: "Tests")
        let tests = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix("Tests.swift") }.map { try PackageFiles.text("Tests/" + $0) }.joined()
        let wrong = DocumentationRules.rulesWithoutTest(in: try PackageFiles.text(page), tests: tests)
        #expect(wrong.isEmpty, "\(wrong)")
    }

    @Test(
        "a rule without a test is found",
        arguments: [
            ("- A rule.", [1]), ("- A rule\n  of two lines. (test: \"it holds\")\n- Another.", [3]),
            ("- A rule. (test: \"it holds\") (test: \"it is gone\")", [1]),
            ("- A rule. (test: \"it\n  holds\")", []), ("Prose.\n\n- A rule. (test: \"it holds\")\n\nMore.", []),
        ]
    )
    func negative(page: String, lines: [Int]) {
        let tests = "@Test(\"it holds\")\n@Test(\n    \"it holds twice\"\n)"
        #expect(DocumentationRules.rulesWithoutTest(in: page, tests: tests).map(\.line) == lines)
    }

    @Test("every file and folder that a page names is there", arguments: pages)
    func places(page: String) throws {
        let wrong = DocumentationRules.missingPlaces(in: try PackageFiles.text(page)) { path in
            FileManager.default.fileExists(atPath: PackageFiles.root.appending(path: path).path)
        }
        #expect(wrong.isEmpty, "\(wrong)")
    }

    @Test("a place that is not there is found")
    func missingPlace() {
        let page = "See `Sources/A/` and\n`Sources/B/C.swift`, not `Package` nor Sources/D."
        let wrong = DocumentationRules.missingPlaces(in: page) { $0 == "Sources/A/" }
        #expect(wrong == [Violation(line: 2, message: "there is no Sources/B/C.swift")])
    }
}

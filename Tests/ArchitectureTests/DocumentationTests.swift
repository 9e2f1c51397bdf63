import Foundation
import Testing

@Suite struct DocumentationTests {
    static let pages = ["docs/architecture.md"] + SpecificationTests.pages

    @Test("every rule names a test, and every test that a page names exists", arguments: pages)
    func namedTests(page: String) throws {
        let wrong = DocumentationRules.rulesWithoutTest(
            in: try PackageFiles.text(page), titles: try SpecificationTests.titles()
        )
        #expect(wrong.isEmpty, "\(wrong)")
    }

    @Test(
        "a rule without a test is found",
        arguments: [
            ("- A rule.", [1]), ("- A rule\n  of two lines. (test: \"it holds\")\n- Another.", [3]),
            ("- A rule. (test: \"it holds\") (test: \"it is gone\")", [1]),
            ("- A rule. (test: \"it\n  holds\")", []), ("7. A rule.", [1]), ("7. A rule. (test: \"it holds\")", []),
            ("1. A rule.\n   (no test yet)", []), ("1. A rule. (no test yet) (test: \"it is gone\")", [1]),
            ("- A rule. (test: \"no test's title\")", [1]), ("Prose.\n\n- A rule. (test: \"it holds\")\n\nMore.", []),
        ]
    )
    func negative(page: String, lines: [Int]) {
        let titles = DocumentationRules.titles(
            in: "@Test(\"it holds\")\n@Test(\n    \"it holds twice\"\n)\nlet text = \"no test's title\""
        )
        #expect(DocumentationRules.rulesWithoutTest(in: page, titles: titles).map(\.line) == lines)
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

import Foundation
import Testing

@Suite struct SpecificationTests {
    /// The specifications whose every list item is a rule.
    static let pages =
        [
            "domain-and-boundary", "workspace-registry-and-identity", "declarations", "operations-and-events",
            "commit-and-recovery", "watching-and-divergence", "versioning-and-trust",
        ].map { "docs/packer/specs/\($0).md" }
        + ["docs/studio/specs/event-bus-and-bootstrap.md", "docs/studio/specs/assets-workspace.md"]

    static func titles() throws -> Set<String> {
        let folder = PackageFiles.root.appending(path: "Tests").path
        let sources = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
        return DocumentationRules.titles(in: try sources.map { try PackageFiles.text("Tests/" + $0) }.joined())
    }

    @Test("every test that a specification names exists", arguments: ["docs/packer/specs", "docs/studio/specs"])
    func namedTests(folder: String) throws {
        let path = PackageFiles.root.appending(path: folder).path
        let pages = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".md") }
        #expect(!pages.isEmpty)
        let titles = try Self.titles()
        for page in pages.sorted() {
            let missing = DocumentationRules.missingTests(
                in: try PackageFiles.text(folder + "/" + page), titles: titles)
            #expect(missing.isEmpty, "\(page) names tests that do not exist: \(missing)")
        }
    }

    @Test("a test that does not exist is found wherever a page names it")
    func negative() {
        let page = "Prose. (test: \"it holds\") More\n  prose. (test: \"it is\n  gone\")\n| a | (test: \"gone, too\") |"
        #expect(DocumentationRules.missingTests(in: page, titles: ["it holds"]) == ["it is gone", "gone, too"])
    }
}

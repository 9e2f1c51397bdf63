import Foundation
import PackerTestSupport
import Testing

@Suite("The manual page")
struct ManualTests {
    private func written(_ arguments: String...) throws -> String {
        try Fixtures.run(
            Fixtures.package + "/scripts/manual", ["--command", try Programs.path("prometeu-packer")] + arguments)
    }

    @Test("the manual page is what the command says of itself")
    func page() throws {
        let page = try String(contentsOfFile: Fixtures.package + "/docs/man/prometeu-packer.1.md", encoding: .utf8)
        #expect(try written() == page, "scripts/manual > docs/man/prometeu-packer.1.md")
        let sections = page.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { $0.dropFirst(3) }
        #expect(
            sections == [
                "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES",
                "EXAMPLES",
            ])
        for name in EndingTests.commands + ["explain"] { #expect(page.contains("\n### \(name)\n"), "\(name)") }
    }

    @Test(
        "man(1) reads the manual page",
        .enabled(if: Fixtures.has("groff"), "needs groff(1)")
    )
    func roff() throws {
        let folder = try TemporaryFolder()
        try folder.write(try written("--roff"), to: "page.1")
        let shown = try Fixtures.run(
            "/usr/bin/env", ["groff", "-man", "-k", "-Tutf8", "-P-cbou", "-ww", folder.path + "/page.1"])
        #expect(!shown.contains("warning"), "\(shown)")
        #expect(shown.contains("PROMETEU") && shown.contains("--until") && shown.contains("EXIT STATUS"))
    }
}

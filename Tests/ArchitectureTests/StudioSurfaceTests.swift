import Foundation
import Testing

@Suite struct StudioSurfaceTests {
    @Test(
        "StudioHost needs nothing of the packer that another package could not use",
        arguments: [[], ["ServiceLifecycle"]])
    func publicAlone(traits: [String]) throws {
        let findings = try check(
            PackageFiles.sources().filter { $0.module == "StudioHost" }.map(\.text), traits: traits)
        #expect(findings == "")
    }

    @Test("Studio's journey is tested with what another package could use")
    func journey() throws {
        let sources = [
            "StudioJourneyTests", "ContainerLifeTests", "BurstTests", "DayInStudioTests", "Support/Collect",
            "Support/OpenPage", "Support/EventOrder", "Support/DayAccount", "Support/KilledStudio",
        ].map { "Tests/StudioHostTests/\($0).swift" }
        let findings = try check(sources.map { try PackageFiles.text($0) })
        #expect(findings == "")
    }

    @Test("the adapter passes each request to one call of the project, and does nothing else")
    func adapter() throws {
        let wrong = SourceRules.meanings(
            inAdapter: try PackageFiles.text("Sources/StudioHost/Container/PackerAdapter.swift"))
        #expect(wrong.isEmpty, "\(wrong)")
    }

    @Test("StudioHost names nothing by which it could reach the disk")
    func noDisk() throws {
        for source in try PackageFiles.sources() where source.module == "StudioHost" {
            let wrong = SourceRules.diskNames(in: source.text)
            #expect(wrong.isEmpty, "\(source.testDescription): \(wrong)")
        }
    }

    @Test("the use of a declaration that is not public is found")
    func negative() throws {
        let source = "import Packer\nfunc steal(_ snapshot: Snapshot) { _ = snapshot.registry }"
        let findings = try check([source])
        #expect(findings.contains("inaccessible due to 'package' protection level"))
    }

    /// Compiles sources as if they were of another package; answers what the compiler has to say.
    private func check(_ sources: [String], traits: [String] = []) throws -> String {
        try withTemporaryFolder { folder in
            let files = try sources.enumerated().map { index, text in
                let file = folder.appending(path: "\(index).swift")
                try Data(text.utf8).write(to: file)
                return file.path
            }
            return try run(
                [
                    "swiftc", "-typecheck", "-swift-version", "6", "-package-name", "another", "-module-name",
                    "Another",
                    "-parse-as-library", "-enable-upcoming-feature", "ExistentialAny",
                    "-enable-upcoming-feature", "InternalImportsByDefault",
                    "-enable-upcoming-feature", "MemberImportVisibility",
                ] + traits.flatMap { ["-D", $0] } + PublicSurface.searchPaths + files
            ).output
        }
    }
}

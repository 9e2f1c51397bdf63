import Foundation
import Testing

@Suite struct StudioSurfaceTests {
    @Test(
        "StudioHost needs nothing of the packer that another package could not use",
        arguments: [[], ["ServiceLifecycle"]])
    func publicAlone(traits: [String]) throws {
        let findings = try PublicSurface.check(
            PackageFiles.sources().filter { $0.module == "StudioHost" }.map(\.text), traits: traits)
        #expect(findings == "")
    }

    @Test("Studio's journey is tested with what another package could use")
    func journey() throws {
        let sources = [
            "StudioJourneyTests", "ContainerLifeTests", "BurstTests", "DayInStudioTests", "Support/Collect",
            "Support/OpenPage", "Support/EventOrder", "Support/DayAccount", "Support/KilledStudio",
        ].map { "Tests/StudioHostTests/\($0).swift" }
        let findings = try PublicSurface.check(sources.map { try PackageFiles.text($0) })
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
        let findings = try PublicSurface.check([source])
        #expect(findings.contains("inaccessible due to 'package' protection level"))
    }
}

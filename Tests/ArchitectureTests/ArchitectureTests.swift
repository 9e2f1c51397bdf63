import Testing

@Suite struct ArchitectureTests {
    @Test("the module table, the manifest and docs/architecture.md draw the same arrows")
    func sameTable() throws {
        let manifest = arrows(inManifest: try PackageFiles.text("Package.swift"))
        let page = arrows(inPage: try PackageFiles.text("docs/architecture.md"))
        let names = Set(Module.table.map(\.name))
        #expect(Set(manifest.keys) == names)
        #expect(Set(page.keys) == names)
        for module in Module.table {
            let system = module.systemByFile.values.reduce(module.system) { $0.union($1) }
            #expect(manifest[module.name] == module.dependencies, "\(module.name) in Package.swift")
            #expect(page[module.name]?.dependencies == module.dependencies, "\(module.name) in docs/architecture.md")
            #expect(page[module.name]?.system == system, "\(module.name) in docs/architecture.md")
        }
    }

    @Test("every import is an arrow that is drawn")
    func imports() throws {
        let sources = try PackageFiles.sources()
        #expect(!sources.isEmpty)
        for source in sources {
            let module = try #require(Module.table.first { $0.name == source.module }, "\(source.module) has no entry")
            let wrong = SourceRules.undrawnArrows(in: source.text, file: source.path, of: module)
            #expect(wrong.isEmpty, "\(source.testDescription): \(wrong)")
        }
    }

    @Test("the packer's sources name no event bus")
    func packerKnowsNoBus() throws {
        for source in try PackageFiles.sources() where ["Packer", "PackerModel"].contains(source.module) {
            let wrong = SourceRules.busNames(in: source.text)
            #expect(wrong.isEmpty, "\(source.testDescription): \(wrong)")
        }
    }

    @Test("no source is longer than 500 lines")
    func length() throws {
        for source in try PackageFiles.sources(ofTypes: ["swift", "c", "cpp", "h"]) {
            let wrong = SourceRules.tooLong(source.text)
            #expect(wrong.isEmpty, "\(source.testDescription): \(wrong)")
        }
    }

    @Test("every @unchecked Sendable says why it holds, and nothing is forced with try!")
    func reasons() throws {
        for source in try PackageFiles.sources() {
            let wrong = SourceRules.unexplainedUnchecked(in: source.text) + SourceRules.forcedTries(in: source.text)
            #expect(wrong.isEmpty, "\(source.testDescription): \(wrong)")
        }
    }

    @Test("every fault point stands in its room's list, which the crash tests go through")
    func faultPoints() throws {
        for source in try PackageFiles.sources() where source.module != "PackerTestSupport" {
            let wrong = SourceRules.unlistedFaultPoints(in: source.text, file: source.path)
            #expect(wrong.isEmpty, "\(source.testDescription): \(wrong)")
        }
    }
}

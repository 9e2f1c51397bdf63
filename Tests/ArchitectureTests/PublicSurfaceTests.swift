import Foundation
import Testing

@Suite struct PublicSurfaceTests {
    static let modules = ["PackerModel", "Packer", "StudioHost"]

    static func reviewed(_ module: String) throws -> String {
        try PackageFiles.text("Tests/ArchitectureTests/PublicAPI/\(module).txt")
    }

    @Test("the public API is the reviewed list", arguments: modules)
    func reviewedList(module: String) throws {
        let actual = try PublicSurface.lines(ofModule: module)
        #expect(!actual.isEmpty)
        let reviewed = try Self.reviewed(module).split(separator: "\n").map(String.init)
        let difference = PublicSurface.difference(from: reviewed, to: actual)
        guard !difference.isEmpty else { return }
        let proposal = PublicSurface.products.appending(path: "\(module)-PublicAPI.txt")
        try Data((actual.joined(separator: "\n") + "\n").utf8).write(to: proposal)
        Issue.record(
            """
            The public API of \(module) is not the reviewed list:
            \(difference.joined(separator: "\n"))
            If this is meant, accept it and have it reviewed:
            cp \(proposal.path) \(PackageFiles.root.path)/Tests/ArchitectureTests/PublicAPI/\(module).txt
            """
        )
    }

    @Test(
        "a room that no consumer may see has nothing public",
        arguments: ["LinuxFiles", "CommitDirectory", "TreeMonitor", "WorkspaceFormat"])
    func nothingPublic(module: String) throws {
        #expect(try PublicSurface.lines(ofModule: module) == [])
    }

    @Test("no deferred capability is in the public API", arguments: modules)
    func deferred(module: String) throws {
        let wrong = SourceRules.deferredCapabilities(inPublicList: try Self.reviewed(module))
        #expect(wrong.isEmpty)
    }

    @Test("an added, removed or changed declaration is a difference")
    func difference() throws {
        let reviewed = ["struct A", "A: var b: Int"]
        #expect(PublicSurface.difference(from: reviewed, to: reviewed) == [])
        #expect(PublicSurface.difference(from: reviewed, to: reviewed + ["struct C"]) == ["+ struct C"])
        #expect(PublicSurface.difference(from: reviewed, to: ["struct A"]) == ["- A: var b: Int"])
        #expect(
            Set(PublicSurface.difference(from: reviewed, to: ["struct A", "A: var b: Int?"]))
                == ["- A: var b: Int", "+ A: var b: Int?"]
        )
    }

    @Test("a symbol graph is read as declarations with their conformances")
    func symbolGraph() throws {
        let graph = """
            {"symbols":[
            {"identifier":{"precise":"s:A"},"pathComponents":["A"],
             "declarationFragments":[{"spelling":"struct"},{"spelling":" A"}]},
            {"identifier":{"precise":"s:A.b"},"pathComponents":["A","b"],
             "declarationFragments":[{"spelling":"var b:\\n  Int"}]}],
            "relationships":[
            {"kind":"conformsTo","source":"s:A","target":"x","targetFallback":"Swift.Sendable"},
            {"kind":"conformsTo","source":"s:A","target":"y","targetFallback":"Swift.Copyable"},
            {"kind":"memberOf","source":"s:A.b","target":"s:A"}]}
            """
        #expect(try PublicSurface.lines(ofSymbolGraph: Data(graph.utf8)) == ["A: var b: Int", "struct A : Sendable"])
    }
}

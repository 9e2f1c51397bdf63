import Testing

/// Each rule meets a text that breaks it: a check that cannot fail proves nothing.
@Suite struct SourceRulesTests {
    @Test(
        "an import is read in every spelling",
        arguments: [
            ("import Glibc", ["Glibc"]),
            ("@_exported public import PackerModel", ["PackerModel"]),
            ("@testable import Packer", ["Packer"]),
            ("@_spi(Tests) package import Packer", ["Packer"]),
            ("import struct Foundation.Data", ["Foundation"]),
            ("import CLinux; import Glibc", ["CLinux", "Glibc"]),
            ("#if canImport(Foundation)\n    import Foundation\n#endif", ["Foundation"]),
            ("// import Glibc", []),
            ("/* /* a */\nimport Glibc */", []),
            ("let text = \"\"\"\nimport Glibc\n\"\"\"", []),
            ("let text = #\"\"\"\n\\(import)\nimport Glibc\n\"\"\"#\nimport Packer", ["Packer"]),
            ("let important = 1", []),
        ]
    )
    func imports(source: String, modules: [String]) {
        #expect(SourceRules.imports(in: source).map(\.module) == modules)
    }

    @Test(
        "an arrow that is not drawn is found",
        arguments: [
            ("import LinuxFiles", "Any.swift", [1]),
            ("import Packer", "Any.swift", []),
            ("import Packer\n\npackage import LinuxFiles", "Any.swift", [3]),
            ("import Foundation", "Any.swift", [1]),
            ("import Foundation", "Topic/One.swift", []),
            ("import Glibc", "Any.swift", []),
        ]
    )
    func undrawn(source: String, file: String, lines: [Int]) {
        let module = Module("Room", ["Packer"], system: ["Glibc"], inFile: ["Topic/One.swift": ["Foundation"]])
        #expect(SourceRules.undrawnArrows(in: source, file: file, of: module).map(\.line) == lines)
    }

    @Test("the model that is pure refuses everything else")
    func pureModel() throws {
        let model = try #require(Module.table.first { $0.name == "PackerModel" })
        for module in ["Glibc", "Foundation", "LinuxFiles", "Packer", "Synchronization", "Dispatch"] {
            #expect(!SourceRules.undrawnArrows(in: "import \(module)", file: "Any.swift", of: model).isEmpty)
        }
    }

    @Test(
        "a bus is found in code, and not in prose",
        arguments: [
            ("let bus: EventBus", 2), ("func publish(to eventBus: any Sink)", 1), ("StudioHost.start()", 1),
            ("\"\\(bus)\"", 1), ("let busy = robust + business", 0), ("// the host's bus", 0), ("\"a bus\"", 0),
        ]
    )
    func bus(source: String, count: Int) {
        #expect(SourceRules.busNames(in: source).count == count)
    }

    @Test("a file of 501 lines is too long", arguments: [(500, 0), (501, 1)])
    func length(lines: Int, count: Int) {
        #expect(SourceRules.tooLong(String(repeating: "a\n", count: lines)).count == count)
    }

    @Test(
        "an unexplained @unchecked Sendable is found",
        arguments: [
            ("final class A: @unchecked Sendable {}", [1]),
            ("/// Unchecked, says the documentation.\nfinal class A: @unchecked Sendable {}", [2]),
            ("// Unchecked: too far away.\n\n\nfinal class A: @unchecked Sendable {}", [4]),
            ("final class A: @unchecked Sendable {\n    // A comment about something else.\n}", [1]),
            ("final class A: @unchecked Sendable {\n    // Unchecked: never changed.\n}", []),
            ("// Unchecked: never changed.\nfinal class A: @unchecked Sendable {}", []),
            ("\"@unchecked Sendable\"", []),
        ]
    )
    func unchecked(source: String, lines: [Int]) {
        #expect(SourceRules.unexplainedUnchecked(in: source).map(\.line) == lines)
    }

    @Test(
        "try! is found",
        arguments: [
            ("let a = try! b()", 1), ("\"\\(try! b())\"", 1), ("try b() // not try!", 0), ("retry != b", 0),
            ("try !b()", 0),
        ]
    )
    func forcedTry(source: String, count: Int) {
        #expect(SourceRules.forcedTries(in: source).count == count)
    }

    @Test(
        "a fault point that stands in no list is found",
        arguments: [
            ("disk.list(folder, at: FaultPoint(\"new.step\"))", "Any.swift", 1),
            ("let point: FaultPoint = FaultPoint.init(name)", "Topic/Any.swift", 1),
            ("static let a = FaultPoint(\"a\")", "Topic/RoomPoint.swift", 0), ("// FaultPoint(name)", "Any.swift", 0),
            ("disk.list(folder, at: .init(name))", "Any.swift", 1),
            ("func reached(_ point: FaultPoint)", "Any.swift", 0),
        ]
    )
    func unlisted(source: String, file: String, count: Int) {
        #expect(SourceRules.unlistedFaultPoints(in: source, file: file).count == count)
    }

    @Test(
        "an adapter that does more than pass on is found",
        arguments: [
            ("struct A {\n    var a: B { project.a }\n    init(_ project: P) { self.project = project }\n}", []),
            ("func a(_ b: B) throws(E) -> C {\n    try project.a(b)\n}", []),
            ("func a(_ b: B) async throws { try await project.a(b, c: .all) }", []),
            ("var a: [B] { project.a.filter { $0.isValid } }", [1]), ("var a: Int { project.a.count }", [1]),
            ("var a: Bool {\n    if project.a { true } else { false }\n}", [2, 2]),
            ("var a: Bool { !project.a }", [1]), ("func a() { project.b(project.c) }", []),
            ("\n\nfunc a() { open(path) }", [3]), ("func a() {\n project.a()\n project.b()\n}", [1]),
        ]
    )
    func adapter(source: String, lines: [Int]) {
        #expect(SourceRules.meanings(inAdapter: source).map(\.line) == lines)
    }

    @Test(
        "a way to the disk is found in a name",
        arguments: [
            ("let a = FileManager.default", 1), ("// FileManager", 0), ("\"FileManager\"", 0),
            ("String(contentsOfFile: a)", 1), ("let metadata = 1", 0), ("DispatchQueue(label: a)", 0),
        ]
    )
    func diskName(source: String, count: Int) {
        #expect(SourceRules.diskNames(in: source).count == count)
    }

    @Test(
        "a deferred capability is found in a name",
        arguments: [
            ("PackerProject: func doctor()", ["doctor"]), ("struct DoctorReport", ["DoctorReport"]),
            ("PackerProject: func build(_ target: BuildTarget)", ["build", "BuildTarget"]),
            ("PackerProject: func pack() async", ["pack"]), ("struct AssetPackReport", ["AssetPackReport"]),
            ("PackerProject: func reconcileNow()", ["reconcileNow"]), ("enum Reconciler", ["Reconciler"]),
            ("PackerProject: func open() : PackerError", []), ("Asset: let isIncludedInBuild: Bool", []),
            ("func unpacked(_ doctorate: Int)", []),
        ]
    )
    func deferred(list: String, names: [String]) {
        let wrong = SourceRules.deferredCapabilities(inPublicList: list)
        #expect(wrong.map(\.message) == names.map { "\($0) belongs to a deferred capability" })
    }

    @Test("a manifest's targets are read with their products, and tests are not")
    func manifest() {
        let manifest = """
            // .target(name: "Comment")
            .target(name: "A"),
            .target(
                name: "B",
                dependencies: ["A", .product(name: "Deque", package: "c", condition: .when(traits: ["T"]))],
                path: "Tests/B"
            ),
            .executableTarget(name: "c", dependencies: [.product(name: "D", package: "d"), "B"]),
            .testTarget(name: "T", dependencies: ["A"]),
            """
        #expect(arrows(inManifest: manifest) == ["A": [], "B": ["A", "Deque"], "c": ["B", "D"]])
    }

    @Test("the page's table is read, and other tables are not")
    func page() {
        let page = """
            | thread | owns |
            |---|---|
            | `a` | `b` |

            | module | may import | of the toolchain | what |
            |---|---|---|---|
            | `A` | | | first |
            | `B` | `A`, `C` | `Glibc`, `Foundation` (only in `X.swift`) | second |

            | `Z` | `A` | |
            """
        let found = arrows(inPage: page)
        #expect(found.mapValues(\.dependencies) == ["A": [], "B": ["A", "C"]])
        #expect(found.mapValues(\.system) == ["A": [], "B": ["Glibc", "Foundation"]])
    }

    @Test(
        "a name falls into its words",
        arguments: [
            ("isIncludedInBuild", ["is", "included", "in", "build"]), ("EventBus", ["event", "bus"]),
            ("IDMap", ["id", "map"]), ("pack_now", ["pack", "now"]), ("busy", ["busy"]),
        ]
    )
    func splitting(name: String, expected: [String]) {
        #expect(words(of: name) == expected)
    }
}

import Testing

@Suite struct CommandSurfaceTests {
    /// The declarations of the packer's that the command uses and another package could not; docs/architecture.md says
    /// why it may.
    private static let inside = """
        import Packer

        struct ExpectedFile: Equatable {
            enum Role { case declaration, input, registry }
            var path: String
            var role: Role
            var root: AssetRoot?
            var fingerprint: Fingerprint?
        }
        struct FileLook {
            var fingerprint: Fingerprint
            var bytes: [UInt8]?
        }
        extension Snapshot {
            enum ExpectationScope { case deep }
            static var controlPath: String { fatalError() }
            func expectedFiles(at path: String, _ scope: ExpectationScope) -> [ExpectedFile] { fatalError() }
        }
        extension Asset {
            var expectedFiles: [ExpectedFile] { fatalError() }
        }
        extension PackerProject {
            func look(at path: String, keeping limit: Int = 0) throws(PackerError) -> FileLook? { fatalError() }
        }
        extension Fingerprint {
            enum Comparison { case same }
            func compare(with observed: Fingerprint) -> Comparison { fatalError() }
            func hasSameRecord(as other: Fingerprint) -> Bool { fatalError() }
        }
        extension Fingerprint.Digest {
            init(of bytes: [UInt8]) { fatalError() }
        }
        extension AssetRoot {
            init(onDisk path: String) { fatalError() }
        }
        extension Divergence {
            enum Code: String, CaseIterable { case modified, missing, appeared, moved, typeChanged, registryModified }
        }
        """

    private static func command() throws -> [String] {
        try PackageFiles.sources().filter { $0.module == "prometeu-packer" }.map(\.text)
    }

    @Test("the command uses no more of the packer's inside than is listed")
    func listed() throws {
        let findings = try PublicSurface.check(try Self.command() + [Self.inside], traits: ["Command"])
        #expect(findings == "")
    }

    @Test("a use of the packer's inside that is not listed is found")
    func negative() throws {
        let source = "import Packer\nfunc steal(_ snapshot: Snapshot) { _ = snapshot.registry }"
        let findings = try PublicSurface.check([source, Self.inside])
        #expect(findings.contains("'registry' is inaccessible due to 'package' protection level"), "\(findings)")
    }
}

import Foundation
import Testing

/// A package of somebody else's that embeds the packer.
@Suite struct HostPackageTests {
    @Test("a host that embeds the packer does not build the command's argument parser")
    func buildsNoArgumentParser() throws {
        try withHost(traits: nil) { host in
            // Prints the plan without carrying it out, and leaves it beside.
            let result = try run(["swift", "build", "--print-manifest-job-graph"], in: host)
            try #require(result.status == 0, "\(result.output.suffix(2_000))")
            let plan = try BuildPlan(String(contentsOf: host.appending(path: ".build/debug.yaml"), encoding: .utf8))
            #expect(plan.builds(module: "PackerModel"))
            #expect(!plan.builds(module: "ArgumentParser"))
            // Nor what a service group would need: that is StudioHost's, and not asked for here.
            #expect(!plan.builds(module: "ServiceLifecycle"))
        }
    }

    @Test("a host that leaves the traits out fetches swift-collections alone")
    func fetchesLittle() throws {
        try withHost(traits: "[]") { host in
            let result = try run(["swift", "package", "resolve"], in: host)
            try #require(result.status == 0, "\(result.output.suffix(2_000))")
            let fetched = try FileManager.default.contentsOfDirectory(atPath: host.path + "/.build/checkouts")
            #expect(fetched == ["swift-collections"])
        }
    }

    @Test("a plan's steps are those that its main target needs")
    func plan() throws {
        let plan = try BuildPlan(
            """
            targets:
              "main": ["<Host.exe>"]
              "Other.module": ["<Other.module>"]
            commands:
              "C.Host.exe":
                tool: shell
                inputs: ["/Host.o","/Packer.o"]
                outputs: ["<Host.exe>"]
              "C.Packer.module":
                tool: shell
                inputs: ["/Packer.swift"]
                outputs: ["/Packer.o"]
              "C.Other.module":
                inputs: ["/Packer.o"]
                outputs: ["<Other.module>"]
            """
        )
        #expect(plan.steps == ["C.Host.exe", "C.Packer.module"])
        #expect(plan.builds(module: "Packer"))
        #expect(!plan.builds(module: "Other"))
    }

    private func withHost(traits: String?, _ body: (URL) throws -> Void) throws {
        try withTemporaryFolder { host in
            let packer = PackageFiles.root
            let manifest = """
                // swift-tools-version: 6.2
                import PackageDescription
                let package = Package(
                    name: "Host",
                    dependencies: [.package(path: "\(packer.path)"\(traits.map { ", traits: \($0)" } ?? ""))],
                    targets: [
                        .executableTarget(
                            name: "Host",
                            dependencies: [.product(name: "Packer", package: "\(packer.lastPathComponent)")]
                        )
                    ]
                )
                """
            let sources = host.appending(path: "Sources/Host")
            try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
            try Data(manifest.utf8).write(to: host.appending(path: "Package.swift"))
            try Data("import Packer\n".utf8).write(to: sources.appending(path: "main.swift"))
            try body(host)
        }
    }
}

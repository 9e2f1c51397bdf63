// swift-tools-version: 6.2
import PackageDescription

// The readers of files that anyone may have written, under libFuzzer.
//
// A package of its own, because instrumentation needs flags that no dependency may set. Its folders in Sources are links
// to the rooms themselves: compiled here they are instrumented, and their `package` and internal names can be called.
// docs/packer/decisions/fuzzing-from-inside.md says why.
let package = Package(
    name: "fuzz",
    targets: [
        .target(name: "CLinux"),
        .target(name: "CXXHash"),
        .target(name: "CJSON"),
        .target(name: "LinuxFiles", dependencies: ["CLinux", "CXXHash"]),
        .target(name: "CommitDirectory", dependencies: ["LinuxFiles"]),
        .target(name: "PackerModel"),
        .target(name: "WorkspaceFormat", dependencies: ["PackerModel", "CJSON"]),
        .executableTarget(
            name: "Fuzzer",
            dependencies: ["CommitDirectory", "PackerModel", "WorkspaceFormat"],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

for target in package.targets {
    switch target.name {
    case "CLinux", "CXXHash": target.cSettings = [.unsafeFlags(["-fsanitize=fuzzer-no-link"])]
    case "CJSON": target.cxxSettings = [.unsafeFlags(["-fsanitize=fuzzer-no-link"])]
    default:
        target.swiftSettings = [
            .treatAllWarnings(as: .error),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            // Testability also in the optimised build that fuzzes.
            .unsafeFlags(["-sanitize=fuzzer", "-enable-testing"]),
        ]
    }
}

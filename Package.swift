// swift-tools-version: 6.2
import PackageDescription

#if !os(Linux)
    #error("prometeu-packer runs on Linux only: it stands on openat2, renameat2 and inotify.")
#endif

// The arrows between the rooms. A module may import what its entry lists and nothing else;
// ArchitectureTests hold the sources to this list. docs/architecture.md draws it.
let package = Package(
    name: "prometeu-packer",
    products: [
        .library(name: "Packer", targets: ["Packer"]),
        .library(name: "StudioHost", targets: ["StudioHost"]),
        .executable(name: "prometeu-packer", targets: ["prometeu-packer"]),
    ],
    // A host embeds the library with `traits: []` and never fetches what the library itself does not need.
    traits: [
        .trait(name: "Command", description: "The diagnostics command, with its argument parser"),
        .trait(name: "ServiceLifecycle", description: "StudioContainer as a service of swift-service-lifecycle"),
        .default(enabledTraits: ["Command", "ServiceLifecycle"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "CInotifyTools"),
        .target(name: "CLinux"),
        .target(name: "CXXHash"),
        .target(name: "CJSON"),
        .target(name: "LinuxFiles", dependencies: ["CLinux", "CXXHash"]),
        .target(name: "CommitDirectory", dependencies: ["LinuxFiles"]),
        .target(name: "TreeMonitor", dependencies: ["LinuxFiles", "CInotifyTools"]),
        .target(name: "PackerModel"),
        .target(name: "WorkspaceFormat", dependencies: ["PackerModel", "CJSON"]),
        .target(
            name: "Packer",
            dependencies: [
                "PackerModel", "WorkspaceFormat", "CommitDirectory", "TreeMonitor", "LinuxFiles",
                .product(name: "DequeModule", package: "swift-collections"),
            ]
        ),
        .target(
            name: "StudioHost",
            dependencies: [
                "Packer",
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])
                ),
            ]
        ),
        .executableTarget(
            name: "prometeu-packer",
            dependencies: [
                "Packer",
                .product(
                    name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["Command"])
                ),
            ]
        ),

        .target(
            name: "PackerTestSupport",
            dependencies: ["Packer", "PackerModel", "LinuxFiles"],
            path: "Tests/PackerTestSupport"
        ),
        .executableTarget(
            name: "crash-child",
            dependencies: ["Packer", "LinuxFiles", "PackerTestSupport"],
            path: "Tests/CrashChild"
        ),
        .executableTarget(
            name: "studio-child",
            dependencies: ["StudioHost", "Packer", "PackerTestSupport"],
            path: "Tests/StudioChild"
        ),
        .testTarget(name: "LinuxFilesTests", dependencies: ["LinuxFiles", "PackerTestSupport"]),
        .testTarget(name: "CommitDirectoryTests", dependencies: ["CommitDirectory", "PackerTestSupport"]),
        .testTarget(name: "TreeMonitorTests", dependencies: ["TreeMonitor", "PackerTestSupport"]),
        .testTarget(name: "PackerModelTests", dependencies: ["PackerModel"]),
        .testTarget(name: "WorkspaceFormatTests", dependencies: ["WorkspaceFormat", "PackerTestSupport"]),
        .testTarget(name: "PackerTests", dependencies: ["Packer", "crash-child", "PackerTestSupport"]),
        .testTarget(name: "DivergenceTests", dependencies: ["Packer", "WorkspaceFormat", "PackerTestSupport"]),
        .testTarget(
            name: "StudioHostTests",
            dependencies: [
                "StudioHost", "studio-child", "Packer", "LinuxFiles", "PackerTestSupport",
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])
                ),
            ]
        ),
        .testTarget(name: "CommandTests", dependencies: ["prometeu-packer", "crash-child", "PackerTestSupport"]),
        .testTarget(
            name: "CrashTests", dependencies: ["crash-child", "CommitDirectory", "Packer", "PackerTestSupport"]),
        .testTarget(
            name: "HostileTests",
            dependencies: ["Packer", "LinuxFiles", "PackerTestSupport", "crash-child", "prometeu-packer"]
        ),
        .testTarget(name: "ArchitectureTests", exclude: ["PublicAPI"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// One place for every target's settings.
for target in package.targets {
    switch target.name {
    case "CInotifyTools", "CLinux", "CXXHash":
        target.cSettings = [.treatAllWarnings(as: .error)]
    case "CJSON":
        target.cxxSettings = [.treatAllWarnings(as: .error)]
    default:
        target.swiftSettings = [
            .treatAllWarnings(as: .error),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
        ]
    }
}

// swift-tools-version: 6.2
import PackageDescription

// Ours, the peers and the raw floors in one process. A package of its own, so that nobody who builds the packer fetches
// the peers; README.md says how to run it.
let package = Package(
    name: "benchmarks",
    // `counts` needs no peer, and without this trait fetches none.
    traits: [
        .trait(name: "Peers", description: "The benchmarks, with SQLite through GRDB and LMDB"),
        .default(enabledTraits: ["Peers"]),
    ],
    dependencies: [
        .package(name: "prometeu-packer", path: "..", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .target(name: "CFloors", publicHeadersPath: "include"),
        .target(name: "CAllocations", publicHeadersPath: "include"),
        .systemLibrary(name: "CLMDB", providers: [.apt(["liblmdb-dev"])]),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "CFloors",
                .target(name: "CLMDB", condition: .when(traits: ["Peers"])),
                .product(name: "Packer", package: "prometeu-packer"),
                .product(
                    name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["Peers"])),
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["Peers"])),
                .product(
                    name: "Histogram", package: "hdrhistogram-swift", condition: .when(traits: ["Peers"])),
            ],
            path: "Sources/Benchmarks"
        ),
        .executableTarget(
            name: "counted-reads",
            dependencies: ["CAllocations", .product(name: "Packer", package: "prometeu-packer")],
            path: "Sources/CountedReads"
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets {
    switch target.type {
    case .system: break
    case .executable:
        target.swiftSettings = [
            .treatAllWarnings(as: .error),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
        ]
    default: target.cSettings = [.treatAllWarnings(as: .error), .define("_GNU_SOURCE")]
    }
}

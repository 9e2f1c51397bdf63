/// One asset in the registry, which alone decides identity and build participation.
public struct RegistryEntry: Equatable, Sendable {
    public var id: AssetID
    public var uuid: AssetUUID
    public var root: AssetRoot
    public var isIncludedInBuild: Bool

    public init(id: AssetID, uuid: AssetUUID, root: AssetRoot, isIncludedInBuild: Bool) {
        self.id = id
        self.uuid = uuid
        self.root = root
        self.isIncludedInBuild = isIncludedInBuild
    }
}

/// One file of the registry: 128 ids, so that a commit rewrites a file whose size does not grow with the project.
package struct RegistrySegment: Equatable, Sendable {
    package static let schemaVersion = 1
    package static let idsPerSegment: UInt32 = 128

    package var nextAssetID: UInt32
    /// In the order of their ids.
    package var entries: [RegistryEntry]

    package init(nextAssetID: UInt32, entries: [RegistryEntry]) {
        self.nextAssetID = nextAssetID
        self.entries = entries
    }

    package static func index(of id: UInt32) -> Int { Int(id / idsPerSegment) }

    /// `index.json` holds ids 1–127, `index-0001.json` 128–255, and so on.
    package static func fileName(_ index: Int) -> String {
        if index == 0 { return "index.json" }
        let digits = String(index)
        return "index-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".json"
    }

    /// The index of a segment's file name; nil for any other name, another spelling of a number included.
    package static func index(ofFileName name: String) -> Int? {
        if name == "index.json" { return 0 }
        guard name.hasPrefix("index-"), name.hasSuffix(".json"),
            let index = Int(name.dropFirst(6).dropLast(5)), index > 0,
            index <= Int(AssetID.largest / idsPerSegment), fileName(index) == name
        else { return nil }
        return index
    }
}

/// What a reader made of a segment's bytes.
package struct RegistryReading: Sendable {
    /// Nil when the file as a whole cannot be trusted: the project is then read-only.
    package var segment: RegistrySegment?
    package var diagnostics: [Diagnostic]

    package init(segment: RegistrySegment?, diagnostics: [Diagnostic]) {
        self.segment = segment
        self.diagnostics = diagnostics
    }
}

public import Packer

/// A small project with one transaction that replaces, creates and moves: what a foreign editor gets in the way of.
public enum EditedProject {
    public static let registry = ".prometeu/index.json"
    /// The files that the transaction touches, by the path where an editor finds them, and where they may stand later.
    public static let places: [(path: String, others: [String])] = [
        (registry, []), ("victim/asset.json", []), ("moving/notes.txt", ["far/moved/notes.txt"]),
        ("far/moved/notes.txt", ["moving/notes.txt"]), ("new/one/asset.json", []),
    ]

    public static func transaction() throws -> [Mutation] {
        try [
            .update(.root(AssetRoot(validating: "victim")), [.name("Ours")]),
            .relocate(.root(AssetRoot(validating: "moving")), to: AssetRoot(validating: "far/moved")),
            .create(NewAsset(root: AssetRoot(validating: "new/one"), type: .data)),
        ]
    }

    /// What each run starts from, by relative path.
    public static func contents() async throws -> [String: [UInt8]] {
        let folder = try Fixtures.empty()
        let project = try await PackerProject.open(folder)
        for name in ["victim", "moving"] {
            _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: name), type: .data))).result
        }
        await project.close()
        try folder.write("notes", to: "assets/moving/notes.txt")
        let own = ["assets/.prometeu/journal", "assets/.prometeu/shadow"]
        return try folder.contents(except: own).filter { !$0.key.hasSuffix("/") }
    }

    public static func make(_ contents: [String: [UInt8]]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (path, bytes) in contents { try folder.write(bytes, to: path) }
        return folder
    }
}

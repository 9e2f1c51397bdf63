public import Packer

/// The operations of a writer that is killed: one of every shape in each round of ten, always the same ones.
public enum CrashScript {
    public static func operation(_ number: Int) -> [Mutation] {
        let round = number / 10
        func root(_ name: String) -> AssetRoot {
            guard let root = try? AssetRoot(validating: "\(name)/\(round)") else { preconditionFailure(name) }
            return root
        }
        func asset(_ name: String) -> AssetReference { .root(root(name)) }
        func create(_ name: String) -> Mutation { .create(NewAsset(root: root(name), type: .data)) }
        switch number % 10 {
        case 0: return [create("made")]
        case 1: return [create("one/two"), .update(asset("one/two"), [.name("Late")]), .exclude(asset("one/two"))]
        case 2: return [.relocate(asset("made"), to: root("moved/far"))]
        case 3: return [.update(asset("moved/far"), [.outputCodec("LZ4"), .outputMetadata("{\"round\":\(round)}")])]
        case 4: return [.relocate(asset("moved/far"), to: root("else")), .update(asset("else"), [.name("Moved")])]
        case 5: return [create("a"), create("b"), create("c/new"), .relocate(asset("c/new"), to: root("c"))]
        case 6:
            return [
                .relocate(asset("a"), to: root("swap")), .relocate(asset("b"), to: root("a")),
                .relocate(asset("swap"), to: root("b")),
            ]
        case 7: return [.delete(asset("a")), create("a")]
        case 8: return [.restore(asset("a"), to: root("back")), .delete(asset("else")), .unregister(asset("c"))]
        default: return round % 2 == 0 ? [.register(asset("c"))] : [.register(asset("c")), .emptyTrash]
        }
    }

    /// What a project says after some of them, without what is drawn at random.
    public static func signature(_ snapshot: Snapshot) -> [String] {
        snapshot.list(limit: 100_000).assets.map { asset in
            "\(asset.root) \(asset.id?.rawValue ?? 0) \(asset.registration) \(asset.validity) \(asset.name)"
                + " \(asset.isIncludedInBuild) \(asset.declaration?.output.codec ?? "")"
                + " \(asset.declaration?.output.metadata ?? "")"
        } + snapshot.trash.map { "trash \($0.root) \($0.assets.map(\.id))" }.sorted()
    }

    /// The signature as one number, FNV-1a, so that another process can look it up.
    public static func key(_ snapshot: Snapshot) -> UInt64 {
        signature(snapshot).joined(separator: "\n").utf8.reduce(0xcbf2_9ce4_8422_2325) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
    }
}

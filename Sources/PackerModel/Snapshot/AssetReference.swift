/// A way to name an asset.
public enum AssetReference: Hashable, Sendable, CustomStringConvertible {
    case id(AssetID)
    case uuid(AssetUUID)
    case root(AssetRoot)

    /// Digits are an id, a uuid's form is a uuid, anything else a root; `id:`, `uuid:` and `root:` say it outright.
    public init?(_ text: String) {
        if text.hasPrefix("id:") {
            guard let id = Self.id(text.dropFirst(3)) else { return nil }
            self = .id(id)
        } else if text.hasPrefix("uuid:") {
            guard let uuid = AssetUUID(String(text.dropFirst(5))) else { return nil }
            self = .uuid(uuid)
        } else if text.hasPrefix("root:") {
            if text.utf8.count == 5 { return nil }
            self = .root(AssetRoot(onDisk: String(text.dropFirst(5))))
        } else if let id = Self.id(text[...]) {
            self = .id(id)
        } else if let uuid = AssetUUID(text) {
            self = .uuid(uuid)
        } else if text.isEmpty {
            return nil
        } else {
            self = .root(AssetRoot(onDisk: text))
        }
    }

    private static func id(_ text: Substring) -> AssetID? {
        // The number's own initialiser takes a sign, too.
        text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
            ? UInt32(text).flatMap(AssetID.init) : nil
    }

    /// As `init` reads it.
    public var description: String {
        switch self {
        case .id(let id): "id:\(id)"
        case .uuid(let uuid): "uuid:\(uuid)"
        case .root(let root): AssetReference(root.path) == self ? root.path.escaped : "root:" + root.path.escaped
        }
    }
}

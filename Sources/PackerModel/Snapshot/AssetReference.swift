/// A way to name an asset.
public enum AssetReference: Hashable, Sendable, CustomStringConvertible {
    case id(AssetID)
    case uuid(AssetUUID)
    case root(AssetRoot)

    /// Digits are an id, a uuid's form is a uuid, anything else a root; `id:`, `uuid:` and `root:` say it outright.
    public init?(_ text: String) {
        if let number = text.rest(after: "id:") {
            guard let id = Self.id(number[...]) else { return nil }
            self = .id(id)
        } else if let uuid = text.rest(after: "uuid:") {
            guard let uuid = AssetUUID(uuid) else { return nil }
            self = .uuid(uuid)
        } else if let root = text.rest(after: "root:") {
            if root.isEmpty { return nil }
            self = .root(AssetRoot(onDisk: root))
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

extension String {
    /// What is behind a prefix, byte for byte: a ":" before a combining mark is no Character ":".
    func rest(after prefix: String) -> String? {
        utf8.starts(with: prefix.utf8) ? String(utf8.dropFirst(prefix.utf8.count)) : nil
    }
}

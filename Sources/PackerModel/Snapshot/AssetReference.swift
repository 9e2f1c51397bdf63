/// A way to name an asset.
public enum AssetReference: Hashable, Sendable, CustomStringConvertible {
    case id(AssetID)
    case uuid(AssetUUID)
    case root(AssetRoot)

    /// Digits are an id, a uuid's form is a uuid, anything else a root; `id:`, `uuid:` and `root:` say it outright.
    public init?(_ text: String) {
        if text.hasPrefix("id:") {
            guard let id = UInt32(text.dropFirst(3)).flatMap(AssetID.init) else { return nil }
            self = .id(id)
        } else if text.hasPrefix("uuid:") {
            guard let uuid = AssetUUID(String(text.dropFirst(5))) else { return nil }
            self = .uuid(uuid)
        } else if text.hasPrefix("root:") {
            self = .root(AssetRoot(onDisk: String(text.dropFirst(5))))
        } else if let id = UInt32(text).flatMap(AssetID.init) {
            self = .id(id)
        } else if let uuid = AssetUUID(text) {
            self = .uuid(uuid)
        } else if text.isEmpty {
            return nil
        } else {
            self = .root(AssetRoot(onDisk: text))
        }
    }

    public var description: String {
        switch self {
        case .id(let id): "id:\(id)"
        case .uuid(let uuid): "uuid:\(uuid)"
        case .root(let root): root.path.escaped
        }
    }
}

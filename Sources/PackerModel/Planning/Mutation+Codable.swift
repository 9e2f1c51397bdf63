extension Mutation: Codable {
    fileprivate enum Key: String, CodingKey {
        case verb = "do"
        case asset, to, set
        case root, name, type, format, codec, metadata, inputs, preload, included
    }

    /// Strict: a member that the verb does not take is an error, so that a misspelled one is never passed over.
    public init(from decoder: any Decoder) throws {
        let members = try Members(decoder)
        let verb = try members.container.decode(String.self, forKey: .verb)
        switch verb {
        case "create":
            try members.allow([.root, .name, .type, .format, .codec, .metadata, .inputs, .preload, .included], verb)
            self = .create(try NewAsset(members))
        case "register":
            try members.allow([.asset, .included], verb)
            self = .register(try members.asset(), isIncludedInBuild: try members.optional(.included) ?? true)
        case "include":
            try members.allow([.asset], verb)
            self = .include(try members.asset())
        case "exclude":
            try members.allow([.asset], verb)
            self = .exclude(try members.asset())
        case "update":
            try members.allow([.asset, .set], verb)
            self = .update(
                try members.asset(), try members.container.decode(DeclarationChanges.self, forKey: .set).changes)
        case "relocate":
            try members.allow([.asset, .to], verb)
            self = .relocate(try members.asset(), to: try members.container.decode(AssetRoot.self, forKey: .to))
        case "unregister":
            try members.allow([.asset], verb)
            self = .unregister(try members.asset())
        case "delete":
            try members.allow([.asset], verb)
            self = .delete(try members.asset())
        case "restore":
            try members.allow([.asset, .to], verb)
            self = .restore(try members.asset(), to: try members.optional(.to))
        case "emptyTrash":
            try members.allow([], verb)
            self = .emptyTrash
        case "reidentify":
            try members.allow([.asset], verb)
            self = .reidentify(try members.asset())
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .verb, in: members.container, debugDescription: "there is no mutation \"\(verb.escaped)\"")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .verb)
        switch self {
        case .create(let new): try new.encode(to: &container)
        case .register(let asset, let isIncluded):
            try container.encode(asset, forKey: .asset)
            try container.encode(isIncluded, forKey: .included)
        case .include(let asset), .exclude(let asset), .unregister(let asset), .delete(let asset),
            .reidentify(let asset):
            try container.encode(asset, forKey: .asset)
        case .update(let asset, let changes):
            try container.encode(asset, forKey: .asset)
            try container.encode(DeclarationChanges(changes: changes), forKey: .set)
        case .relocate(let asset, let root):
            try container.encode(asset, forKey: .asset)
            try container.encode(root, forKey: .to)
        case .restore(let asset, let root):
            try container.encode(asset, forKey: .asset)
            try container.encodeIfPresent(root, forKey: .to)
        case .emptyTrash: break
        }
    }

    fileprivate struct Members {
        let container: KeyedDecodingContainer<Key>
        private let names: [String]

        init(_ decoder: any Decoder) throws {
            container = try decoder.container(keyedBy: Key.self)
            names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        }

        func allow(_ keys: [Key], _ verb: String) throws {
            let allowed = Set(keys.map(\.rawValue) + [Key.verb.rawValue])
            guard let other = names.sorted().first(where: { !allowed.contains($0) }) else { return }
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: container.codingPath,
                    debugDescription: "\(verb) has no member \"\(other.escaped)\"; it takes "
                        + allowed.sorted().joined(separator: ", ")))
        }

        func asset() throws -> AssetReference { try container.decode(AssetReference.self, forKey: .asset) }

        func optional<Value: Decodable>(_ key: Key) throws -> Value? {
            try container.decodeIfPresent(Value.self, forKey: key)
        }
    }
}

extension NewAsset {
    fileprivate init(_ members: Mutation.Members) throws {
        let type = try members.container.decode(AssetType.self, forKey: .type)
        let usual = type.usualOutput
        self.init(
            root: try members.container.decode(AssetRoot.self, forKey: .root), name: try members.optional(.name),
            type: type,
            output: Declaration.Output(
                format: try members.optional(.format) ?? usual.format,
                codec: try members.optional(.codec) ?? usual.codec,
                metadata: try members.optional(.metadata) ?? usual.metadata),
            inputs: try members.optional(.inputs) ?? [], preloadEnabled: try members.optional(.preload) ?? false,
            isIncludedInBuild: try members.optional(.included) ?? true)
    }

    fileprivate func encode(to container: inout KeyedEncodingContainer<Mutation.Key>) throws {
        try container.encode(root, forKey: .root)
        try container.encodeIfPresent(name, forKey: .name)
        try container.encode(type, forKey: .type)
        try container.encode(output.format, forKey: .format)
        try container.encode(output.codec, forKey: .codec)
        try container.encode(output.metadata, forKey: .metadata)
        try container.encode(inputs, forKey: .inputs)
        try container.encode(preloadEnabled, forKey: .preload)
        try container.encode(isIncludedInBuild, forKey: .included)
    }
}

extension AssetReference: Codable {
    /// As `AssetReference(_:)` reads it; a number is an id.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(UInt32.self), let id = AssetID(rawValue: number) {
            self = .id(id)
            return
        }
        let text = try container.decode(String.self)
        guard let reference = AssetReference(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text.escaped)\" is no id, uuid or root")
        }
        self = reference
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .id(let id): try container.encode("id:\(id)")
        case .uuid(let uuid): try container.encode("uuid:\(uuid)")
        case .root(let root): try container.encode("root:\(root.path)")
        }
    }
}

/// `{"output.codec":"NONE","inputs.source":["a.png"]}`: each value by the names that lead to it.
private struct DeclarationChanges: Codable {
    var changes: [DeclarationChange]

    init(changes: [DeclarationChange]) { self.changes = changes }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        changes = try container.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
            try DeclarationChange(key, container)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: AnyKey.self)
        for change in changes {
            switch change {
            case .name(let name): try container.encode(name, forKey: "name")
            case .type(let type): try container.encode(type, forKey: "type")
            case .inputs(let inputs): try container.encode(inputs, forKey: "inputs")
            case .inputPaths(let role, let paths):
                try container.encode(paths, forKey: AnyKey(stringValue: DeclarationChange.rolePrefix + role))
            case .outputFormat(let format): try container.encode(format, forKey: "output.format")
            case .outputCodec(let codec): try container.encode(codec, forKey: "output.codec")
            case .outputMetadata(let metadata): try container.encode(metadata, forKey: "output.metadata")
            case .preloadEnabled(let isEnabled): try container.encode(isEnabled, forKey: "preload.enabled")
            }
        }
    }
}

extension DeclarationChange {
    fileprivate static let rolePrefix = "inputs."
    /// The members that can be set, as they are spelled in JSON.
    public static let members = [
        "name", "type", "inputs", "inputs.ROLE", "output.format", "output.codec", "output.metadata", "preload.enabled",
    ]

    fileprivate init(_ key: AnyKey, _ container: KeyedDecodingContainer<AnyKey>) throws {
        switch key.stringValue {
        case "name": self = .name(try container.decode(String.self, forKey: key))
        case "type": self = .type(try container.decode(AssetType.self, forKey: key))
        case "inputs": self = .inputs(try container.decode([Declaration.InputRole].self, forKey: key))
        case "output.format": self = .outputFormat(try container.decode(String.self, forKey: key))
        case "output.codec": self = .outputCodec(try container.decode(String.self, forKey: key))
        case "output.metadata": self = .outputMetadata(try container.decode(String.self, forKey: key))
        case "preload.enabled": self = .preloadEnabled(try container.decode(Bool.self, forKey: key))
        default:
            if let role = key.stringValue.rest(after: Self.rolePrefix) {
                self = .inputPaths(role: role, try container.decode([String].self, forKey: key))
                return
            }
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container,
                debugDescription: "a declaration has no \"\(key.stringValue.escaped)\" that can be set; there are "
                    + Self.members.joined(separator: ", "))
        }
    }
}

private struct AnyKey: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init(stringLiteral value: String) { stringValue = value }
    init?(intValue: Int) { return nil }
}

/// One opening of a project: nothing that carries another session's id is mistaken for this one's.
public struct SessionID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let uuid: AssetUUID

    package init(using generator: inout some RandomNumberGenerator) { uuid = AssetUUID(using: &generator) }

    public init(from decoder: any Decoder) throws { uuid = try AssetUUID(from: decoder) }
    public func encode(to encoder: any Encoder) throws { try uuid.encode(to: encoder) }

    public var description: String { uuid.description }
}

/// The name of one command or transaction, the same in the handle, in the events, in the journal and after a crash.
public struct OperationID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let uuid: AssetUUID

    package init(_ uuid: AssetUUID) { self.uuid = uuid }
    package init(using generator: inout some RandomNumberGenerator) { uuid = AssetUUID(using: &generator) }

    public init(from decoder: any Decoder) throws { uuid = try AssetUUID(from: decoder) }
    public func encode(to encoder: any Encoder) throws { try uuid.encode(to: encoder) }

    public var description: String { uuid.description }
}

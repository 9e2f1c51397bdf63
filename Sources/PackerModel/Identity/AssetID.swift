/// The number of an asset in the registry: 1…2³¹−1, dense, and never used again on one line of history.
public struct AssetID: RawRepresentable, Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public let rawValue: UInt32

    /// Nil outside 1…2³¹−1.
    public init?(rawValue: UInt32) {
        guard rawValue >= 1, rawValue <= Self.largest else { return nil }
        self.rawValue = rawValue
    }

    public static let largest: UInt32 = (1 << 31) - 1

    public var description: String { String(rawValue) }

    public static func < (left: AssetID, right: AssetID) -> Bool { left.rawValue < right.rawValue }
}

/// What an asset is. Types that this version does not know are kept as they are, with a warning.
public struct AssetType: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let tileBank = AssetType(rawValue: "tile_bank")
    public static let glyphBank = AssetType(rawValue: "glyph_bank")
    public static let paletteBank = AssetType(rawValue: "palette_bank")
    public static let soundBank = AssetType(rawValue: "sound_bank")
    public static let map = AssetType(rawValue: "map")
    public static let data = AssetType(rawValue: "data")

    public static let known: [AssetType] = [.tileBank, .glyphBank, .paletteBank, .soundBank, .map, .data]

    public var isKnown: Bool { Self.known.contains(self) }
    public var description: String { rawValue }
}

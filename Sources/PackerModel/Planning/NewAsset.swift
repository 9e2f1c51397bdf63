/// A new asset: a folder with a declaration, and an entry in the registry.
///
/// The folder may exist and hold files, but no declaration.
public struct NewAsset: Sendable, Equatable {
    public var root: AssetRoot
    /// The last component of the root where it is nil.
    public var name: String?
    public var type: AssetType
    public var output: Declaration.Output
    public var inputs: [Declaration.InputRole]
    public var preloadEnabled: Bool
    public var isIncludedInBuild: Bool

    public init(
        root: AssetRoot,
        name: String? = nil,
        type: AssetType,
        output: Declaration.Output? = nil,
        inputs: [Declaration.InputRole] = [],
        preloadEnabled: Bool = false,
        isIncludedInBuild: Bool = true
    ) {
        self.root = root
        self.name = name
        self.type = type
        self.output = output ?? type.usualOutput
        self.inputs = inputs
        self.preloadEnabled = preloadEnabled
        self.isIncludedInBuild = isIncludedInBuild
    }
}

extension AssetType {
    /// What Studio writes where nobody chose.
    public var usualOutput: Declaration.Output { Declaration.Output(format: usualFormat, codec: "NONE") }

    var usualFormat: String {
        switch self {
        case .tileBank: "TILES/indexed_v1"
        case .glyphBank: "GLYPHS/indexed_v1"
        case .paletteBank: "PALETTE/rgb565_v1"
        case .soundBank: "SOUND/pcm_v1"
        case .map: "MAP/grid_v1"
        default: "DATA/raw_v1"
        }
    }
}

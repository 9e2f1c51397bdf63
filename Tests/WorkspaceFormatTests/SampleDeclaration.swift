import PackerModel

/// A declaration that nothing is wrong with, as a person would format it.
enum SampleDeclaration {
    static let uuid = "f5359a73-5aab-43c7-ae60-986554f520de"

    static let text = """
        {
          "schema_version": 1,
          "asset_uuid": "f5359a73-5aab-43c7-ae60-986554f520de",
          "name": "Hero",
          "type": "tile_bank",
          "inputs": {
            "sprites": ["hero.png"]
          },
          "output": {
            "format": "TILES/indexed_v1",
            "codec": "NONE"
          }
        }

        """

    static let value = Declaration(
        uuid: AssetUUID(uuid)!,
        name: "Hero",
        type: .tileBank,
        inputs: [Declaration.InputRole(role: "sprites", paths: ["hero.png"])],
        output: Declaration.Output(format: "TILES/indexed_v1", codec: "NONE")
    )
}

/// Bytes for a test, shown as text.
struct Source: ExpressibleByStringLiteral, CustomStringConvertible {
    var bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }
    init(_ text: String) { bytes = Array(text.utf8) }
    init(stringLiteral text: String) { self.init(text) }

    var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// What `asset.json` says, as values. The file's own formatting is not in here: edits are made on its bytes.
public struct Declaration: Equatable, Sendable {
    public static let schemaVersion = 1
    public static let fileName = "asset.json"
    public static let maximumBytes = 1 << 20
    public static let maximumDepth = 64

    public var uuid: AssetUUID
    public var name: String
    public var type: AssetType
    /// Roles in the file's order, each with paths relative to the asset's root.
    public var inputs: [InputRole]
    public var output: Output
    public var preloadEnabled: Bool

    public struct InputRole: Equatable, Sendable, Codable {
        public var role: String
        public var paths: [String]

        public init(role: String, paths: [String]) {
            self.role = role
            self.paths = paths
        }

        public static func == (left: InputRole, right: InputRole) -> Bool {
            areSameBytes(left.role, right.role) && left.paths.elementsEqual(right.paths, by: areSameBytes)
        }
    }

    public struct Output: Equatable, Sendable, Codable {
        /// Like `TILES/indexed_v1`.
        public var format: String
        public var codec: String
        /// The JSON text of `metadata` as it stands in the file; `{}` where there is none.
        public var metadata: String

        public init(format: String, codec: String, metadata: String = "{}") {
            self.format = format
            self.codec = codec
            self.metadata = metadata
        }

        public static func == (left: Output, right: Output) -> Bool {
            areSameBytes(left.format, right.format) && areSameBytes(left.codec, right.codec)
                && areSameBytes(left.metadata, right.metadata)
        }
    }

    public init(
        uuid: AssetUUID,
        name: String,
        type: AssetType,
        inputs: [InputRole] = [],
        output: Output,
        preloadEnabled: Bool = false
    ) {
        self.uuid = uuid
        self.name = name
        self.type = type
        self.inputs = inputs
        self.output = output
        self.preloadEnabled = preloadEnabled
    }

    /// Texts are equal when their bytes are: canonical equivalents name different files, and are different edits.
    public static func == (left: Declaration, right: Declaration) -> Bool {
        left.uuid == right.uuid && areSameBytes(left.name, right.name)
            && areSameBytes(left.type.rawValue, right.type.rawValue) && left.inputs == right.inputs
            && left.output == right.output && left.preloadEnabled == right.preloadEnabled
    }
}

private func areSameBytes(_ left: String, _ right: String) -> Bool { compareBytes(left, right) == 0 }

/// What a reader made of a declaration's bytes: as much as could be understood, and what was wrong.
package struct DeclarationReading: Sendable {
    /// Nil when a required member is missing or wrong; `diagnostics` then has an error.
    package var declaration: Declaration?
    /// The identity, where it could be read even though the rest could not.
    package var uuid: AssetUUID?
    /// Where the identity stands.
    package var uuidPosition: SourcePosition?
    /// Where each input's path stands, role after role; empty where the declaration could not be read.
    package var inputPositions: [SourcePosition]
    package var diagnostics: [Diagnostic]

    package init(
        declaration: Declaration?,
        uuid: AssetUUID?,
        uuidPosition: SourcePosition? = nil,
        inputPositions: [SourcePosition] = [],
        diagnostics: [Diagnostic]
    ) {
        self.declaration = declaration
        self.uuid = uuid
        self.uuidPosition = uuidPosition
        self.inputPositions = inputPositions
        self.diagnostics = diagnostics
    }
}

/// A place in a file, counted from 1, the column in bytes.
package struct SourcePosition: Equatable, Sendable {
    package var line: UInt32
    package var column: UInt32

    package init(line: Int, column: Int) {
        self.line = UInt32(clamping: line)
        self.column = UInt32(clamping: column)
    }
}

/// What `asset.json` says, as values. The file's own formatting is not in here: edits are made on its bytes.
public struct Declaration: Equatable, Sendable {
    public static let schemaVersion = 1
    public static let fileName = "asset.json"
    public static let maximumBytes = 1 << 20
    public static let maximumDepth = 64

    private var source: Source<Members>

    private struct Members: Sendable {
        var uuid: AssetUUID
        var name: String
        var type: AssetType
        var inputs: [InputRole]
        var output: Output
        var preloadEnabled: Bool
    }

    public var uuid: AssetUUID {
        get { source.value(\.declaredUUID, \.uuid) }
        set { members.uuid = newValue }
    }

    public var name: String {
        get { source.value(\.name, \.name) }
        set { members.name = newValue }
    }

    public var type: AssetType {
        get { source.value({ AssetType(rawValue: $0.type) }, \.type) }
        set { members.type = newValue }
    }

    /// Roles in the file's order, each with paths relative to the asset's root.
    public var inputs: [InputRole] {
        get { source.value(\.roles, \.inputs) }
        set { members.inputs = newValue }
    }

    public var output: Output {
        get { source.value(Output.init, \.output) }
        set { members.output = newValue }
    }

    public var preloadEnabled: Bool {
        get { source.value(\.isPreloading, \.preloadEnabled) }
        set { members.preloadEnabled = newValue }
    }

    private var members: Members {
        get {
            source.value(
                {
                    Members(
                        uuid: $0.declaredUUID, name: $0.name, type: AssetType(rawValue: $0.type), inputs: $0.roles,
                        output: Output($0), preloadEnabled: $0.isPreloading)
                }, { $0 })
        }
        set { source = Source(newValue) }
    }

    /// - Parameter record: of a declaration that could be read.
    init(_ record: AssetRecord) { source = .read(record) }

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
        private var source: Source<Members>

        private struct Members: Codable, Sendable {
            var format: String
            var codec: String
            var metadata: String
        }

        /// Like `TILES/indexed_v1`.
        public var format: String {
            get { source.value(\.format, \.format) }
            set { members.format = newValue }
        }

        public var codec: String {
            get { source.value(\.codec, \.codec) }
            set { members.codec = newValue }
        }

        /// The JSON text of `metadata` as it stands in the file; `{}` where there is none.
        public var metadata: String {
            get { source.value(\.metadata, \.metadata) }
            set { members.metadata = newValue }
        }

        public init(format: String, codec: String, metadata: String = "{}") {
            source = Source(Members(format: format, codec: codec, metadata: metadata))
        }

        public init(from decoder: any Decoder) throws { source = Source(try Members(from: decoder)) }

        public func encode(to encoder: any Encoder) throws { try members.encode(to: encoder) }

        init(_ record: AssetRecord) { source = .read(record) }

        private var members: Members {
            get {
                source.value({ Members(format: $0.format, codec: $0.codec, metadata: $0.metadata) }, { $0 })
            }
            set { source = Source(newValue) }
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
        source = Source(
            Members(
                uuid: uuid, name: name, type: type, inputs: inputs, output: output, preloadEnabled: preloadEnabled))
    }

    /// Texts are equal when their bytes are: canonical equivalents name different files, and are different edits.
    public static func == (left: Declaration, right: Declaration) -> Bool {
        left.uuid == right.uuid && areSameBytes(left.name, right.name)
            && areSameBytes(left.type.rawValue, right.type.rawValue) && left.inputs == right.inputs
            && left.output == right.output && left.preloadEnabled == right.preloadEnabled
    }
}

/// Where the members of a declaration, or of its output, are taken from.
private enum Source<Members: Sendable>: Sendable {
    /// As it was read: its texts are made when they are asked for.
    case read(AssetRecord)
    case written(Written<Members>)

    init(_ members: Members) { self = .written(Written(members)) }

    @inline(__always)
    func value<Value>(_ record: (AssetRecord) -> Value, _ members: (Members) -> Value) -> Value {
        switch self {
        case .read(let of): record(of)
        case .written(let of): members(of.members)
        }
    }
}

/// Members behind a reference: what is mostly read from a record is as small as the reference to that.
private final class Written<Members: Sendable>: Sendable {
    let members: Members
    init(_ members: Members) { self.members = members }
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

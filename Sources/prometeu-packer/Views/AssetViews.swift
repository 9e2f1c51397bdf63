import Packer

/// A row of `list`.
struct AssetView: Encodable {
    let kind = "asset"
    @Nullable var id: UInt32?
    @Nullable var uuid: String?
    let root: String
    let name: String
    @Nullable var type: String?
    let registration: String
    let validity: String
    let includedInBuild: Bool
    let inputCount: Int
    /// Of the inputs that are there.
    let inputBytes: UInt64
    let errors: Int
    let warnings: Int

    init(_ asset: Asset) {
        id = asset.id?.rawValue
        uuid = asset.uuid?.description
        root = asset.root.path
        name = asset.name
        type = asset.type?.rawValue
        registration = asset.registration.rawValue
        validity = asset.validity.rawValue
        includedInBuild = asset.isIncludedInBuild
        inputCount = asset.inputs.count
        inputBytes = asset.inputBytes
        (errors, warnings) = asset.diagnostics.counts
    }
}

/// What `show` tells.
struct AssetDetailsView: Encodable {
    let kind = "asset_details"
    let generation: UInt64
    @Nullable var id: UInt32?
    @Nullable var uuid: String?
    let root: String
    let name: String
    @Nullable var type: String?
    let registration: String
    let validity: String
    let includedInBuild: Bool
    @Nullable var declaration: DeclarationView?
    let inputs: [InputView]
    let diagnostics: [DiagnosticView]

    init(_ asset: Asset, generation: UInt64) {
        self.generation = generation
        id = asset.id?.rawValue
        uuid = asset.uuid?.description
        root = asset.root.path
        name = asset.name
        type = asset.type?.rawValue
        registration = asset.registration.rawValue
        validity = asset.validity.rawValue
        includedInBuild = asset.isIncludedInBuild
        declaration = asset.declaration.map { DeclarationView($0, path: asset.declarationPath) }
        inputs = asset.inputs.map(InputView.init)
        diagnostics = asset.diagnostics.map(DiagnosticView.init)
    }
}

struct DeclarationView: Encodable {
    let path: String
    let uuid: String
    let name: String
    let type: String
    let inputs: [Role]
    let format: String
    let codec: String
    /// The text of the JSON value as it stands in the file.
    let metadata: String
    let preloadEnabled: Bool

    struct Role: Encodable {
        let role: String
        let paths: [String]
    }

    init(_ declaration: Declaration, path: String) {
        self.path = path
        uuid = declaration.uuid.description
        name = declaration.name
        type = declaration.type.rawValue
        inputs = declaration.inputs.map { Role(role: $0.role, paths: $0.paths) }
        format = declaration.output.format
        codec = declaration.output.codec
        metadata = declaration.output.metadata
        preloadEnabled = declaration.preloadEnabled
    }
}

struct InputView: Encodable {
    let role: String
    let path: String
    /// Bytes; null where there is no such file.
    @Nullable var size: UInt64?
    @Nullable var modified: String?

    init(_ input: Asset.InputFile) {
        role = input.role
        path = input.path
        size = input.size
        modified = input.modified.map(Quantity.exactTime)
    }
}

struct DiagnosticView: Encodable {
    let kind = "diagnostic"
    let code: String
    let severity: String
    let path: String
    @Nullable var line: Int?
    @Nullable var column: Int?
    let message: String
    let remedy: String

    init(_ diagnostic: Diagnostic) {
        code = diagnostic.code.rawValue
        severity = diagnostic.severity.rawValue
        path = diagnostic.path
        line = diagnostic.line
        column = diagnostic.column
        message = diagnostic.message
        remedy = diagnostic.remedy
    }
}

extension Asset {
    var inputBytes: UInt64 { inputs.reduce(0) { $0 &+ ($1.size ?? 0) } }
}

extension [Diagnostic] {
    var counts: (errors: Int, warnings: Int) {
        let errors = count { $0.severity == .error }
        return (errors, count - errors)
    }
}

extension Diagnostic {
    /// `path:line:column`, as far as it is known.
    var place: String {
        ([path] + [line, column].prefix { $0 != nil }.map { String($0!) }).joined(separator: ":")
    }
}

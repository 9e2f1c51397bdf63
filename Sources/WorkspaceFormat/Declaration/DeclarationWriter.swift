package import PackerModel

extension DeclarationFormat {
    /// The bytes of a new file, in the one form that we make. `metadata` is written as it is.
    package static func write(_ declaration: Declaration) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(
            .object([
                ("schema_version", .integer(Declaration.schemaVersion)),
                ("asset_uuid", .string(declaration.uuid.description)),
                ("name", .string(declaration.name)),
                ("type", .string(declaration.type.rawValue)),
                ("inputs", .roles(declaration.inputs)),
                (
                    "output",
                    .object([
                        ("format", .string(declaration.output.format)),
                        ("codec", .string(declaration.output.codec)),
                        ("metadata", .raw(declaration.output.metadata)),
                    ])
                ),
                ("preload", .object([("enabled", .bool(declaration.preloadEnabled))])),
            ]),
            JSONLayout()
        )
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}

extension JSONText {
    static func roles(_ roles: [Declaration.InputRole]) -> JSONText {
        .object(roles.map { ($0.role, .paths($0.paths)) })
    }

    static func paths(_ paths: [String]) -> JSONText { .array(paths.map { .string($0) }) }
}

import CJSON
import PackerModel

/// One reading of one declaration: the schema's rules, each with its place and remedy.
struct DeclarationReader {
    let tape: Tape
    var list: DiagnosticList

    init(tape: Tape, path: String) {
        self.tape = tape
        list = DiagnosticList(path: path, source: tape.source)
    }

    mutating func read(_ problem: JSONProblem?) -> DeclarationReading {
        if let problem {
            add(problem)
            return reading(nil, uuid: tape.isEmpty ? nil : identity)
        }
        guard tape.kind(0) == .object else {
            schema(0, "a declaration is an object, but \(tape.kind(0).name) stands here", "Start the file with {.")
            return reading(nil, uuid: nil)
        }
        let members = Members(tape)
        if let version = members.schemaVersion, tape.isAbove(Declaration.schemaVersion, version) {
            list.add(
                .declarationNewerSchema,
                at: tape.start(version),
                "the declaration has schema version \(String(decoding: tape.raw(version), as: UTF8.self)); this"
                    + " version reads \(Declaration.schemaVersion)",
                remedy: "Open the project with a newer version of the packer."
            )
            return reading(nil, uuid: nil)
        }
        for duplicate in tape.duplicateKeys(atMost: DiagnosticList.limit) { add(duplicate) }
        checkSchemaVersion(members)
        let uuid = uuid(members)
        let declaration = declaration(members, uuid)
        return reading(list.hasErrors ? nil : declaration, uuid: members.isIdentityRepeated ? nil : uuid)
    }

    private func reading(_ declaration: Declaration?, uuid: AssetUUID?) -> DeclarationReading {
        DeclarationReading(declaration: declaration, uuid: uuid, diagnostics: list.diagnostics)
    }

    private mutating func declaration(_ members: Members, _ uuid: AssetUUID?) -> Declaration? {
        let name = nonEmptyString(members.name, "name", in: 0)
        let type = type(members.type)
        let inputs = inputs(members.inputs)
        let output = output(members.output)
        let preload = preload(members.preload)
        guard let uuid, let name, let type, let inputs, let output, let preload else { return nil }
        return Declaration(uuid: uuid, name: name, type: type, inputs: inputs, output: output, preloadEnabled: preload)
    }

    // MARK: Identity and version

    /// The identity of a file that is broken further down: a hint for finding a moved asset, no more.
    private var identity: AssetUUID? {
        guard tape.kind(0) == .object else { return nil }
        let members = Members(tape)
        guard let node = members.uuid, tape.kind(node) == .string, !members.isIdentityRepeated else { return nil }
        return AssetUUID(tape.string(node))
    }

    private mutating func uuid(_ members: Members) -> AssetUUID? {
        guard let node = string(members.uuid, "asset_uuid", in: 0) else { return nil }
        if let uuid = AssetUUID(tape.string(node)) { return uuid }
        schema(
            node,
            "asset_uuid is not a UUID of lower-case hexadecimal digits in the form 8-4-4-4-12",
            "Restore the UUID that the registry has for this asset."
        )
        return nil
    }

    private mutating func checkSchemaVersion(_ members: Members) {
        guard let node = present(members.schemaVersion, "schema_version", in: 0) else { return }
        guard tape.integer(node) != UInt64(Declaration.schemaVersion) else { return }
        schema(
            node,
            "schema_version must be the integer \(Declaration.schemaVersion)",
            "Write \"schema_version\": \(Declaration.schemaVersion)."
        )
    }

    // MARK: Members

    private mutating func type(_ node: Int?) -> AssetType? {
        guard let name = nonEmptyString(node, "type", in: 0), let node else { return nil }
        let type = AssetType(rawValue: name)
        if !type.isKnown {
            list.add(
                .declarationUnknownType,
                severity: .warning,
                at: tape.start(node),
                "the type \"\(name.escaped)\" is not known",
                remedy: "Use one of \(AssetType.known.map(\.rawValue).joined(separator: ", ")), or a newer packer."
            )
        }
        return type
    }

    private mutating func inputs(_ node: Int?) -> [Declaration.InputRole]? {
        guard let node = object(node, "inputs", in: 0) else { return nil }
        var roles: [Declaration.InputRole] = []
        roles.reserveCapacity(tape.count(node))
        for (key, value) in tape.members(node) {
            if tape.text(key).isEmpty { schema(key, "an input role has no name", "Give the role a name.") }
            guard tape.kind(value) == .array else {
                schema(
                    value,
                    "the input role \"\(tape.string(key).escaped)\" must be an array of paths, but"
                        + " \(tape.kind(value).name) stands here",
                    "Write the paths as [\"file\"], one path too."
                )
                continue
            }
            var paths: [String] = []
            paths.reserveCapacity(tape.count(value))
            for element in tape.elements(value) {
                if let path = inputPath(element) { paths.append(path) }
            }
            roles.append(Declaration.InputRole(role: tape.string(key), paths: paths))
        }
        return roles
    }

    private mutating func inputPath(_ node: Int) -> String? {
        guard tape.kind(node) == .string else {
            schema(
                node,
                "an input path must be a string, but \(tape.kind(node).name) stands here",
                "Write the path as a string."
            )
            return nil
        }
        let path = tape.string(node)
        guard let problem = RelativePath.problem(in: tape.text(node)) else { return path }
        list.add(
            .declarationInputPath,
            at: tape.start(node),
            "the input path \"\(path.escaped)\" \(problem)",
            remedy: "Give the path of a file inside the asset's folder, like sprites/hero.png."
        )
        return nil
    }

    private mutating func output(_ node: Int?) -> Declaration.Output? {
        guard let node = object(node, "output", in: 0) else { return nil }
        var format: Int?
        var codec: Int?
        var metadata: Int?
        for (key, value) in tape.members(node) {
            if tape.text(key, is: "format") {
                format = value
            } else if tape.text(key, is: "codec") {
                codec = value
            } else if tape.text(key, is: "metadata") {
                metadata = value
            }
        }
        let formatName = self.format(format, in: node)
        let codecName = nonEmptyString(codec, "output.codec", in: node)
        if let found = metadata, object(found, "output.metadata", in: node) == nil { return nil }
        guard let formatName, let codecName else { return nil }
        return Declaration.Output(
            format: formatName,
            codec: codecName,
            metadata: metadata.map { String(decoding: tape.raw($0), as: UTF8.self) } ?? "{}"
        )
    }

    private mutating func format(_ node: Int?, in object: Int) -> String? {
        guard let node = string(node, "output.format", in: object) else { return nil }
        let text = tape.text(node)
        let slash = text.firstIndex(of: UInt8(ascii: "/"))
        if let slash, slash > 0, slash < text.count - 1, text.lastIndex(of: UInt8(ascii: "/")) == slash {
            return tape.string(node)
        }
        schema(
            node,
            "output.format must be a family and a name, but \"\(tape.string(node).escaped)\" stands here",
            "Write it like TILES/indexed_v1."
        )
        return nil
    }

    private mutating func preload(_ node: Int?) -> Bool? {
        guard let node else { return false }
        guard let node = object(node, "preload", in: 0) else { return nil }
        for (key, value) in tape.members(node) where tape.text(key, is: "enabled") {
            switch tape.kind(value) {
            case .true: return true
            case .false: return false
            default:
                mismatch(value, "preload.enabled", "true or false")
                return nil
            }
        }
        return false
    }

    // MARK: Kinds

    private mutating func present(_ node: Int?, _ name: String, in object: Int) -> Int? {
        if node == nil { schema(object, "the member \(name) is missing", "Add the member \(name).") }
        return node
    }

    private mutating func object(_ node: Int?, _ name: String, in object: Int) -> Int? {
        guard let node = present(node, name, in: object) else { return nil }
        if tape.kind(node) == .object { return node }
        mismatch(node, name, "an object")
        return nil
    }

    private mutating func string(_ node: Int?, _ name: String, in object: Int) -> Int? {
        guard let node = present(node, name, in: object) else { return nil }
        if tape.kind(node) == .string { return node }
        mismatch(node, name, "a string")
        return nil
    }

    private mutating func nonEmptyString(_ node: Int?, _ name: String, in object: Int) -> String? {
        guard let node = string(node, name, in: object) else { return nil }
        if !tape.text(node).isEmpty { return tape.string(node) }
        schema(node, "\(name) is empty", "Write a text that is not empty.")
        return nil
    }

    private mutating func mismatch(_ node: Int, _ name: String, _ expected: String) {
        schema(
            node,
            "\(name) must be \(expected), but \(tape.kind(node).name) stands here",
            "Write \(name) as \(expected)."
        )
    }

    private mutating func schema(_ node: Int, _ message: String, _ remedy: String) {
        list.add(.declarationSchema, at: tape.start(node), message, remedy: remedy)
    }

    private mutating func add(_ problem: JSONProblem) {
        let code: DiagnosticCode =
            switch problem.kind {
            case .tooLarge: .declarationTooLarge
            case .byteOrderMark: .declarationByteOrderMark
            case .nul: .declarationNUL
            case .tooDeep: .declarationTooDeep
            case .duplicateKey: .declarationDuplicateKey
            case .syntax: .declarationSyntax
            case .noMemory: .declarationUnreadable
            }
        list.add(code, at: problem.offset, problem.message, remedy: problem.remedy)
    }
}

/// The values of the members that a declaration has; of a repeated one the first, which is then an error anyway.
private struct Members {
    var schemaVersion: Int?
    var uuid: Int?
    var name: Int?
    var type: Int?
    var inputs: Int?
    var output: Int?
    var preload: Int?
    var isIdentityRepeated = false

    init(_ tape: Tape) {
        for (key, value) in tape.members(0) {
            if tape.text(key, is: "schema_version") {
                schemaVersion = schemaVersion ?? value
            } else if tape.text(key, is: "asset_uuid") {
                isIdentityRepeated = uuid != nil
                uuid = uuid ?? value
            } else if tape.text(key, is: "name") {
                name = name ?? value
            } else if tape.text(key, is: "type") {
                type = type ?? value
            } else if tape.text(key, is: "inputs") {
                inputs = inputs ?? value
            } else if tape.text(key, is: "output") {
                output = output ?? value
            } else if tape.text(key, is: "preload") {
                preload = preload ?? value
            }
        }
    }
}

import CJSON
import PackerModel

/// One reading of one declaration: the schema's rules, each with its place and remedy.
struct DeclarationReader {
    let tape: Tape
    var list: DiagnosticList
    var inputPositions: [SourcePosition] = []

    init(tape: Tape, path: String) {
        self.tape = tape
        list = DiagnosticList(path: path, source: tape.source)
    }

    mutating func read(_ problem: JSONProblem?) -> DeclarationReading {
        if let problem {
            add(problem)
            return reading(nil, uuid: tape.nodeCount == 0 ? nil : identity)
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
                "the declaration has schema version \(tape.shown(version)); this"
                    + " version reads \(Declaration.schemaVersion)",
                remedy: "Open the project with a newer version of the packer."
            )
            return reading(nil, uuid: nil)
        }
        for duplicate in tape.duplicateKeys(atMost: DiagnosticList.limit) { add(duplicate) }
        checkSchemaVersion(members)
        let uuid = uuid(members)
        let declaration = declaration(members, uuid)
        return reading(
            list.hasErrors ? nil : declaration, uuid: members.isIdentityRepeated ? nil : uuid,
            at: members.uuid.map(position)
        )
    }

    private func reading(
        _ declaration: Declaration?, uuid: AssetUUID?, at place: SourcePosition? = nil
    ) -> DeclarationReading {
        DeclarationReading(
            declaration: declaration, uuid: uuid, uuidPosition: uuid == nil ? nil : place,
            inputPositions: declaration == nil ? [] : inputPositions, diagnostics: list.diagnostics
        )
    }

    private func position(_ node: Int) -> SourcePosition {
        SourcePosition(SourcePlace(of: tape.start(node), in: tape.source))
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
        return AssetUUID(utf8: tape.text(node))
    }

    private mutating func uuid(_ members: Members) -> AssetUUID? {
        guard let node = string(members.uuid, "asset_uuid", in: 0) else { return nil }
        if let uuid = AssetUUID(utf8: tape.text(node)) { return uuid }
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

    mutating func schema(_ node: Int, _ message: String, _ remedy: String) {
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

extension SourcePosition {
    init(_ place: SourcePlace) { self.init(line: place.line, column: place.column) }
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

import CJSON
import PackerModel

extension DeclarationFormat {
    /// The file with these values set, in their order. Changes the bytes of each value and no others; a missing member,
    /// and what is missing above it, is added at the end of its object in the file's own indentation and line ends.
    ///
    /// What the schema makes of the result is for `read` to say.
    package func edit(_ bytes: [UInt8], _ edits: [DeclarationEdit]) throws(DeclarationEditError) -> [UInt8] {
        try withTape(bytes) { tape, problem throws(DeclarationEditError) in
            guard let problem = problem ?? tape.duplicateKeys(atMost: 1).first else { return try checkEditable(tape) }
            let place = problem.offset.map { SourcePlace(of: $0, in: tape.source) }
            throw .invalidFile(message: problem.message, place: place)
        }
        var edited = bytes
        for edit in edits { edited = try apply(edit, to: edited) }
        try withTape(edited, checkResult)
        return edited
    }

    private func apply(_ edit: DeclarationEdit, to bytes: [UInt8]) throws(DeclarationEditError) -> [UInt8] {
        if edit.path.isEmpty { throw .emptyPath }
        if case .json(let text) = edit.value { try checkValue(text, path: edit.path) }
        return try withTape(bytes) { tape, problem throws(DeclarationEditError) in
            // The file itself was sound, so an edit before this one made it too large, too deep or ambiguous.
            try checkResult(tape, problem)
            let splice = try DeclarationSplice(edit, in: tape)
            var edited = bytes
            edited.replaceSubrange(splice.range, with: splice.bytes)
            return edited
        }
    }

    private func checkEditable(_ tape: Tape) throws(DeclarationEditError) {
        guard tape.kind(0) == .object else { throw .notAnObject(path: []) }
        guard let version = tape.value(of: "schema_version", in: 0),
            tape.isAbove(Declaration.schemaVersion, version)
        else { return }
        throw .newerSchema(tape.shown(version))
    }

    private func checkResult(_ tape: Tape, _ problem: JSONProblem?) throws(DeclarationEditError) {
        guard let problem = problem ?? tape.duplicateKeys(atMost: 1).first else { return }
        throw .resultRefused(message: problem.message)
    }

    private func checkValue(_ text: String, path: [String]) throws(DeclarationEditError) {
        try withTape(Array(text.utf8)) { tape, problem throws(DeclarationEditError) in
            guard let problem = problem ?? tape.duplicateKeys(atMost: 1).first else { return }
            throw .invalidValue(path: path, message: problem.message)
        }
    }

    private func withTape<Result>(
        _ bytes: [UInt8],
        _ body: (Tape, JSONProblem?) throws(DeclarationEditError) -> Result
    ) throws(DeclarationEditError) -> Result {
        try bytes.withUnsafeBufferPointer { source throws(DeclarationEditError) in
            try parser.withTape(source, maximumBytes: Declaration.maximumBytes, body)
        }
    }
}

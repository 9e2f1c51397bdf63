package import PackerModel

/// Reads, writes and edits `asset.json`.
///
/// For one thread at a time; keep one per thread, its memory serves the next file.
package final class DeclarationFormat {
    let parser = JSONParser()

    package init() {}

    /// What the bytes of a declaration say. Never throws: problems are diagnostics with a place and a remedy.
    /// - Parameter path: the file's path relative to `assets/`, for the diagnostics.
    package func read(_ bytes: [UInt8], path: String) -> DeclarationReading {
        bytes.withUnsafeBufferPointer { read($0, path: path) }
    }

    package func read(_ bytes: UnsafeBufferPointer<UInt8>, path: String) -> DeclarationReading {
        parser.withTape(bytes, maximumBytes: Declaration.maximumBytes) { tape, problem in
            var reader = DeclarationReader(tape: tape, path: path)
            return reader.read(problem)
        }
    }

    /// The problems that a file written from this declaration would have: what a caller made up must be asked about
    /// before it is written, its `metadata` above all, which is written as it is.
    package func problems(writing declaration: Declaration, path: String) -> [Diagnostic] {
        let reading = read(Self.write(declaration), path: path)
        if reading.declaration == nil || reading.declaration == declaration { return reading.diagnostics }
        return reading.diagnostics + [
            Diagnostic(
                .declarationSchema,
                path: path,
                message: "the metadata is not one JSON object",
                remedy: "Give the metadata as the JSON text of one object."
            )
        ]
    }
}

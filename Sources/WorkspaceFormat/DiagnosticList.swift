import PackerModel

/// The diagnostics of one file; of very many the first, so that a broken file cannot drown the others.
struct DiagnosticList {
    static let limit = 32

    let path: String
    let source: UnsafeBufferPointer<UInt8>
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var hasErrors = false

    init(path: String, source: UnsafeBufferPointer<UInt8>) {
        self.path = path
        self.source = source
    }

    mutating func add(
        _ code: DiagnosticCode,
        severity: Diagnostic.Severity = .error,
        at offset: Int?,
        _ message: String,
        remedy: String
    ) {
        if severity == .error { hasErrors = true }
        guard diagnostics.count < Self.limit else { return }
        let place = offset.map { SourcePlace(of: $0, in: source) }
        diagnostics.append(
            Diagnostic(
                code,
                severity: severity,
                path: path,
                line: place?.line,
                column: place?.column,
                message: message,
                remedy: remedy
            )
        )
    }
}

import CJSON

/// One document at a time, as a `Tape`; its memory is kept for the next document.
///
/// For one thread at a time.
final class JSONParser {
    // Nil where there was no memory for it: every document then has that problem.
    private let parser = cjson_create()

    deinit { cjson_destroy(parser) }

    /// Reads a whole document, and hands the body what could be read, with the problem that stopped the reading.
    ///
    /// The tape holds inside the body only. Duplicate keys stop nothing: ask `Tape.duplicateKeys()`.
    func withTape<Result, Failure: Error>(
        _ source: UnsafeBufferPointer<UInt8>,
        maximumBytes: Int,
        _ body: (Tape, JSONProblem?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        if let problem = JSONProblem.beforeParsing(source, maximumBytes: maximumBytes) {
            return try body(Tape(source: source), problem)
        }
        guard let parser else {
            return try body(Tape(source: source), JSONProblem(fault: .memory, offset: 0, in: source))
        }
        let result = cjson_parse(parser, source.baseAddress, source.count)
        let problem =
            result.fault == .none
            ? nil : JSONProblem(fault: result.fault, offset: Int(result.fault_offset), in: source)
        return try body(Tape(result, source: source), problem)
    }
}

package import PackerModel

/// Reads and writes one segment of the registry.
///
/// For one thread at a time; keep one per thread, its memory serves the next file.
package final class RegistryFormat {
    /// Far above what 128 entries need, even with roots that no rule would allow.
    package static let maximumBytes = 8 << 20

    private let parser = JSONParser()

    package init() {}

    /// What a segment's bytes say. Strict, because a file that we would not write back whole must not be rewritten:
    /// any error leaves no segment. Ids, uuids and roots that stand twice are for the caller to find.
    /// - Parameters:
    ///   - index: which ids the segment may hold, see `RegistrySegment.index(of:)`.
    ///   - path: the file's path relative to `assets/`, for the diagnostics.
    package func read(_ bytes: [UInt8], index: Int, path: String) -> RegistryReading {
        bytes.withUnsafeBufferPointer { source in
            parser.withTape(source, maximumBytes: Self.maximumBytes) { tape, problem in
                var reader = RegistryReader(tape: tape, index: index, path: path)
                return reader.read(problem)
            }
        }
    }
}

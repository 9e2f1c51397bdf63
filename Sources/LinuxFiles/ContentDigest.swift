import CXXHash

/// XXH3-128 of a file's bytes: recognises content, and is no defence against someone who forges it.
package struct ContentDigest: Hashable, Sendable {
    package var low: UInt64
    package var high: UInt64

    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    package init(of bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { ContentDigest(of: $0) }
    }

    package init(of bytes: UnsafeRawBufferPointer) {
        let value = cxxhash_digest128(bytes.baseAddress, bytes.count)
        self.init(low: value.low, high: value.high)
    }

    /// XXH3-64, for record checksums.
    package static func checksum(_ bytes: some Collection<UInt8>) -> UInt64 {
        bytes.withContiguousStorageIfAvailable { cxxhash_digest64($0.baseAddress, $0.count) }
            ?? Array(bytes).withUnsafeBytes { cxxhash_digest64($0.baseAddress, $0.count) }
    }

    /// Digests a stream: `next` fills a buffer and answers how many bytes it put there, 0 at the end.
    package static func streaming<Failure: Error>(
        _ next: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> ContentDigest {
        guard let stream = cxxhash_stream_new() else { fatalError("no memory for a digest of 576 bytes") }
        defer { cxxhash_stream_free(stream) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = try next(buffer)
            if count == 0 { break }
            cxxhash_stream_update(stream, buffer.baseAddress, count)
        }
        let value = cxxhash_stream_digest(stream)
        return ContentDigest(low: value.low, high: value.high)
    }
}

import LinuxFiles

/// Two copies in sectors of their own, written in turn: a torn one leaves the other.
struct JournalHeader: Equatable, Sendable {
    static let magic: UInt64 = 0x4c4e_524a_4b41_5050
    static let format: UInt32 = 1
    static let copyLength = 512
    /// Records stand behind it.
    static let length: UInt64 = 4096

    /// The lap that the records belong to; older ones are leftovers.
    var epoch: UInt64
    /// The last sequence before this lap: everything up to it is retired.
    var base: UInt64
    /// Where the lap's first record stands.
    var start = Self.length

    /// Where its copy stands: never on top of the lap before it.
    var position: UInt64 { epoch % 2 == 0 ? UInt64(Self.copyLength) : 0 }

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.put(Self.magic)
        writer.put(Self.format)
        writer.put(UInt32(start))
        writer.put(epoch)
        writer.put(base)
        writer.put(ContentDigest.checksum(writer.bytes))
        writer.pad(to: Self.copyLength)
        return writer.bytes
    }

    enum Reading: Equatable {
        case header(JournalHeader)
        case newerFormat(UInt32)
        case damaged
    }

    /// The newest whole copy of the two.
    static func read(_ bytes: [UInt8]) -> Reading {
        var newest: JournalHeader?
        for start in [0, copyLength] where bytes.count >= start + copyLength {
            var reader = ByteReader(bytes[start..<(start + copyLength)])
            guard reader.take() == magic, let format: UInt32 = reader.take(), let first: UInt32 = reader.take(),
                let epoch: UInt64 = reader.take(), let base: UInt64 = reader.take(),
                reader.take() == ContentDigest.checksum(Array(bytes[start..<(start + 32)]))
            else { continue }
            if format > Self.format { return .newerFormat(format) }
            // No journal gets that far: counting on would overflow.
            if epoch > .max / 2 || base > .max / 2 { continue }
            // Before laps could start anywhere, a zero stood there.
            let position = first == 0 ? length : UInt64(first)
            if position < length || position % UInt64(Record.alignment) != 0 { continue }
            if epoch >= newest?.epoch ?? 0 { newest = JournalHeader(epoch: epoch, base: base, start: position) }
        }
        return newest.map(Reading.header) ?? .damaged
    }
}

/// Reads a lap of records: pure, from the bytes of the file.
enum JournalScan {
    struct Result: Equatable {
        var records: [Record]
        /// Where the next record goes, from the start of the file.
        var end: Int
    }

    /// Every record of the current lap.
    /// - Throws: `journalDamaged` where a damaged record has a valid later one behind it: something that was
    ///   acknowledged may be gone.
    static func lap(_ bytes: [UInt8], _ header: JournalHeader) throws(OpenFailure) -> Result {
        guard header.start <= UInt64(bytes.count) else {
            throw .journalDamaged("its records should start at byte \(header.start), and it has \(bytes.count)")
        }
        let result = records(
            in: bytes,
            epoch: header.epoch,
            from: Int(header.start),
            expecting: header.base + 1
        )
        if case .malformed(header.epoch) = Record.decode(bytes.dropFirst(result.end)) {
            throw .journalDamaged("the record at byte \(result.end) is whole and makes no sense")
        }
        let last = result.records.last?.sequence ?? header.base
        if let later = strayRecord(in: bytes, epoch: header.epoch, from: result.end, after: last) {
            throw .journalDamaged("the record at byte \(result.end) cannot be read, and record \(later) behind it can")
        }
        return result
    }

    /// - Parameter start: where in the file to go on; `expected` is the sequence that must stand there.
    static func records(
        in bytes: [UInt8],
        epoch: UInt64,
        from start: Int,
        expecting first: UInt64
    ) -> Result {
        var result = Result(records: [], end: start)
        var expected = first
        while result.end < bytes.count, case .record(let record, let length) = Record.decode(bytes[result.end...]),
            record.epoch == epoch, record.sequence == expected
        {
            result.records.append(record)
            result.end += length
            expected += 1
        }
        return result
    }

    /// The sequence of a whole record of this lap behind its end.
    private static func strayRecord(
        in bytes: [UInt8],
        epoch: UInt64,
        from end: Int,
        after sequence: UInt64
    ) -> UInt64? {
        // Most of a journal is zeros: only where the magic number stands is decoding worth its time.
        let candidates = bytes.withUnsafeBytes { raw in
            stride(from: end, through: max(end, bytes.count - Record.headerLength), by: Record.alignment).filter {
                $0 + Record.headerLength <= raw.count
                    && UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self)) == Record.magic
            }
        }
        for position in candidates {
            if case .record(let record, _) = Record.decode(bytes[position...]), record.epoch == epoch,
                record.sequence > sequence
            {
                return record.sequence
            }
        }
        return nil
    }
}

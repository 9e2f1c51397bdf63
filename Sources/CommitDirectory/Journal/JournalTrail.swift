import LinuxFiles

/// Reads on in a journal that another process writes, from where it has come to, lap after lap.
///
/// Sequences are dense across laps, and a lap starts behind the one before it or at the front: the record that comes
/// next stands in one of two places, until the writer has come round once and writes over it.
struct JournalTrail {
    /// How far it has been read.
    struct Mark: Sendable, Equatable {
        /// Counts the files: a journal that was removed is made anew.
        var file = 0
        var epoch: UInt64 = 0
        var position = Int(JournalHeader.length)
        var lastSequence: UInt64 = 0
    }

    enum News: Equatable {
        case record(Record)
        /// Whatever was written before is done with.
        case newLap
        /// Records were overwritten before they were read.
        case gap
    }

    private(set) var mark = Mark()

    /// What was written to the file since the last call.
    mutating func readOn(_ file: JournalBytes) throws(SystemError) -> [News] {
        var news: [News] = []
        guard var header = try file.header() else { return news }
        var window = JournalBytes.Window()
        while true {
            if let (record, end) = try file.record(at: mark.position, &window), isNext(record, upTo: mark.epoch) {
                follow(record, end, into: &news)
            } else if header.epoch == mark.epoch {
                return news
            } else if header.base == mark.lastSequence {
                enter(header)
                news.append(.newLap)
            } else if let (record, end) = try nextLap(file, &window, header) {
                news.append(.newLap)
                follow(record, end, into: &news)
            } else if let now = try file.header(), now != header {
                // It came round while this was read: the newer header tells what to expect.
                header = now
                window = JournalBytes.Window()
            } else {
                enter(header)
                news.append(.gap)
            }
        }
    }

    /// Goes on in another file: at its newest lap where it is the first one, or where it is not known to come after the
    /// one before.
    /// - Returns: nil while it is being made.
    mutating func turn(to file: JournalBytes, isFirst: Bool) throws(SystemError) -> [News]? {
        guard let header = try file.header() else { return nil }
        mark.file += 1
        if isFirst || header.epoch <= mark.epoch {
            enter(header)
            return [isFirst ? .newLap : .gap] + (try readOn(file))
        }
        mark.position = Int(JournalHeader.length)
        return try readOn(file)
    }

    private func isNext(_ record: Record, upTo epoch: UInt64) -> Bool {
        record.sequence == mark.lastSequence + 1 && (mark.epoch...max(epoch, mark.epoch)).contains(record.epoch)
    }

    private func nextLap(
        _ file: JournalBytes, _ window: inout JournalBytes.Window, _ header: JournalHeader
    ) throws(SystemError) -> (Record, end: Int)? {
        for position in [mark.position, Int(JournalHeader.length)] {
            if let found = try file.record(at: position, &window), isNext(found.0, upTo: header.epoch) { return found }
        }
        return nil
    }

    private mutating func follow(_ record: Record, _ end: Int, into news: inout [News]) {
        mark.epoch = record.epoch
        mark.position = end
        mark.lastSequence = record.sequence
        news.append(.record(record))
    }

    private mutating func enter(_ header: JournalHeader) {
        mark.epoch = header.epoch
        mark.position = Int(header.start)
        mark.lastSequence = header.base
    }
}

/// The bytes of a journal that is being written meanwhile: only what a checksum covers is believed.
struct JournalBytes {
    let handle: Handle
    let disk: any Disk
    private let point = CommitPoint.followRead.fault
    private static let chunk = 1 << 16

    init(_ handle: Handle, _ disk: any Disk) {
        self.handle = handle
        self.disk = disk
    }

    /// What was read last.
    struct Window {
        var start = 0
        var bytes: [UInt8] = []
    }

    /// Nil while it is being made.
    func header() throws(SystemError) -> JournalHeader? {
        let bytes = try read(2 * JournalHeader.copyLength, at: 0)
        return if case .header(let header) = JournalHeader.read(bytes) { header } else { nil }
    }

    func record(at position: Int, _ window: inout Window) throws(SystemError) -> (Record, end: Int)? {
        var head = ByteReader(try bytes(Record.headerLength, at: position, &window))
        guard head.take() == Record.magic, head.take(UInt32.self) != nil, head.take(UInt64.self) != nil,
            head.take(UInt64.self) != nil, let length: UInt64 = head.take(), length <= Journal.maximumCapacity,
            case let whole = try bytes(Record.headerLength + Int(length), at: position, &window),
            case .record(let record, let taken) = Record.decode(whole)
        else { return nil }
        return (record, position + taken)
    }

    /// As many as there are.
    private func bytes(_ count: Int, at position: Int, _ window: inout Window) throws(SystemError) -> ArraySlice<UInt8>
    {
        if position < window.start || position + count > window.start + window.bytes.count {
            let size = try disk.status(of: handle, at: point).size
            guard position >= 0, size <= Journal.maximumCapacity, position + count <= Int(size) else { return [] }
            window = Window(start: position, bytes: try read(max(count, Self.chunk), at: position))
        }
        return window.bytes.dropFirst(position - window.start).prefix(count)
    }

    private func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var failure: SystemError?
            let have = bytes.count
            let part = [UInt8](unsafeUninitializedCapacity: count - have) { buffer, filled in
                do throws(SystemError) {
                    filled = try disk.read(
                        handle, into: UnsafeMutableRawBufferPointer(buffer), from: UInt64(offset + have), at: point)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }
}

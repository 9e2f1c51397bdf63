import LinuxFiles

/// The commit journal: a file that is zero-filled ahead and written lap by lap, each lap under an epoch of its own,
/// so that a flush never has to grow it and an old lap never passes for a new one. Used by one thread.
///
/// A ring: a lap starts behind the one before it while there is room, so that whoever follows the journal finds every
/// record until a whole file's worth was written behind it, however often the writer opened and closed meanwhile.
final class Journal {
    static let name: BytePath = "journal"
    static let initialCapacity: UInt64 = 1 << 20
    /// It is read whole. What no journal grows to is not one, and is not read.
    static let maximumCapacity: UInt64 = 1 << 30

    private let disk: any Disk
    private let control: Handle
    let file: Handle
    private let inode: UInt64
    private var capacity: UInt64
    private var header: JournalHeader
    private var end: UInt64
    private(set) var lastSequence: UInt64

    private init(
        disk: any Disk,
        control: Handle,
        file: Handle,
        inode: UInt64,
        capacity: UInt64,
        header: JournalHeader,
        end: UInt64,
        lastSequence: UInt64
    ) {
        self.disk = disk
        self.control = control
        self.file = file
        self.inode = inode
        self.capacity = capacity
        self.header = header
        self.end = end
        self.lastSequence = lastSequence
    }

    /// Opens the journal and reads what it holds, or makes an empty one where there is none.
    ///
    /// What was read is written again and counts once the caller has flushed the file: a crash, or a flush that
    /// failed, may have left it in the page cache alone, and recovery acts on it.
    /// - Parameter fresh: the size of a journal that has to be made.
    static func open(
        in control: Handle,
        disk: any Disk,
        capacity fresh: UInt64
    ) throws(OpenFailure) -> (journal: Journal, records: [Record]) {
        let empty = JournalHeader(epoch: 1, base: 0)
        let found = try OpenFailure.translating { () throws(SystemError) in
            try disk.openIfPresent(name, in: control, .readWrite, at: CommitPoint.journalOpen.fault)
        }
        guard let file = found else {
            return try OpenFailure.translating { () throws(SystemError) in
                (try create(in: control, disk: disk, header: empty, capacity: fresh), [])
            }
        }
        let (status, bytes) = try OpenFailure.translating { () throws(SystemError) in
            let status = try disk.status(of: file, at: CommitPoint.journalOpen.fault)
            guard status.kind == .file else { throw SystemError("open", name, SystemError.notAFile) }
            guard status.size <= maximumCapacity else { throw SystemError("read", name, SystemError.tooLarge) }
            return (
                status, try disk.readAll(file, sizeHint: Int(status.size), at: CommitPoint.journalRead.fault) ?? []
            )
        }
        switch JournalHeader.read(bytes) {
        case .newerFormat(let format): throw .journalNewerFormat(format)
        case .damaged:
            guard bytes.allSatisfy({ $0 == 0 }) else {
                throw .journalDamaged("neither copy of its header can be read")
            }
            // A crash while it was first made: nothing can have been committed through it.
            return try OpenFailure.translating { () throws(SystemError) in
                try disk.remove(name, in: control, at: CommitPoint.journalFill.fault)
                return (try create(in: control, disk: disk, header: empty, capacity: fresh), [])
            }
        case .header(let header):
            let scan = try JournalScan.lap(bytes, header)
            try OpenFailure.translating { () throws(SystemError) in
                let again = CommitPoint.journalAgain.fault
                let start = Int(header.start)
                try disk.writeAll(Array(bytes.prefix(Int(JournalHeader.length))), to: file, at: again)
                try disk.writeAll(Array(bytes[start..<scan.end]), to: file, from: header.start, at: again)
            }
            let journal = Journal(
                disk: disk,
                control: control,
                file: file,
                inode: status.inode,
                capacity: UInt64(bytes.count),
                header: header,
                end: UInt64(scan.end),
                lastSequence: scan.records.last?.sequence ?? header.base
            )
            return (journal, scan.records)
        }
    }

    private static func create(
        in control: Handle,
        disk: any Disk,
        header: JournalHeader,
        capacity: UInt64
    ) throws(SystemError) -> Journal {
        let file = try disk.open(name, in: control, .create(permissions: 0o600), at: CommitPoint.journalOpen.fault)
        do throws(SystemError) {
            try fill(file, from: 0, to: capacity, disk: disk)
            // The zeros first: a header must never stand before blocks that a crash could fill with something else.
            try disk.flush(file, at: CommitPoint.journalFill.fault)
            try disk.writeAll(header.encoded(), to: file, from: header.position, at: CommitPoint.journalHeader.fault)
            try disk.flush(file, at: CommitPoint.journalHeader.fault)
            try disk.flush(control, at: CommitPoint.journalFill.fault)
            let inode = try disk.status(of: file, at: CommitPoint.journalOpen.fault).inode
            return Journal(
                disk: disk,
                control: control,
                file: file,
                inode: inode,
                capacity: capacity,
                header: header,
                end: JournalHeader.length,
                lastSequence: header.base
            )
        } catch {
            // A half-made one would stand in the way of the next try.
            do throws(SystemError) {
                try disk.remove(name, in: control, at: CommitPoint.journalFill.fault)
            } catch {
                // The next opening finds it without a header and makes it anew.
            }
            throw error
        }
    }

    private static func fill(
        _ file: Handle,
        from start: UInt64,
        to end: UInt64,
        disk: any Disk
    ) throws(SystemError) {
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        var position = start
        while position < end {
            let part = min(UInt64(zeros.count), end - position)
            try disk.writeAll(
                Array(zeros.prefix(Int(part))),
                to: file,
                from: position,
                at: CommitPoint.journalFill.fault
            )
            position += part
        }
    }

    /// False when someone removed or replaced the file: records written now would be read by nobody.
    func isInPlace() throws(SystemError) -> Bool {
        try disk.status(of: Self.name, in: control, at: CommitPoint.journalCheck.fault)?.inode == inode
    }

    /// A new empty journal in the place of one that is gone. Every record must have been retired.
    func replaced() throws(SystemError) -> Journal {
        try Self.create(
            in: control,
            disk: disk,
            header: JournalHeader(epoch: header.epoch + 1, base: lastSequence),
            capacity: capacity
        )
    }

    func hasRoom(for length: Int) -> Bool { end + UInt64(length) <= capacity }

    /// Grows the file where a record would not fit and nothing can be retired first.
    private func extend(toHold length: Int) throws(SystemError) {
        guard !hasRoom(for: length) else { return }
        let grown = end + UInt64(length) + Self.initialCapacity
        guard grown <= Self.maximumCapacity else { throw SystemError("pwrite", Self.name, SystemError.tooLarge) }
        try Self.fill(file, from: capacity, to: grown, disk: disk)
        try disk.flush(file, at: CommitPoint.journalFill.fault)
        capacity = grown
    }

    /// Starts a new lap. Every record must have been retired.
    /// - Parameter length: a record that must fit into it.
    func startLap(toHold length: Int = 0) throws(SystemError) {
        let needed = JournalHeader.length + UInt64(length)
        if needed > capacity {
            guard needed <= Self.maximumCapacity else { throw SystemError("pwrite", Self.name, SystemError.tooLarge) }
            let grown = min(max(needed, 2 * capacity), Self.maximumCapacity)
            try Self.fill(file, from: capacity, to: grown, disk: disk)
            try disk.flush(file, at: CommitPoint.journalFill.fault)
            capacity = grown
        }
        let start = hasRoom(for: max(length, Record.headerLength)) ? end : JournalHeader.length
        let next = JournalHeader(epoch: header.epoch + 1, base: lastSequence, start: start)
        // Until the new header is known to stand, either may count: the old lap takes no more records.
        end = capacity
        try disk.writeAll(next.encoded(), to: file, from: next.position, at: CommitPoint.journalHeader.fault)
        try disk.flush(file, at: CommitPoint.journalHeader.fault)
        header = next
        end = start
    }

    /// Encodes the next record; `write` puts it in place. Nothing is durable before the file is flushed.
    func encode(_ body: Record.Body) -> [UInt8] {
        Record(epoch: header.epoch, sequence: lastSequence + 1, body: body).encoded()
    }

    func write(_ encoded: [UInt8]) throws(SystemError) {
        precondition(hasRoom(for: encoded.count), "a record past the journal's end")
        try disk.writeAll(encoded, to: file, from: end, at: CommitPoint.journalAppend.fault)
        end += UInt64(encoded.count)
        lastSequence += 1
    }

    /// Appends and flushes a record that must be durable before the next step.
    func appendDurably(_ body: Record.Body) throws(SystemError) {
        let encoded = encode(body)
        try extend(toHold: encoded.count)
        try write(encoded)
        let target = FlushTarget(file, dataOnly: true, at: CommitPoint.journalFlush.fault)
        if let failure = disk.flush([target])[0] { throw failure }
    }
}

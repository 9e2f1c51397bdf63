import LinuxFiles

@testable import CommitDirectory

/// The input is the file as it is.
func journal(_ bytes: [UInt8]) {
    guard case .header(let header) = JournalHeader.read(bytes) else { return }
    _ = try? JournalScan.lap(bytes, header)
}

/// The input is one record's kind and payload, with the checksum made to fit: what is behind it can be reached.
func record(_ bytes: [UInt8]) {
    guard let kind = bytes.first else { return }
    let encoded = sealed(kind: UInt32(kind % 7), sequence: 1, Array(bytes.dropFirst()))
    guard case .record(let record, let length) = Record.decode(encoded[...]) else { return }
    promise(length == encoded.count, "a record of \(encoded.count) bytes is read as one of \(length)")
    guard case .record(let again, _) = Record.decode(record.encoded()[...]) else {
        return promise(false, "\(record) cannot be read back")
    }
    promise(again == record, "\(record) is read back as \(again)")
    guard case .commit(let commit) = record.body else { return }
    for step in commit.steps {
        promise(leadsBeneath(step.place) && leadsBeneath(step.other), "\(step) leads out")
        promise(step.isMove || step.other.components.count == 1, "\(step) has a slot outside of the shadow folder")
    }
}

private func leadsBeneath(_ path: BytePath) -> Bool {
    !path.bytes.contains(0) && !path.isRoot && path.bytes.first != UInt8(ascii: "/")
        && path.components.allSatisfy { $0 != "." && $0 != ".." }
}

/// The input is a lap of records, each behind its kind and length, which an opening recovers from: on a disk in memory,
/// with a folder and a file for them to meet. However it ends, a second opening ends the same way or better.
func recovery(_ bytes: [UInt8]) {
    let disk = ModelDisk()
    let point = FaultPoint("fuzz")
    do throws(SystemError) {
        let tree = disk.top
        for folder in ["c", "f"] as [BytePath] { try disk.makeFolder(folder, in: tree, permissions: 0o755, at: point) }
        let control = try disk.open("c", in: tree, .folder, at: point)
        try disk.makeFolder("shadow", in: control, permissions: 0o700, at: point)
        let shadow = try disk.open("shadow", in: control, .folder, at: point)
        let files: [(BytePath, Handle)] = [("a", tree), ("b", shadow), ("00000000-0-0", shadow)]
        for (name, folder) in files {
            let file = try disk.open(name, in: folder, .create(permissions: 0o644), at: point)
            try disk.writeAll(Array(name.bytes), to: file, at: point)
        }
        let journal = try disk.open("journal", in: control, .create(permissions: 0o600), at: point)
        try disk.writeAll(lap(bytes), to: journal, at: point)
    } catch {
        promise(false, "the disk in memory refused: \(error)")
    }
    for seed in 1...2 as ClosedRange<UInt32> {
        let host = HostIdentity(processID: 1, hostName: "host", bootID: "boot")
        let opened = try? CommitDirectory.open(
            tree: disk.top, controlName: "c", disk: disk, host: host, slotSeed: seed, journalCapacity: 1 << 13)
        _ = try? opened?.directory.close()
    }
}

private func lap(_ bytes: [UInt8]) -> [UInt8] {
    let header = JournalHeader(epoch: 2, base: 0)
    var journal = [UInt8](repeating: 0, count: Int(header.position)) + header.encoded()
    journal += [UInt8](repeating: 0, count: Int(JournalHeader.length) - journal.count)
    var rest = bytes[...]
    var sequence: UInt64 = 1
    while let kind = rest.popFirst(), let length = rest.popFirst() {
        journal += sealed(kind: UInt32(kind % 7), epoch: 2, sequence: sequence, Array(rest.prefix(Int(length))))
        rest = rest.dropFirst(Int(length))
        sequence += 1
    }
    return journal + [UInt8](repeating: 0, count: 64)
}

/// As `Record.encoded` does it, for any payload.
private func sealed(kind: UInt32, epoch: UInt64 = 1, sequence: UInt64, _ payload: [UInt8]) -> [UInt8] {
    var body = ByteWriter()
    body.put(raw: payload)
    body.pad(to: Record.alignment)
    var record = ByteWriter()
    record.put(Record.magic)
    record.put(kind)
    record.put(epoch)
    record.put(sequence)
    record.put(UInt64(body.bytes.count))
    record.put(ContentDigest.checksum(record.bytes + body.bytes))
    record.put(raw: body.bytes)
    return record.bytes
}

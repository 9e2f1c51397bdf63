import LinuxFiles

/// One entry of the journal.
struct Record: Equatable, Sendable {
    var epoch: UInt64
    /// Dense across all kinds and laps.
    var sequence: UInt64
    var body: Body

    enum Body: Equatable, Sendable {
        case commit(CommitRecord)
        /// The commit of this sequence is taken back; written before the first undo.
        case abort(UInt64)
        /// Recovery staged a step's content anew.
        case restage(commit: UInt64, step: UInt32, slot: BytePath, inode: UInt64)
        /// Every commit up to this sequence needs nothing more.
        case retire(UInt64)
        /// Recovery has brought every commit up to this sequence to where it belongs, durably: what its slots hold and
        /// its report are all that is left of them.
        case recovered(UInt64)
    }

    static let magic: UInt32 = 0x314a_4b50  // "PKJ1"
    static let headerLength = 40
    static let alignment = 8

    func encoded() -> [UInt8] {
        var payload = ByteWriter()
        let kind: UInt32
        switch body {
        case .commit(let commit):
            kind = 1
            commit.encode(to: &payload)
        case .abort(let target):
            kind = 2
            payload.put(target)
        case .restage(let commit, let step, let slot, let inode):
            kind = 3
            payload.put(commit)
            payload.put(step)
            payload.put(counted: slot.bytes)
            payload.put(inode)
        case .retire(let through):
            kind = 4
            payload.put(through)
        case .recovered(let through):
            kind = 5
            payload.put(through)
        }
        payload.pad(to: Self.alignment)
        var record = ByteWriter()
        record.put(Self.magic)
        record.put(kind)
        record.put(epoch)
        record.put(sequence)
        record.put(UInt64(payload.bytes.count))
        record.put(ContentDigest.checksum(record.bytes + payload.bytes))
        record.put(raw: payload.bytes)
        return record.bytes
    }

    enum Decoding: Equatable {
        case record(Record, length: Int)
        /// No whole record stands there: the end, or a torn one.
        case nothing
        /// Whole by its checksum, and nothing that any version of this format has written.
        case malformed(epoch: UInt64)
    }

    static func decode(_ bytes: ArraySlice<UInt8>) -> Decoding {
        var header = ByteReader(bytes)
        guard header.take() == magic, let kind: UInt32 = header.take(), let epoch: UInt64 = header.take(),
            let sequence: UInt64 = header.take(), let length: UInt64 = header.take(),
            let checksum: UInt64 = header.take(), length <= UInt64(bytes.count),
            let payload = header.take(count: Int(length)),
            checksum == ContentDigest.checksum(Array(bytes.prefix(headerLength - 8)) + payload)
        else { return .nothing }
        var reader = ByteReader(payload)
        let body: Body? =
            switch kind {
            case 1: CommitRecord(from: &reader).map(Body.commit)
            case 2: reader.take().map(Body.abort)
            case 3: restage(from: &reader)
            case 4: reader.take().map(Body.retire)
            case 5: reader.take().map(Body.recovered)
            default: nil
            }
        guard let body else { return .malformed(epoch: epoch) }
        return .record(Record(epoch: epoch, sequence: sequence, body: body), length: headerLength + Int(length))
    }

    private static func restage(from reader: inout ByteReader) -> Body? {
        guard let commit: UInt64 = reader.take(), let step: UInt32 = reader.take(),
            let slot = reader.takePath(), slot.isOneName, let inode: UInt64 = reader.take()
        else { return nil }
        return .restage(commit: commit, step: step, slot: slot, inode: inode)
    }
}

/// What a group changes, complete: with the contents inline, recovery needs nothing but this and the disk.
struct CommitRecord: Equatable, Sendable {
    var session: MountSession
    var operations: [OperationKey]
    var steps: [RecordStep]

    func encode(to writer: inout ByteWriter) {
        writer.put(counted: Array(session.bootID.utf8))
        writer.put(UInt32(operations.count))
        for operation in operations {
            writer.put(operation.high)
            writer.put(operation.low)
        }
        writer.put(UInt32(steps.count))
        for step in steps { step.encode(to: &writer) }
        writer.put(session.mount ?? 0)
        for step in steps where step.base != nil { writer.put(step.baseSize ?? .max) }
        for step in steps where step.base != nil {
            writer.put(step.copied?.permissions ?? .max)
            writer.put(step.copied?.owner ?? .max)
            writer.put(step.copied?.group ?? .max)
        }
    }

    init(session: MountSession, operations: [OperationKey], steps: [RecordStep]) {
        self.session = session
        self.operations = operations
        self.steps = steps
    }

    init?(from reader: inout ByteReader) {
        guard let boot = reader.takeCounted(), let operationCount: UInt32 = reader.take() else { return nil }
        session = MountSession(bootID: String(decoding: boot, as: UTF8.self), mount: nil)
        operations = []
        for _ in 0..<operationCount {
            guard let high: UInt64 = reader.take(), let low: UInt64 = reader.take() else { return nil }
            operations.append(OperationKey(high: high, low: low))
        }
        guard let stepCount: UInt32 = reader.take() else { return nil }
        steps = []
        for _ in 0..<stepCount {
            guard let step = RecordStep(from: &reader) else { return nil }
            steps.append(step)
        }
        // Behind the last step, where readers that know nothing of it find padding; older records end before it.
        if let mount: UInt64 = reader.take(), mount != 0 { session.mount = mount }
        for index in steps.indices where steps[index].base != nil {
            if let size: UInt64 = reader.take(), size != .max { steps[index].baseSize = size }
        }
        for index in steps.indices where steps[index].base != nil {
            guard let permissions: UInt32 = reader.take(), let owner: UInt32 = reader.take(),
                let group: UInt32 = reader.take()
            else { return }
            if permissions == .max { continue }
            steps[index].copied = FileAttributes(permissions: permissions, owner: owner, group: group)
        }
    }
}

/// One step of a commit record: two names whose contents trade places.
struct RecordStep: Equatable, Sendable {
    var kind: Kind
    /// The path in the tree that shows the effect.
    var place: BytePath
    /// The name in the shadow folder that holds the new content before the swap and the old one after it;
    /// for a move the path in the tree that it comes from.
    var other: BytePath
    /// What a replacement displaces.
    var base: FileIdentity?
    /// The base's length; nil in a record of an earlier version.
    var baseSize: UInt64?
    /// The base's attributes as they were copied; nil where none were, and in a record of an earlier version.
    var copied: FileAttributes?
    /// The staged file's or folder's inode; for a move the folder's own.
    var inode: UInt64
    var size: UInt64
    var modified: Int64
    var digest: ContentDigest
    var contents: Contents

    enum Kind: UInt8, Sendable {
        case makeFolder = 1
        case createFile = 2
        case replaceFile = 3
        case moveFolder = 4
    }

    enum Contents: Equatable, Sendable {
        case none
        case inline([UInt8])
        /// Too large for the record: the staged file was flushed, with its name, before the record was written.
        case inSlot
    }

    init(
        kind: Kind,
        place: BytePath,
        other: BytePath,
        base: FileIdentity? = nil,
        baseSize: UInt64? = nil,
        copied: FileAttributes? = nil,
        inode: UInt64,
        size: UInt64 = 0,
        modified: Int64 = 0,
        digest: ContentDigest = ContentDigest(low: 0, high: 0),
        contents: Contents = .none
    ) {
        self.kind = kind
        self.place = place
        self.other = other
        self.base = base
        self.baseSize = baseSize
        self.copied = copied
        self.inode = inode
        self.size = size
        self.modified = modified
        self.digest = digest
        self.contents = contents
    }

    var identity: FileIdentity { FileIdentity(inode: inode, digest: digest) }

    func encode(to writer: inout ByteWriter) {
        writer.put(kind.rawValue)
        writer.put(counted: place.bytes)
        writer.put(counted: other.bytes)
        writer.put(UInt8(base == nil ? 0 : 1))
        if let base {
            writer.put(base.inode)
            writer.put(base.digest.low)
            writer.put(base.digest.high)
        }
        writer.put(inode)
        writer.put(size)
        writer.put(modified)
        writer.put(digest.low)
        writer.put(digest.high)
        switch contents {
        case .none: writer.put(UInt8(0))
        case .inline(let bytes):
            writer.put(UInt8(1))
            writer.put(counted: bytes)
        case .inSlot: writer.put(UInt8(2))
        }
    }

    init?(from reader: inout ByteReader) {
        guard let rawKind: UInt8 = reader.take(), let kind = Kind(rawValue: rawKind),
            let place = reader.takePath(), let other = reader.takePath(), kind == .moveFolder || other.isOneName,
            let hasBase: UInt8 = reader.take()
        else { return nil }
        var base: FileIdentity?
        if hasBase != 0 {
            guard let inode: UInt64 = reader.take(), let low: UInt64 = reader.take(), let high: UInt64 = reader.take()
            else { return nil }
            base = FileIdentity(inode: inode, digest: ContentDigest(low: low, high: high))
        }
        guard let inode: UInt64 = reader.take(), let size: UInt64 = reader.take(),
            let modified: Int64 = reader.take(), let low: UInt64 = reader.take(), let high: UInt64 = reader.take(),
            let form: UInt8 = reader.take()
        else { return nil }
        var contents = Contents.none
        switch form {
        case 0: break
        case 1:
            guard let bytes = reader.takeCounted() else { return nil }
            contents = .inline(bytes)
        case 2: contents = .inSlot
        default: return nil
        }
        self.init(
            kind: kind,
            place: place,
            other: other,
            base: base,
            inode: inode,
            size: size,
            modified: modified,
            digest: ContentDigest(low: low, high: high),
            contents: contents
        )
    }
}

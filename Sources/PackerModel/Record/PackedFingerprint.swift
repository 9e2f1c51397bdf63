/// What is known of a file, in one byte: what of its fingerprint follows, and the members that are yes or no.
struct FileMarks: OptionSet {
    let rawValue: UInt8
    static let executable = FileMarks(rawValue: 4)
    static let hardLinked = FileMarks(rawValue: 8)
    static let digest = FileMarks(rawValue: 16)
    static let fingerprint = FileMarks(rawValue: 32)
    static let position = FileMarks(rawValue: 64)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ fingerprint: Fingerprint?, _ position: SourcePosition?) {
        self = []
        if position != nil { insert(.position) }
        guard let fingerprint else { return }
        insert([.fingerprint, FileMarks(fingerprint.kind)])
        if fingerprint.isExecutable { insert(.executable) }
        if fingerprint.isHardLinked { insert(.hardLinked) }
        if fingerprint.digest != nil { insert(.digest) }
    }

    private init(_ kind: Fingerprint.Kind) {
        rawValue =
            switch kind {
            case .file: 0
            case .folder: 1
            case .symlink: 2
            case .other: 3
            }
    }

    /// In the two lowest bits.
    var kind: Fingerprint.Kind {
        switch rawValue & 3 {
        case 0: .file
        case 1: .folder
        case 2: .symlink
        default: .other
        }
    }
}

/// What the numbers of one asset's files are near to: its folder's inode, and when its declaration was modified.
struct FileBase {
    var inode: UInt64
    var time: UInt64
}

extension PackedWriter {
    mutating func file(_ fingerprint: Fingerprint?, _ position: SourcePosition?, near base: FileBase) {
        byte(FileMarks(fingerprint, position).rawValue)
        if let fingerprint {
            let modified = UInt64(bitPattern: fingerprint.modified)
            number(fingerprint.size)
            number(fingerprint.inode, near: base.inode)
            number(modified, near: base.time)
            number(UInt64(bitPattern: fingerprint.changed), near: modified)
            if let digest = fingerprint.digest {
                whole(digest.low)
                whole(digest.high)
            }
        }
        if let position {
            number(UInt64(position.line))
            number(UInt64(position.column))
        }
    }
}

extension PackedReader {
    @inline(__always)
    mutating func file(near base: FileBase) -> (Fingerprint?, SourcePosition?) {
        let marks = FileMarks(rawValue: byte())
        var fingerprint: Fingerprint?
        if marks.contains(.fingerprint) {
            let size = number()
            let inode = number(near: base.inode)
            let modified = number(near: base.time)
            let changed = number(near: modified)
            fingerprint = Fingerprint(
                kind: marks.kind, size: size, modified: Int64(bitPattern: modified),
                changed: Int64(bitPattern: changed), inode: inode, isExecutable: marks.contains(.executable),
                isHardLinked: marks.contains(.hardLinked),
                digest: marks.contains(.digest) ? Fingerprint.Digest(low: whole(), high: whole()) : nil)
        }
        if !marks.contains(.position) { return (fingerprint, nil) }
        return (fingerprint, SourcePosition(line: Int(number()), column: Int(number())))
    }
}

/// What was seen of one file or folder when it was last looked at.
public struct Fingerprint: Equatable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
        case file, folder, symlink, other
    }

    public var kind: Kind
    public var size: UInt64
    /// Nanoseconds since 1970.
    public var modified: Int64
    /// Nanoseconds since 1970: when the inode last changed, which no program can set back.
    public var changed: Int64
    public var inode: UInt64
    public var isExecutable: Bool
    /// More than one name: a write through another name raises no event here.
    public var isHardLinked: Bool
    /// XXH3-128 of the bytes, where they have been read.
    public var digest: Digest?

    public init(
        kind: Kind,
        size: UInt64,
        modified: Int64,
        changed: Int64,
        inode: UInt64,
        isExecutable: Bool,
        isHardLinked: Bool = false,
        digest: Digest? = nil
    ) {
        self.kind = kind
        self.size = size
        self.modified = modified
        self.changed = changed
        self.inode = inode
        self.isExecutable = isExecutable
        self.isHardLinked = isHardLinked
        self.digest = digest
    }

    /// 128 bits of XXH3: recognises content, and is no defence against forgery.
    public struct Digest: Hashable, Sendable, Codable, CustomStringConvertible {
        public var low: UInt64
        public var high: UInt64

        public init(low: UInt64, high: UInt64) {
            self.low = low
            self.high = high
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
                let low = UInt64(text.suffix(16), radix: 16)
            else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 32 digits: \(text)")
            }
            self.init(low: low, high: high)
            guard text == description else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not as it is written: \(text)")
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }

        public var description: String { Self.digits(high) + Self.digits(low) }

        private static func digits(_ half: UInt64) -> String {
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
    }

    /// How two looks at one place compare.
    package enum Comparison: Equatable, Sendable {
        /// The bytes are the same: same digest, or nothing that the kernel records has changed.
        case same
        case different
        /// The records differ and only the bytes can tell.
        case needsDigest
    }

    /// Compares what should stand somewhere with what stands there: type, bytes and the executable bit.
    ///
    /// A touch, other permissions, another link or a restored time are not differences. Folders compare by type
    /// alone; what is in them is compared by itself.
    package func compare(with observed: Fingerprint) -> Comparison {
        if kind != observed.kind { return .different }
        if kind != .file { return .same }
        if isExecutable != observed.isExecutable || size != observed.size { return .different }
        if let digest, let other = observed.digest { return digest == other ? .same : .different }
        return hasSameRecord(as: observed) ? .same : .needsDigest
    }

    /// True when the kernel's record of the file is the same in every member that a write changes.
    package func hasSameRecord(as other: Fingerprint) -> Bool {
        inode == other.inode && size == other.size && modified == other.modified && changed == other.changed
    }
}

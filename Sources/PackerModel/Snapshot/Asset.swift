/// One asset of a snapshot: what the registry and the files said of it. Immutable.
public final class Asset: Sendable {
    public enum Registration: String, Sendable, Codable {
        case registered
        /// A declaration that nobody registered.
        case unregistered
        /// A declaration of a project whose registry could not be read whole: it may be registered.
        case unknown
    }

    public enum Validity: String, Sendable, Codable {
        case valid
        /// Its declaration is broken, or disagrees with the registry or the files; the diagnostics say how.
        case invalid
        /// Registered, but its folder or declaration is not there.
        case missing
    }

    public let root: AssetRoot
    /// Nil for what is not registered.
    public let id: AssetID?
    /// The registry's where it is registered, else the declaration's where it could be read.
    public let uuid: AssetUUID?
    public let registration: Registration
    public let validity: Validity
    /// False for what is not registered.
    public let isIncludedInBuild: Bool
    /// Part of a draft: its files are not there yet, or not yet as they will be.
    let isPlanned: Bool
    /// How many entries of a broken registry with the same root and id come before it.
    let copy: UInt32
    /// What its own files gave, before the registry and other assets were looked at.
    let record: AssetRecord
    /// Everything that is wrong with it, alone or beside other assets.
    public let diagnostics: [Diagnostic]

    public struct InputFile: Equatable, Sendable {
        public var role: String
        /// Relative to the asset's root.
        public var path: String
        /// Nil where there is no such file.
        package var fingerprint: Fingerprint?
        /// Where the declaration names it.
        package var position: SourcePosition?

        /// In bytes; nil where there is no such file.
        public var size: UInt64? { fingerprint?.size }
        /// Nanoseconds since 1970; nil where there is no such file.
        public var modified: Int64? { fingerprint?.modified }

        package init(role: String, path: String, fingerprint: Fingerprint?, position: SourcePosition? = nil) {
            self.role = role
            self.path = path
            self.fingerprint = fingerprint
            self.position = position
        }
    }

    init(
        root: AssetRoot,
        id: AssetID?,
        uuid: AssetUUID?,
        registration: Registration,
        validity: Validity,
        isIncludedInBuild: Bool,
        record: AssetRecord,
        diagnostics: [Diagnostic],
        copy: UInt32 = 0,
        isPlanned: Bool = false
    ) {
        self.root = root
        self.id = id
        self.uuid = uuid
        self.registration = registration
        self.validity = validity
        self.isIncludedInBuild = isIncludedInBuild
        self.record = record
        self.diagnostics = diagnostics
        self.copy = copy
        self.isPlanned = isPlanned
    }

    /// Nil where it could not be read. O(1): what it says is made when it is asked for.
    public var declaration: Declaration? { record.declaration }
    package var declarationFingerprint: Fingerprint? { record.fingerprint }
    package var folderInode: UInt64 { record.folderInode }
    /// The declared inputs in the declaration's order. O(inputs): they are made for each who asks.
    public var inputs: [InputFile] { record.inputs }
    package var hasInputs: Bool { record.inputCount > 0 }

    /// The declared name; the last component of the root where there is none.
    public var name: String { record.hasDeclaration ? record.name : root.lastComponent }
    public var type: AssetType? { declaration?.type }

    /// The declaration's path, relative to `assets/`.
    public var declarationPath: String { root.path + "/" + Declaration.fileName }

    var key: AssetKey { AssetKey(root: root, id: id, copy: copy) }

    /// As a walk of the disk would have found it; nil where it has no declaration.
    package var scanned: ScannedRoot? { record.hasFile ? ScannedRoot(root: root, record: record) : nil }

    package var registryEntry: RegistryEntry? {
        guard let id, let uuid else { return nil }
        return RegistryEntry(id: id, uuid: uuid, root: root, isIncludedInBuild: isIncludedInBuild)
    }
}

/// The order of a snapshot: by root, then by id and a number, since a broken registry can repeat both.
struct AssetKey: Comparable, Hashable, Sendable {
    var root: AssetRoot
    /// 0 for what is not registered.
    var number: UInt32
    var copy: UInt32

    init(root: AssetRoot, id: AssetID?, copy: UInt32 = 0) {
        self.root = root
        number = id?.rawValue ?? 0
        self.copy = copy
    }

    static func < (left: AssetKey, right: AssetKey) -> Bool {
        let order = compareBytes(left.root.path, right.root.path)
        if order != 0 { return order < 0 }
        return left.number != right.number ? left.number < right.number : left.copy < right.copy
    }
}

/// Something about the files on disk that a person should know: a value, never thrown.
public struct Diagnostic: Equatable, Sendable, Codable {
    public enum Severity: String, Sendable, Codable, Comparable {
        case warning, error

        public static func < (left: Severity, right: Severity) -> Bool { left == .warning && right == .error }
    }

    public var code: DiagnosticCode
    public var severity: Severity
    /// Relative to `assets/`; bytes that are not UTF-8 are shown as `\xNN`.
    public var path: String
    /// Counted from 1; nil where the whole file or folder is meant.
    public var line: Int?
    /// In bytes, counted from 1.
    public var column: Int?
    public var message: String
    /// What to do about it.
    public var remedy: String

    public init(
        _ code: DiagnosticCode,
        severity: Severity = .error,
        path: String,
        line: Int? = nil,
        column: Int? = nil,
        message: String,
        remedy: String
    ) {
        self.code = code
        self.severity = severity
        self.path = path
        self.line = line
        self.column = column
        self.message = message
        self.remedy = remedy
    }
}

/// The stable name of a kind of diagnostic; docs/packer/specs lists each with its meaning.
public enum DiagnosticCode: String, Sendable, Codable, CaseIterable {
    case declarationSyntax = "declaration.syntax"
    case declarationSchema = "declaration.schema"
    case declarationNewerSchema = "declaration.newerSchema"
    case declarationTooLarge = "declaration.tooLarge"
    case declarationTooDeep = "declaration.tooDeep"
    case declarationByteOrderMark = "declaration.byteOrderMark"
    case declarationDuplicateKey = "declaration.duplicateKey"
    case declarationNUL = "declaration.nul"
    case declarationUnknownType = "declaration.unknownType"
    case declarationInputPath = "declaration.inputPath"
    case declarationUnreadable = "declaration.unreadable"
    case declarationNotAFile = "declaration.notAFile"
    case declarationMissing = "declaration.missing"
    case declarationWrongUUID = "declaration.wrongUUID"
    case inputMissing = "input.missing"
    case inputNotAFile = "input.notAFile"
    case assetFolderMissing = "asset.folderMissing"
    case assetMoved = "asset.moved"
    case assetUnregistered = "asset.unregistered"
    case assetDuplicateUUID = "asset.duplicateUUID"
    case assetNested = "asset.nested"
    case registrySyntax = "registry.syntax"
    case registrySchema = "registry.schema"
    case registryNewerSchema = "registry.newerSchema"
    case registryUnreadable = "registry.unreadable"
    case registryDuplicateID = "registry.duplicateID"
    case registryDuplicateUUID = "registry.duplicateUUID"
    case registryDuplicateRoot = "registry.duplicateRoot"
    case registryUnknownFile = "registry.unknownFile"
    case trashUnreadable = "trash.unreadable"
    case nameNotUTF8 = "name.notUTF8"
    case nameRule = "name.rule"
    case nameCaseCollision = "name.caseCollision"
    case entrySymlink = "entry.symlink"
    case entrySpecialFile = "entry.specialFile"
    case entryMountPoint = "entry.mountPoint"
    case entryUnreadable = "entry.unreadable"
    case entryTooDeep = "entry.tooDeep"
}

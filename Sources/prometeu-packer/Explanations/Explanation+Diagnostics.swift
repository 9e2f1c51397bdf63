// swift-format-ignore-file: the sentences are those of the specification, each in one line.
import Packer

extension Explanation {
    init(_ code: DiagnosticCode) {
        switch code {
        case .declarationSyntax:
            self.init(
                code.rawValue, "error",
                meaning: "`asset.json` is not JSON",
                remedy: "correct the place that line and column name")
        case .declarationSchema:
            self.init(
                code.rawValue, "error",
                meaning: "a required member is missing, or a member has the wrong kind or value",
                remedy: "correct the member")
        case .declarationNewerSchema:
            self.init(
                code.rawValue, "error",
                meaning: "its `schema_version` is newer than this packer reads; it is never rewritten",
                remedy: "use a newer packer")
        case .declarationTooLarge:
            self.init(
                code.rawValue, "error",
                meaning: "larger than 1 MiB; it is not read",
                remedy: "move bulk data into an input file")
        case .declarationTooDeep:
            self.init(
                code.rawValue, "error",
                meaning: "nested deeper than 64 levels",
                remedy: "nest less")
        case .declarationByteOrderMark:
            self.init(
                code.rawValue, "error",
                meaning: "it starts with a byte order mark",
                remedy: "save it as UTF-8 without one")
        case .declarationDuplicateKey:
            self.init(
                code.rawValue, "error",
                meaning: "an object has one key twice, and readers would disagree on which counts",
                remedy: "remove one")
        case .declarationNUL:
            self.init(
                code.rawValue, "error",
                meaning: "it contains a NUL, escaped or not",
                remedy: "remove it")
        case .declarationUnknownType:
            self.init(
                code.rawValue, "warning",
                meaning: "its `type` is none that this version knows; the asset can be used",
                remedy: "use a known type, or a newer packer")
        case .declarationInputPath:
            self.init(
                code.rawValue, "error",
                meaning: "an input path is absolute, empty, or leads out of the asset",
                remedy: "give a path inside the asset's folder")
        case .declarationUnreadable:
            self.init(
                code.rawValue, "error",
                meaning: "the system refused to read it, or there was no memory to",
                remedy: "see the message: permissions, the disk")
        case .declarationNotAFile:
            self.init(
                code.rawValue, "error",
                meaning: "`asset.json` is a link, a folder or a special file",
                remedy: "put a plain file there")
        case .declarationMissing:
            self.init(
                code.rawValue, "error",
                meaning: "a registered asset's folder is there, without a declaration",
                remedy: "restore it, or unregister the asset")
        case .declarationWrongUUID:
            self.init(
                code.rawValue, "error",
                meaning: "the declaration's uuid is not the one that is registered for its root",
                remedy: "put the right folder back, or unregister the root and register it anew")
        case .inputMissing:
            self.init(
                code.rawValue, "error",
                meaning: "a declared input is not there",
                remedy: "put the file back, or correct the declaration")
        case .inputNotAFile:
            self.init(
                code.rawValue, "error",
                meaning: "a declared input is a folder, a link or a special file",
                remedy: "put a plain file there")
        case .assetFolderMissing:
            self.init(
                code.rawValue, "error",
                meaning: "a registered asset's folder is not there",
                remedy: "restore it, or unregister the asset")
        case .assetMoved:
            self.init(
                code.rawValue, "error",
                meaning:
                    "a registered asset is not in its place, and exactly one unregistered declaration has its uuid",
                remedy: "relocate the asset there, or move the folder back")
        case .assetUnregistered:
            self.init(
                code.rawValue, "warning",
                meaning: "a declaration that nobody registered",
                remedy: "register it, or remove the folder")
        case .assetDuplicateUUID:
            self.init(
                code.rawValue, "error on what is not registered, warning on what is",
                meaning:
                    "one uuid stands in several declarations. The registry decides whose it is, so the registered asset stays valid",
                remedy: "re-identify or remove the copy")
        case .assetNested:
            self.init(
                code.rawValue, "warning",
                meaning: "its root lies inside another asset's",
                remedy: "relocate it out of there")
        case .registrySyntax:
            self.init(
                code.rawValue, "error",
                meaning: "a registry file is not JSON. The project is read-only",
                remedy: "restore the file from version control, then refresh")
        case .registrySchema:
            self.init(
                code.rawValue, "error",
                meaning: "a registry file has a wrong, missing or unknown member. The project is read-only",
                remedy: "restore or correct it, then refresh")
        case .registryNewerSchema:
            self.init(
                code.rawValue, "error",
                meaning: "a registry file is newer than this packer reads. The project is read-only",
                remedy: "use a newer packer")
        case .registryUnreadable:
            self.init(
                code.rawValue, "error",
                meaning:
                    "a registry file cannot be read, or one or several in a row are missing. The project is read-only",
                remedy: "restore it (git has it), then refresh")
        case .registryDuplicateID:
            self.init(
                code.rawValue, "error",
                meaning: "one id is registered more than once",
                remedy: "re-identify or unregister all but one")
        case .registryDuplicateUUID:
            self.init(
                code.rawValue, "error",
                meaning: "one uuid is registered more than once",
                remedy: "re-identify or unregister all but one")
        case .registryDuplicateRoot:
            self.init(
                code.rawValue, "error",
                meaning: "one root is registered more than once",
                remedy: "unregister all but one")
        case .registryUnknownFile:
            self.init(
                code.rawValue, "warning",
                meaning: "a file that looks like a part of the registry, but has no part's name; it is not read",
                remedy: "remove it, or give it back its name")
        case .trashUnreadable:
            self.init(
                code.rawValue, "warning",
                meaning: "a deleted folder without a record that can be read, or a trash that cannot be read",
                remedy: "move the folder back by hand and register it, or remove it")
        case .nameNotUTF8:
            self.init(
                code.rawValue, "warning",
                meaning: "a name is not UTF-8; what it holds is passed over",
                remedy: "rename it")
        case .nameRule:
            self.init(
                code.rawValue, "warning",
                meaning: "a root breaks a rule for names that work everywhere",
                remedy: "relocate it")
        case .nameCaseCollision:
            self.init(
                code.rawValue, "warning",
                meaning: "two roots differ only in capitals or in Unicode composition",
                remedy: "relocate one: some filesystems would merge them")
        case .entrySymlink:
            self.init(
                code.rawValue, "warning",
                meaning: "a symbolic link, which is not followed",
                remedy: "replace it by the file or folder itself")
        case .entrySpecialFile:
            self.init(
                code.rawValue, "warning",
                meaning: "a socket, pipe or device",
                remedy: "remove it")
        case .entryMountPoint:
            self.init(
                code.rawValue, "warning",
                meaning: "another filesystem is mounted there; it is not entered",
                remedy: "unmount it, or move it out")
        case .entryUnreadable:
            self.init(
                code.rawValue, "error",
                meaning: "a folder cannot be read",
                remedy: "see the message: permissions, the disk")
        case .entryTooDeep:
            self.init(
                code.rawValue, "warning",
                meaning: "a folder is nested too deep to be opened",
                remedy: "move it further up")
        }
    }
}

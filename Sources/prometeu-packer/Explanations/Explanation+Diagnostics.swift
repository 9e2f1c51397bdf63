// swift-format-ignore-file: the sentences are those of the specification, each in one line.
import Packer

extension Explanation {
    init(_ code: DiagnosticCode) {
        switch code {
        case .declarationSyntax:
            self.init(
                code.rawValue, "error",
                meaning: "`asset.json` is not JSON",
                cause:
                    "it was edited by hand and has a comma or a bracket too many or too few, a merge left its marks in it, or it was cut short",
                remedy: "correct the place that line and column name")
        case .declarationSchema:
            self.init(
                code.rawValue, "error",
                meaning: "a required member is missing, or a member has the wrong kind or value",
                cause: "it was edited by hand, or written by a tool that knows another form of it",
                remedy: "correct the member")
        case .declarationNewerSchema:
            self.init(
                code.rawValue, "error",
                meaning: "its `schema_version` is newer than this packer reads; it is never rewritten",
                cause: "somebody who works on the project uses a newer packer",
                remedy: "use a newer packer")
        case .declarationTooLarge:
            self.init(
                code.rawValue, "error",
                meaning: "larger than 1 MiB; it is not read",
                cause: "data was put into the metadata, or another file was saved under the name",
                remedy: "move bulk data into an input file")
        case .declarationTooDeep:
            self.init(
                code.rawValue, "error",
                meaning: "nested deeper than 64 levels",
                cause: "metadata that a program made nests without end",
                remedy: "nest less")
        case .declarationByteOrderMark:
            self.init(
                code.rawValue, "error",
                meaning: "it starts with a byte order mark",
                cause: "an editor saved it as \"UTF-8 with BOM\", as some do on Windows",
                remedy: "save it as UTF-8 without one")
        case .declarationDuplicateKey:
            self.init(
                code.rawValue, "error",
                meaning: "an object has one key twice, and readers would disagree on which counts",
                cause: "a block was pasted twice, or a merge kept both sides",
                remedy: "remove one")
        case .declarationNUL:
            self.init(
                code.rawValue, "error",
                meaning: "it contains a NUL, escaped or not",
                cause: "it was saved as UTF-16, or a program wrote a C string with its end",
                remedy: "remove it")
        case .declarationUnknownType:
            self.init(
                code.rawValue, "warning",
                meaning: "its `type` is none that this version knows; the asset can be used",
                cause: "a newer tool made the asset, or the word is misspelt",
                remedy: "use a known type, or a newer packer")
        case .declarationInputPath:
            self.init(
                code.rawValue, "error",
                meaning: "an input path is absolute, empty, or leads out of the asset",
                cause: "the path was copied as the system knows it, or starts at the project instead of the asset",
                remedy: "give a path inside the asset's folder")
        case .declarationUnreadable:
            self.init(
                code.rawValue, "error",
                meaning: "the system refused to read it, or there was no memory to",
                cause: "its permissions do not let this user read it, or the disk fails",
                remedy: "see the message: permissions, the disk")
        case .declarationNotAFile:
            self.init(
                code.rawValue, "error",
                meaning: "`asset.json` is a link, a folder or a special file",
                cause: "a tool for sharing or deduplicating files put a link there, or a folder was given the name",
                remedy: "put a plain file there")
        case .declarationMissing:
            self.init(
                code.rawValue, "error",
                meaning: "a registered asset's folder is there, without a declaration",
                cause: "the file was deleted or moved and its folder left behind, or a checkout did not bring it",
                remedy: "restore it, or unregister the asset")
        case .declarationWrongUUID:
            self.init(
                code.rawValue, "error",
                meaning: "the declaration's uuid is not the one that is registered for its root",
                cause: "another asset's folder, or its declaration, was put in the place of this one",
                remedy: "put the right folder back, or unregister the root and register it anew")
        case .inputMissing:
            self.init(
                code.rawValue, "error",
                meaning: "a declared input is not there",
                cause:
                    "the file was deleted, moved or renamed, or was never put there: a file that version control does not hold, or capitals that another system did not tell apart",
                remedy: "put the file back, or correct the declaration")
        case .inputNotAFile:
            self.init(
                code.rawValue, "error",
                meaning: "a declared input is a folder, a link or a special file",
                cause: "the input was replaced by a folder or a link of its name",
                remedy: "put a plain file there")
        case .assetFolderMissing:
            self.init(
                code.rawValue, "error",
                meaning: "a registered asset's folder is not there",
                cause: "the folder was deleted, moved or renamed outside of the packer, or a checkout did not bring it",
                remedy: "restore it, or unregister the asset")
        case .assetMoved:
            self.init(
                code.rawValue, "error",
                meaning:
                    "a registered asset is not in its place, and exactly one unregistered declaration has its uuid",
                cause: "the folder was moved or renamed outside of the packer",
                remedy: "relocate the asset there, or move the folder back")
        case .assetUnregistered:
            self.init(
                code.rawValue, "warning",
                meaning: "a declaration that nobody registered",
                cause: "a folder was copied or checked out into the project, or the asset was unregistered and left",
                remedy: "register it, or remove the folder")
        case .assetDuplicateUUID:
            self.init(
                code.rawValue, "error on what is not registered, warning on what is",
                meaning:
                    "one uuid stands in several declarations. The registry decides whose it is, so the registered asset stays valid",
                cause: "a folder was copied with its declaration, or a merge brought one that was copied elsewhere",
                remedy: "re-identify or remove the copy")
        case .assetNested:
            self.init(
                code.rawValue, "warning",
                meaning: "its root lies inside another asset's",
                cause:
                    "a folder was moved into an asset's outside of the packer, or a declaration was put above others",
                remedy: "relocate it out of there")
        case .registrySyntax:
            self.init(
                code.rawValue, "error",
                meaning: "a registry file is not JSON. The project is read-only",
                cause: "it was edited by hand, a merge left its marks in it, or it was cut short",
                remedy: "restore the file from version control, then refresh")
        case .registrySchema:
            self.init(
                code.rawValue, "error",
                meaning: "a registry file has a wrong, missing or unknown member. The project is read-only",
                cause: "it was edited by hand, or merged line by line into what is no registry",
                remedy: "restore or correct it, then refresh")
        case .registryNewerSchema:
            self.init(
                code.rawValue, "error",
                meaning: "a registry file is newer than this packer reads. The project is read-only",
                cause: "somebody who works on the project uses a newer packer",
                remedy: "use a newer packer")
        case .registryUnreadable:
            self.init(
                code.rawValue, "error",
                meaning:
                    "a registry file cannot be read, or one or several in a row are missing. The project is read-only",
                cause:
                    "it was deleted, a checkout brought one part and not another, or its permissions do not let this user read it",
                remedy: "restore it (git has it), then refresh")
        case .registryDuplicateID:
            self.init(
                code.rawValue, "error",
                meaning: "one id is registered more than once",
                cause: "two branches registered an asset each and were merged",
                remedy: "re-identify or unregister all but one")
        case .registryDuplicateUUID:
            self.init(
                code.rawValue, "error",
                meaning: "one uuid is registered more than once",
                cause: "a line was copied, or two branches that registered one asset were merged",
                remedy: "re-identify or unregister all but one")
        case .registryDuplicateRoot:
            self.init(
                code.rawValue, "error",
                meaning: "one root is registered more than once",
                cause: "two branches made an asset in one place and were merged",
                remedy: "unregister all but one")
        case .registryUnknownFile:
            self.init(
                code.rawValue, "warning",
                meaning: "a file that looks like a part of the registry, but has no part's name; it is not read",
                cause: "a backup, or the conflict copy of a tool for sharing files",
                remedy: "remove it, or give it back its name")
        case .trashUnreadable:
            self.init(
                code.rawValue, "warning",
                meaning: "a deleted folder without a record that can be read, or a trash that cannot be read",
                cause:
                    "the record was removed or changed outside of the packer, or its permissions do not let this user read it",
                remedy: "move the folder back by hand and register it, or remove it")
        case .nameNotUTF8:
            self.init(
                code.rawValue, "warning",
                meaning: "a name is not UTF-8; what it holds is passed over",
                cause: "the name comes from a system or an archive with another encoding",
                remedy: "rename it")
        case .nameRule:
            self.init(
                code.rawValue, "warning",
                meaning: "a root breaks a rule for names that work everywhere",
                cause: "the folder was made outside of the packer, on a system that allows the name",
                remedy: "relocate it")
        case .nameCaseCollision:
            self.init(
                code.rawValue, "warning",
                meaning: "two roots differ only in capitals or in Unicode composition",
                cause: "two people named one thing, on a system that tells capitals apart, or on macOS and Linux",
                remedy: "relocate one: some filesystems would merge them")
        case .entrySymlink:
            self.init(
                code.rawValue, "warning",
                meaning: "a symbolic link, which is not followed",
                cause: "somebody linked files into the project instead of copying them",
                remedy: "replace it by the file or folder itself")
        case .entrySpecialFile:
            self.init(
                code.rawValue, "warning",
                meaning: "a socket, pipe or device",
                cause: "a running program made it in the project's folder",
                remedy: "remove it")
        case .entryMountPoint:
            self.init(
                code.rawValue, "warning",
                meaning: "another filesystem is mounted there; it is not entered",
                cause: "a disk, a share or a container's volume is mounted inside the project",
                remedy: "unmount it, or move it out")
        case .entryUnreadable:
            self.init(
                code.rawValue, "error",
                meaning: "a folder cannot be read",
                cause: "its permissions do not let this user read it, or the disk fails",
                remedy: "see the message: permissions, the disk")
        case .entryTooDeep:
            self.init(
                code.rawValue, "warning",
                meaning: "a folder is nested too deep to be opened",
                cause: "a program makes folders inside each other without end, or copies a folder into itself",
                remedy: "move it further up")
        }
    }
}

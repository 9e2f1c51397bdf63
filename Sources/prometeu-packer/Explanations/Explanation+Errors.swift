// swift-format-ignore-file: the sentences are those of the specification, each in one line.
import Packer

extension Explanation {
    init(_ code: PackerError.Code) {
        switch code {
        case .workspaceMissing:
            self.init(
                code.rawValue, "error",
                meaning: "there is no such project, or no `assets/` in it",
                cause: "the path is misspelt, or names a folder above or below the project",
                state: "unchanged",
                remedy: "give the folder that holds `assets/`, or ask for it to be created")
        case .workspaceExists:
            self.init(
                code.rawValue, "error",
                meaning: "a workspace was to be made where one is",
                cause: "init was run for the second time, or in the wrong folder",
                state: "unchanged",
                remedy: "open it as it is, or name another project")
        case .workspaceInUse:
            self.init(
                code.rawValue, "error",
                meaning: "it is open for writing elsewhere; the message names the owner",
                cause: "Studio or another command has the project open for writing; a process that was killed does not",
                state: "unchanged",
                remedy: "close it there, or open it read-only")
        case .workspaceUnreadable:
            self.init(
                code.rawValue, "error",
                meaning: "the folder cannot be opened",
                cause: "its permissions do not let this user in, or the disk fails",
                state: "unchanged",
                remedy: "see the message: permissions, the disk")
        case .journalDamaged:
            self.init(
                code.rawValue, "error",
                meaning: "the commit journal is damaged in a way that no crash leaves",
                cause: "a program wrote into it, it was copied while it was written, or the disk returned other bytes",
                state: "unchanged; an interrupted commit may be half visible",
                remedy: "keep a copy of `.prometeu`, check against version control, then remove the journal")
        case .journalNewerFormat:
            self.init(
                code.rawValue, "error",
                meaning: "a newer packer wrote the journal",
                cause: "a newer packer had the project open and did not close it",
                state: "unchanged",
                remedy: "open and close the project with that one first")
        case .recoveryFailed:
            self.init(
                code.rawValue, "error",
                meaning: "an interrupted commit could not be finished or taken back",
                cause: "the disk is full or fails, or permissions changed since the interrupted commit",
                state: "the journal still holds it, nothing is lost",
                remedy: "mend the cause, and open again: recovery continues")
        case .libraryClash:
            self.init(
                code.rawValue, "error",
                meaning: "the program exports a global that libinotifytools has too",
                cause: "libinotifytools has globals with common names like `initialized`, and the program has one too",
                state: "unchanged",
                remedy: "make it static or hidden, or link without `-rdynamic`")
        case .nameInvalid:
            self.init(
                code.rawValue, "error",
                meaning: "a root breaks a rule for names",
                cause: "a name of the root has a character, an ending or a form that some system does not allow",
                state: "unchanged",
                remedy: "choose another name")
        case .nameCollision:
            self.init(
                code.rawValue, "error",
                meaning: "the root differs only in capitals or composition from another",
                cause: "the root was typed with other capitals than one that is there",
                state: "unchanged",
                remedy: "choose another name")
        case .rootOccupied:
            self.init(
                code.rawValue, "error",
                meaning: "another asset, or something on disk, is there",
                cause: "an asset was made there before, or files stand there that nobody registered",
                state: "unchanged",
                remedy: "choose another root, or move what is there")
        case .rootNested:
            self.init(
                code.rawValue, "error",
                meaning: "the root lies inside an asset, holds one, or lies inside the folder that moves",
                cause: "the folder of an asset was taken for one that groups assets, or the other way round",
                state: "unchanged",
                remedy: "choose a root outside of it")
        case .assetUnknown:
            self.init(
                code.rawValue, "error",
                meaning: "the reference means no asset",
                cause:
                    "the id, uuid or root is misspelt, or the asset was deleted or moved, or added from outside and not refreshed",
                state: "unchanged",
                remedy: "list the assets; refresh if it was added from outside")
        case .assetAmbiguous:
            self.init(
                code.rawValue, "error",
                meaning: "the reference means several assets; the paths name them",
                cause: "a copy or a merge gave one identity to several assets",
                state: "unchanged",
                remedy: "re-identify all but one, or name one by its root")
        case .assetState:
            self.init(
                code.rawValue, "error",
                meaning:
                    "the asset is not in the state that the command needs: invalid, missing, not registered, or its identity stands twice",
                cause: "the asset is broken, was never registered, or its files are gone; its diagnostics say how",
                state: "unchanged",
                remedy: "what the message says: mend and refresh, register, re-identify or unregister")
        case .trashUnknown:
            self.init(
                code.rawValue, "error",
                meaning: "nothing in the trash is called that",
                cause: "it was put back or the trash was emptied meanwhile, or the name is misspelt",
                state: "unchanged",
                remedy: "look into the trash")
        case .previewStale:
            self.init(
                code.rawValue, "error",
                meaning: "a preview would do something else by now, or belongs to another session",
                cause: "somebody changed the assets after the preview was made, or the project was opened anew",
                state: "unchanged",
                remedy: "look at the fresh preview, and apply that")
        case .mutationInvalid:
            self.init(
                code.rawValue, "error",
                meaning: "a transaction without a mutation, or text that is no mutation",
                cause: "a program wrote what has another form than the mutations, or none at all",
                state: "unchanged",
                remedy: "what the message names")
        case .identifiersExhausted:
            self.init(
                code.rawValue, "error",
                meaning: "every id has been given out",
                cause:
                    "as many assets as there are ids were registered in the life of the project, or its count was edited",
                state: "unchanged",
                remedy: "start a new registry: ids are never used again")
        case .declarationInvalid:
            self.init(
                code.rawValue, "error",
                meaning: "the new or changed declaration would be broken, or would not say what was asked for",
                cause: "a value cannot stand in a declaration, or contradicts what else stands there",
                state: "unchanged",
                remedy: "mend what the message names")
        case .readOnly:
            self.init(
                code.rawValue, "error",
                meaning:
                    "the project was opened read-only, its registry is broken, its filesystem cannot hold a writable one, or a failure ended writing",
                cause: "see the message: it is a property of the opening, of the files, or of the disk",
                state: "unchanged",
                remedy: "the message says which; repair, then refresh or reopen")
        case .diverged:
            self.init(
                code.rawValue, "error",
                meaning: "a path that the command touches is not what the snapshot says",
                cause: "somebody edited the file and nobody has refreshed since",
                state: "unchanged",
                remedy: "refresh, look at the change, try again")
        case .conflict:
            self.init(
                code.rawValue, "error",
                meaning:
                    "someone wrote there in the instant of the commit, or before an interrupted one was taken back",
                cause: "two programs wrote to one file within a moment",
                state:
                    "taken back whole; their bytes stand in place, and a kept copy is in `.prometeu/conflicts` where two met",
                remedy: "refresh, look at the change, try again")
        case .accessDenied:
            self.init(
                code.rawValue, "error",
                meaning: "the system refused access",
                cause: "permissions, an immutable flag or a read-only mount keep this user from writing",
                state: "unchanged, or taken back whole",
                remedy: "change the permissions")
        case .pathInvalid:
            self.init(
                code.rawValue, "error",
                meaning: "a link, a mount, a file or nothing is where a folder should be",
                cause: "a folder on the way was replaced while the command ran, or was a link all the time",
                state: "unchanged, or taken back whole",
                remedy: "put a plain folder there")
        case .diskFull:
            self.init(
                code.rawValue, "error",
                meaning: "no space or quota is left",
                cause:
                    "the disk or the user's share of it is used up; a change needs room for the new files beside the old",
                state: "unchanged, or taken back whole",
                remedy: "free some")
        case .diskFailed:
            self.init(
                code.rawValue, "error",
                meaning: "another system call failed",
                cause:
                    "the disk, its cable or the network behind it fails, or the kernel has a limit there; the cause names the call",
                state: "unchanged, or taken back whole",
                remedy: "check the disk")
        case .outcomeUnknown:
            self.init(
                code.rawValue, "error",
                meaning: "a flush failed at the commit point: the change stands or does not, never a part of it",
                cause:
                    "the disk reported that it could not make the last bytes durable, and what it holds cannot be told",
                state: "the project takes no more writes until it is reopened",
                remedy: "check the disk, reopen: recovery makes it whole")
        case .cancelled:
            self.init(
                code.rawValue, "error",
                meaning: "it was cancelled before its turn",
                cause: "the host or a signal took it back",
                state: "unchanged",
                remedy: "submit it again if it is wanted")
        case .laneClosed:
            self.init(
                code.rawValue, "error",
                meaning: "the project is closed",
                cause: "it was submitted after, or while, the project was closed",
                state: "unchanged",
                remedy: "open it again")
        case .laneFull:
            self.init(
                code.rawValue, "error",
                meaning: "too many commands wait; this one was not taken",
                cause: "commands are submitted faster than the disk makes them durable",
                state: "unchanged",
                remedy: "wait for some to end")
        case .eventBacklog:
            self.init(
                code.rawValue, "error",
                meaning: "too many events wait for the sink; the command was not taken",
                cause: "the host's sink waits, or does long work, for each event",
                state: "unchanged",
                remedy: "let the sink catch up: it must not block")
        case .wouldDeadlock:
            self.init(
                code.rawValue, "error",
                meaning: "a blocking wait from inside the sink would never end",
                cause: "the sink waits for an operation whose events it would have to take first",
                state: "the operation goes on",
                remedy: "wait elsewhere, or await the result")
        case .timedOut:
            self.init(
                code.rawValue, "error",
                meaning: "the operation has not ended in the time given",
                cause: "the operation is large, others wait before it, or the disk is slow",
                state: "the operation goes on",
                remedy: "wait longer")
        }
    }
}

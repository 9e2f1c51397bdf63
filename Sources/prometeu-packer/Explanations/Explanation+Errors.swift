// swift-format-ignore-file: the sentences are those of the specification, each in one line.
import Packer

extension Explanation {
    init(_ code: PackerError.Code) {
        switch code {
        case .workspaceMissing:
            self.init(
                code.rawValue, "error",
                meaning: "there is no such project, or no `assets/` in it",
                state: "unchanged",
                remedy: "give the folder that holds `assets/`, or ask for it to be created")
        case .workspaceExists:
            self.init(
                code.rawValue, "error",
                meaning: "a workspace was to be made where one is",
                state: "unchanged",
                remedy: "open it as it is, or name another project")
        case .workspaceInUse:
            self.init(
                code.rawValue, "error",
                meaning: "it is open for writing elsewhere; the message names the owner",
                state: "unchanged",
                remedy: "close it there, or open it read-only")
        case .workspaceUnreadable:
            self.init(
                code.rawValue, "error",
                meaning: "the folder cannot be opened",
                state: "unchanged",
                remedy: "see the message: permissions, the disk")
        case .journalDamaged:
            self.init(
                code.rawValue, "error",
                meaning: "the commit journal is damaged in a way that no crash leaves",
                state: "unchanged; an interrupted commit may be half visible",
                remedy: "keep a copy of `.prometeu`, check against version control, then remove the journal")
        case .journalNewerFormat:
            self.init(
                code.rawValue, "error",
                meaning: "a newer packer wrote the journal",
                state: "unchanged",
                remedy: "open and close the project with that one first")
        case .recoveryFailed:
            self.init(
                code.rawValue, "error",
                meaning: "an interrupted commit could not be finished or taken back",
                state: "the journal still holds it, nothing is lost",
                remedy: "mend the cause, and open again: recovery continues")
        case .libraryClash:
            self.init(
                code.rawValue, "error",
                meaning: "the program exports a global that libinotifytools has too",
                state: "unchanged",
                remedy: "make it static or hidden, or link without `-rdynamic`")
        case .nameInvalid:
            self.init(
                code.rawValue, "error",
                meaning: "a root breaks a rule for names",
                state: "unchanged",
                remedy: "choose another name")
        case .nameCollision:
            self.init(
                code.rawValue, "error",
                meaning: "the root differs only in capitals or composition from another",
                state: "unchanged",
                remedy: "choose another name")
        case .rootOccupied:
            self.init(
                code.rawValue, "error",
                meaning: "another asset, or something on disk, is there",
                state: "unchanged",
                remedy: "choose another root, or move what is there")
        case .rootNested:
            self.init(
                code.rawValue, "error",
                meaning: "the root lies inside an asset, holds one, or lies inside the folder that moves",
                state: "unchanged",
                remedy: "choose a root outside of it")
        case .assetUnknown:
            self.init(
                code.rawValue, "error",
                meaning: "the reference means no asset",
                state: "unchanged",
                remedy: "list the assets; refresh if it was added from outside")
        case .assetAmbiguous:
            self.init(
                code.rawValue, "error",
                meaning: "the reference means several assets; the paths name them",
                state: "unchanged",
                remedy: "re-identify all but one, or name one by its root")
        case .assetState:
            self.init(
                code.rawValue, "error",
                meaning:
                    "the asset is not in the state that the command needs: invalid, missing, not registered, or its identity stands twice",
                state: "unchanged",
                remedy: "what the message says: mend and refresh, register, re-identify or unregister")
        case .trashUnknown:
            self.init(
                code.rawValue, "error",
                meaning: "nothing in the trash is called that",
                state: "unchanged",
                remedy: "look into the trash")
        case .previewStale:
            self.init(
                code.rawValue, "error",
                meaning: "a preview would do something else by now, or belongs to another session",
                state: "unchanged",
                remedy: "look at the fresh preview, and apply that")
        case .mutationInvalid:
            self.init(
                code.rawValue, "error",
                meaning: "a transaction without a mutation, or text that is no mutation",
                state: "unchanged",
                remedy: "what the message names")
        case .identifiersExhausted:
            self.init(
                code.rawValue, "error",
                meaning: "every id has been given out",
                state: "unchanged",
                remedy: "start a new registry: ids are never used again")
        case .declarationInvalid:
            self.init(
                code.rawValue, "error",
                meaning: "the new or changed declaration would be broken, or would not say what was asked for",
                state: "unchanged",
                remedy: "mend what the message names")
        case .readOnly:
            self.init(
                code.rawValue, "error",
                meaning:
                    "the project was opened read-only, its registry is broken, its filesystem cannot hold a writable one, or a failure ended writing",
                state: "unchanged",
                remedy: "the message says which; repair, then refresh or reopen")
        case .diverged:
            self.init(
                code.rawValue, "error",
                meaning: "a path that the command touches is not what the snapshot says",
                state: "unchanged",
                remedy: "refresh, look at the change, try again")
        case .conflict:
            self.init(
                code.rawValue, "error",
                meaning:
                    "someone wrote there in the instant of the commit, or before an interrupted one was taken back",
                state:
                    "taken back whole; their bytes stand in place, and a kept copy is in `.prometeu/conflicts` where two met",
                remedy: "refresh, look at the change, try again")
        case .accessDenied:
            self.init(
                code.rawValue, "error",
                meaning: "the system refused access",
                state: "unchanged, or taken back whole",
                remedy: "change the permissions")
        case .pathInvalid:
            self.init(
                code.rawValue, "error",
                meaning: "a link, a mount, a file or nothing is where a folder should be",
                state: "unchanged, or taken back whole",
                remedy: "put a plain folder there")
        case .diskFull:
            self.init(
                code.rawValue, "error",
                meaning: "no space or quota is left",
                state: "unchanged, or taken back whole",
                remedy: "free some")
        case .diskFailed:
            self.init(
                code.rawValue, "error",
                meaning: "another system call failed",
                state: "unchanged, or taken back whole",
                remedy: "check the disk")
        case .outcomeUnknown:
            self.init(
                code.rawValue, "error",
                meaning: "a flush failed at the commit point: the change stands or does not, never a part of it",
                state: "the project takes no more writes until it is reopened",
                remedy: "check the disk, reopen: recovery makes it whole")
        case .cancelled:
            self.init(
                code.rawValue, "error",
                meaning: "it was cancelled before its turn",
                state: "unchanged",
                remedy: "submit it again if it is wanted")
        case .laneClosed:
            self.init(
                code.rawValue, "error",
                meaning: "the project is closed",
                state: "unchanged",
                remedy: "open it again")
        case .laneFull:
            self.init(
                code.rawValue, "error",
                meaning: "too many commands wait; this one was not taken",
                state: "unchanged",
                remedy: "wait for some to end")
        case .eventBacklog:
            self.init(
                code.rawValue, "error",
                meaning: "too many events wait for the sink; the command was not taken",
                state: "unchanged",
                remedy: "let the sink catch up: it must not block")
        case .wouldDeadlock:
            self.init(
                code.rawValue, "error",
                meaning: "a blocking wait from inside the sink would never end",
                state: "the operation goes on",
                remedy: "wait elsewhere, or await the result")
        case .timedOut:
            self.init(
                code.rawValue, "error",
                meaning: "the operation has not ended in the time given",
                state: "the operation goes on",
                remedy: "wait longer")
        }
    }
}

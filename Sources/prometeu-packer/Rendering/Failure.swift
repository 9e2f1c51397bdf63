import Foundation
import Packer

/// An error as it is shown: what, where, and what to do about it.
struct Failure: Encodable, Sendable {
    let code: String
    let message: String
    let paths: [String]
    let remedy: String
    @Nullable var cause: String?

    init(_ error: PackerError) {
        code = error.code.rawValue
        message = error.message
        paths = error.paths
        remedy = error.remedy
        cause = error.cause
    }

    init(_ incomplete: CoverageIncomplete) {
        let view = CoverageView(incomplete.coverage)
        code = "coverage.incomplete"
        message = "nothing is flagged, but the coverage is \(view.state)"
        paths = view.unwatched
        remedy = "Mend what the coverage names and watch again: until then nothing can be promised."
        cause = view.reason
    }

    init(_ unread: InputUnreadable) {
        code = "input.unreadable"
        message = "the mutations cannot be read"
        paths = [unread.path]
        remedy = "Name a file that can be read, or - for standard input; what the outcomes tell is done."
        cause = String(cString: strerror(unread.number))
    }

    init(_ error: FingerprintFileError) {
        paths = [error.path]
        switch error.reason {
        case .unreadable(let cause):
            code = "fingerprints.unreadable"
            message = "the fingerprints cannot be read"
            remedy = "Name a file that snapshot wrote, and that can be read."
            self.cause = cause
        case .unwritable(let cause):
            code = "fingerprints.unwritable"
            message = "the fingerprints cannot be written"
            remedy = "Name a file in a folder that can be written to; nothing was left there."
            self.cause = cause
        case .unusable(.damaged(let reason)):
            code = "fingerprints.damaged"
            message = "the fingerprints are damaged: \(reason)"
            remedy = "Take a copy that is whole, or write new ones of files that are known to be good."
        case .unusable(.newer(let version)):
            code = "fingerprints.newerVersion"
            message = "the fingerprints have version \(version), which is newer than this program reads"
            remedy = "Use a newer packer."
        }
    }

    init(_ unsteady: ProjectUnsteady) {
        code = "project.unsteady"
        message = "the project went on changing while it was read"
        paths = unsteady.paths
        remedy = "Run it again when nobody writes."
    }

    init(_ unknown: CodeUnknown) {
        code = "code.unknown"
        message = "\"\(unknown.code)\" is no code of this version"
        paths = []
        remedy = "Look at all of them: prometeu-packer explain."
    }

    var text: String {
        var lines = ["error: \(message)"]
        lines += paths.map { "  path: \($0)" }
        lines.append("  remedy: \(remedy)")
        if let cause { lines.append("  cause: \(cause)") }
        lines.append("  code: \(code)")
        return lines.map { $0.terminalSafe + "\n" }.joined()
    }
}

/// The last line of JSON of a command that was refused or failed.
struct FailureView: Encodable {
    let kind = "error"
    let error: Failure
}

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

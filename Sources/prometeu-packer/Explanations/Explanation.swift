import Packer

/// What a code means, and what to do about it.
struct Explanation: Equatable, Sendable {
    let code: String
    /// `error`, `warning` or `divergence`; some diagnostics are either.
    let severity: String
    let meaning: String
    /// How it comes about.
    let cause: String
    /// What an error leaves; nil for what leaves nothing.
    let state: String?
    let remedy: String

    init(_ code: String, _ severity: String, meaning: String, cause: String, state: String? = nil, remedy: String) {
        self.code = code
        self.severity = severity
        self.meaning = meaning
        self.cause = cause
        self.state = state
        self.remedy = remedy
    }

    /// Diagnostics, divergences, errors, and the command's own.
    static let all =
        DiagnosticCode.allCases.map(Explanation.init) + divergences
        + PackerError.Code.allCases.map(Explanation.init) + ofTheCommand

    static let divergences = Divergence.Code.allCases.map(Explanation.init)

    static let ofTheCommand = [
        Explanation(
            "coverage.incomplete", "error",
            meaning: "nothing differs, but not all could be watched, so nothing is proven",
            cause: "the kernel's limit of watches, a folder that cannot be read, or a workspace that is gone",
            state: "unchanged",
            remedy: "mend what the coverage names, and run it again"),
        Explanation(
            "input.unreadable", "error", meaning: "the mutations that apply was given cannot be read",
            cause: "the path is misspelt, or permissions do not let this user read it",
            state: "what the outcomes tell is done", remedy: "name a file that can be read, or -"),
        Explanation(
            "fingerprints.unreadable", "error", meaning: "the file of fingerprints cannot be read",
            cause: "the path is misspelt, or permissions do not let this user read it",
            state: "unchanged",
            remedy: "name a file that snapshot wrote"),
        Explanation(
            "fingerprints.unwritable", "error", meaning: "the file of fingerprints cannot be written",
            cause: "the folder is not there, or cannot be written to, or the disk is full",
            state: "no file is left, or the earlier one",
            remedy: "name a file in a folder that can be written to"),
        Explanation(
            "fingerprints.damaged", "error", meaning: "the file of fingerprints was changed or cut short",
            cause: "it was edited, cut short by a copy that did not end, or is another file",
            state: "unchanged", remedy: "take a copy that is whole, or write new ones of files known to be good"),
        Explanation(
            "fingerprints.newerVersion", "error", meaning: "a newer packer wrote the fingerprints",
            cause: "snapshot was run with a newer packer than divergence",
            state: "unchanged",
            remedy: "use a newer packer"),
        Explanation(
            "project.unsteady", "error", meaning: "somebody wrote while the files were read, several times over",
            cause: "a build, a checkout or Studio works on the project without a pause",
            state: "unchanged", remedy: "run it again when nobody writes"),
        Explanation(
            "code.unknown", "error", meaning: "explain was asked for what is no code",
            cause: "the code is misspelt, or of another version",
            state: "unchanged",
            remedy: "look at all of them with explain"),
    ]
}

/// Asked for a code that there is not.
struct CodeUnknown: Error {
    let code: String
}

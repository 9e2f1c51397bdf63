import Packer

/// What a code means, and what to do about it.
struct Explanation: Equatable, Sendable {
    let code: String
    /// `error`, `warning` or `divergence`; some diagnostics are either.
    let severity: String
    let meaning: String
    /// What an error leaves; nil for what leaves nothing.
    let state: String?
    let remedy: String

    init(_ code: String, _ severity: String, meaning: String, state: String? = nil, remedy: String) {
        self.code = code
        self.severity = severity
        self.meaning = meaning
        self.state = state
        self.remedy = remedy
    }

    /// Diagnostics, divergences, errors, and the command's own.
    static let all =
        DiagnosticCode.allCases.map(Explanation.init) + divergences
        + PackerError.Code.allCases.map(Explanation.init) + ofTheCommand

    private static let comparedAgain = "refresh to take it in, or restore the file: the flag clears by itself"

    static let divergences = [
        Explanation(
            "modified", "divergence", meaning: "other bytes, another size or another executable bit",
            remedy: comparedAgain),
        Explanation("missing", "divergence", meaning: "nothing stands there any more", remedy: comparedAgain),
        Explanation(
            "appeared", "divergence", meaning: "a declaration, or an input, that was not there", remedy: comparedAgain),
        Explanation(
            "moved", "divergence",
            meaning: "nothing stands there, and exactly one declaration that appeared has the uuid",
            remedy: "refresh and relocate the asset there, or move the folder back"),
        Explanation(
            "typeChanged", "divergence",
            meaning: "a folder, link or special file where a file was, or the other way round", remedy: comparedAgain),
        Explanation(
            "registryModified", "divergence", meaning: "a registry file is other, missing or new",
            remedy: "refresh to take it in, or restore it from version control"),
    ]

    static let ofTheCommand = [
        Explanation(
            "coverage.incomplete", "error",
            meaning: "nothing differs, but not all could be watched, so nothing is proven", state: "unchanged",
            remedy: "mend what the coverage names, and run it again"),
        Explanation(
            "input.unreadable", "error", meaning: "the mutations that apply was given cannot be read",
            state: "what the outcomes tell is done", remedy: "name a file that can be read, or -"),
        Explanation(
            "fingerprints.unreadable", "error", meaning: "the file of fingerprints cannot be read", state: "unchanged",
            remedy: "name a file that snapshot wrote"),
        Explanation(
            "fingerprints.unwritable", "error", meaning: "the file of fingerprints cannot be written",
            state: "no file is left, or the earlier one",
            remedy: "name a file in a folder that can be written to"),
        Explanation(
            "fingerprints.damaged", "error", meaning: "the file of fingerprints was changed or cut short",
            state: "unchanged", remedy: "take a copy that is whole, or write new ones of files known to be good"),
        Explanation(
            "fingerprints.newerVersion", "error", meaning: "a newer packer wrote the fingerprints", state: "unchanged",
            remedy: "use a newer packer"),
        Explanation(
            "project.unsteady", "error", meaning: "somebody wrote while the files were read, several times over",
            state: "unchanged", remedy: "run it again when nobody writes"),
        Explanation(
            "code.unknown", "error", meaning: "explain was asked for what is no code", state: "unchanged",
            remedy: "look at all of them with explain"),
    ]
}

/// Asked for a code that there is not.
struct CodeUnknown: Error {
    let code: String
}

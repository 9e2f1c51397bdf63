import Packer

extension Explanation {
    init(_ code: Divergence.Code) {
        let comparedAgain = "refresh to take it in, or restore the file: the flag clears by itself"
        func divergence(_ meaning: String, cause: String, remedy: String) -> Explanation {
            Explanation(code.rawValue, "divergence", meaning: meaning, cause: cause, remedy: remedy)
        }
        self =
            switch code {
            case .modified:
                divergence(
                    "other bytes, another size or another executable bit",
                    cause: "an editor, a tool or a checkout wrote to the file, or changed its permissions",
                    remedy: comparedAgain)
            case .missing:
                divergence(
                    "nothing stands there any more",
                    cause: "the file, or a folder above it, was deleted, moved or renamed, or a mount hides it",
                    remedy: comparedAgain)
            case .appeared:
                divergence(
                    "a declaration, or an input, that was not there",
                    cause: "a folder was copied or checked out into the project, or a missing input was put there",
                    remedy: comparedAgain)
            case .moved:
                divergence(
                    "nothing stands there, and exactly one declaration that appeared has the uuid",
                    cause: "the folder was moved or renamed outside of the packer",
                    remedy: "refresh and relocate the asset there, or move the folder back")
            case .typeChanged:
                divergence(
                    "a folder, link or special file where a file was, or the other way round",
                    cause: "somebody replaced the file by a link, or gave a folder its name",
                    remedy: comparedAgain)
            case .registryModified:
                divergence(
                    "a registry file is other, missing or new",
                    cause: "a checkout or a merge brought another registry, or somebody edited it by hand",
                    remedy: "refresh to take it in, or restore it from version control")
            }
    }
}

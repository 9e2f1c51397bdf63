public import Packer

/// An error as a page shows it: what happened, where, and what a person can do.
public struct ErrorPresentation: Sendable, Equatable {
    /// What the page itself can do about it.
    public enum Offer: String, Sendable {
        /// Reads the disk again, which accepts what others changed.
        case refresh
        /// The packer was busy: the same again.
        case applyAgain
        case previewAgain
    }

    /// What was not done, like "The write was refused".
    public var title: String
    public var message: String
    public var places: [String]
    public var remedy: String
    /// For a report; stable.
    public var code: String
    public var offer: Offer?

    public init(_ title: String, _ error: PackerError) {
        self.title = title
        message = error.message
        places = error.paths
        remedy = error.remedy
        code = error.code.rawValue
        offer =
            switch error.code {
            case .diverged, .conflict, .assetUnknown: .refresh
            case .laneFull, .eventBacklog: .applyAgain
            case .diskFull, .diskFailed, .accessDenied, .cancelled: .previewAgain
            default: nil
            }
    }
}

extension AssetsWorkspace {
    /// Every error that the page has to show now, the nearest to what the person does first.
    public var errors: [ErrorPresentation] {
        var errors: [ErrorPresentation] = []
        if case .failed(let error, _) = staged?.phase {
            errors.append(ErrorPresentation("The write was refused", error))
        }
        if case .failed(let error) = refresh { errors.append(ErrorPresentation("The refresh failed", error)) }
        if case .failure(let error) = details { errors.append(ErrorPresentation("There are no details", error)) }
        if case .readOnly(let error) = snapshot?.access {
            errors.append(ErrorPresentation("The project is read-only", error))
        }
        return errors
    }
}

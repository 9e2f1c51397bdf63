public import Packer

/// Why the container refused something.
public struct StudioError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        case notStarted = "container.notStarted"
        case alreadyStarted = "container.alreadyStarted"
        case stopped = "container.stopped"
        /// The packer refused; `cause` is its error, unchanged.
        case packer = "packer.refused"
    }

    public var code: Code
    public var message: String
    /// What to do about it.
    public var remedy: String
    public var cause: PackerError?

    init(_ code: Code, _ message: String, remedy: String, cause: PackerError? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    init(_ error: PackerError) {
        self.init(.packer, error.message, remedy: error.remedy, cause: error)
    }

    public var description: String { "\(cause?.code.rawValue ?? code.rawValue): \(message). \(remedy)" }
}

extension StudioError {
    static let notStarted = StudioError(
        .notStarted, "there is no event bus yet for a project to report to",
        remedy: "Start the container first, then open projects."
    )
    static let alreadyStarted = StudioError(
        .alreadyStarted, "the container runs already", remedy: "Use the bus that the first start returned."
    )
    static let stopped = StudioError(
        .stopped, "the container has been stopped", remedy: "Make a new container; one runs once."
    )
}

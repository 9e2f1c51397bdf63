public import Packer

/// A change that a person prepares, looks at, and applies or discards: one at a time, all of it or nothing.
public struct StagedWrite: Sendable, Equatable {
    public enum Phase: Sendable, Equatable {
        /// What it would do is being asked.
        case previewing
        /// - isRenewed: true where an earlier preview was applied and would not have done any more what it showed.
        case shown(Preview, isRenewed: Bool)
        /// The operation's id once it was taken.
        case applying(Preview, OperationID?)
        case applied(OperationOutcome)
        /// Refused, and the disk is as before. It may be applied again where there was a preview.
        case failed(PackerError, Preview?)

        /// What was shown.
        public var preview: Preview? {
            switch self {
            case .shown(let preview, _), .applying(let preview, _): preview
            case .failed(_, let preview): preview
            case .previewing, .applied: nil
            }
        }
    }

    let number: Int
    public let mutations: [Mutation]
    public internal(set) var phase: Phase

    /// True while the packer has it: it can neither be replaced nor dropped.
    public var isUnderWay: Bool { if case .applying = phase { true } else { false } }

    /// A preview with blockers is for looking at.
    public var canBeApplied: Bool {
        guard let preview = phase.preview, !isUnderWay else { return false }
        return preview.blockers.isEmpty
    }
}

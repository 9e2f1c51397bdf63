import LinuxFiles
import PackerModel

/// Why a writer's commits cannot be told from foreign edits, and where they can all the same. What differs elsewhere is
/// flagged as unverified, until the host refreshes everything.
struct WriterDoubt {
    enum Cause {
        /// Records of the writer's journal were overwritten unread, or the journal was removed.
        case overwritten
        /// Commits that were told have been taken back, and nothing tells what was before them.
        case takenBack
        case unreadable(String)
    }

    private let cause: Cause
    /// Told by the writer, or read by request, since. At most the paths that commits touch.
    private var vouched: Set<BytePath> = []

    static let overwritten = WriterDoubt(cause: .overwritten)
    static let takenBack = WriterDoubt(cause: .takenBack)
    static func unreadable(_ reason: String) -> WriterDoubt { WriterDoubt(cause: .unreadable(reason)) }

    private init(cause: Cause) { self.cause = cause }

    /// A journal that can be read again has told everything, or that something is missing.
    var isLasting: Bool { if case .unreadable = cause { false } else { true } }

    /// Whether another one says nothing new beside this one.
    func outlasts(_ other: WriterDoubt) -> Bool { !other.isLasting }

    mutating func vouch(for paths: [BytePath]) { vouched.formUnion(paths) }

    func covers(_ path: BytePath) -> Bool {
        var place = path
        while !vouched.contains(place) {
            if place.isRoot { return true }
            place = place.parent
        }
        return false
    }

    func coverage(beside other: String? = nil) -> Coverage {
        let why =
            switch cause {
            case .overwritten: "Records of the writer's journal were gone before they were read"
            case .takenBack: "A commit of the writer's was taken back after it was told"
            case .unreadable(let reason): "The writer's journal cannot be read (\(reason))"
            }
        let reason = "\(why): its commits cannot be told from other edits. Refresh to compare with what stands now."
        return .degraded(unwatched: [""], reason: [reason, other].compactMap { $0 }.joined(separator: " "))
    }
}

public import Packer

/// Where the disk is not what the snapshot says, and how far that can be believed: an answer of the packer, and the
/// events after it.
public struct DivergenceBoard: Sendable, Equatable {
    /// Nil until the first answer.
    public private(set) var coverage: Coverage?
    private var byPath: [String: Divergence] = [:]
    private var byRoot: [AssetRoot: Set<String>] = [:]
    /// The newest event that is counted.
    private var sequence: UInt64 = 0

    /// Every flag, listed or not, ordered by path.
    public var all: [Divergence] { byPath.values.sorted { $0.path < $1.path } }

    public var count: Int { byPath.count }

    /// The flags of one asset, ordered by path.
    public func of(_ root: AssetRoot) -> [Divergence] {
        (byRoot[root] ?? []).sorted().compactMap { byPath[$0] }
    }

    /// - Returns: false for an answer that events have overtaken; nothing is changed then.
    mutating func replace(_ all: [Divergence], coverage: Coverage, sequence: UInt64) -> Bool {
        guard sequence >= self.sequence else { return false }
        byPath = [:]
        byRoot = [:]
        for divergence in all { set(divergence) }
        self.coverage = coverage
        self.sequence = sequence
        return true
    }

    /// An event that the newest answer has counted is not counted again.
    mutating func observe(_ event: PackerEvent) {
        guard event.sequence > sequence else { return }
        sequence = event.sequence
        switch event.kind {
        case .divergenceDetected(let divergence), .divergenceChanged(let divergence): set(divergence)
        case .divergenceCleared(let divergence): remove(divergence.path)
        case .coverageChanged(let coverage): self.coverage = coverage
        default: break
        }
    }

    private mutating func set(_ divergence: Divergence) {
        remove(divergence.path)
        byPath[divergence.path] = divergence
        if let root = divergence.root { byRoot[root, default: []].insert(divergence.path) }
    }

    private mutating func remove(_ path: String) {
        guard let root = byPath.removeValue(forKey: path)?.root else { return }
        byRoot[root]?.remove(path)
        if byRoot[root]?.isEmpty == true { byRoot[root] = nil }
    }
}

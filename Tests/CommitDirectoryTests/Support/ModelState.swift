import LinuxFiles

/// A filesystem with a volatile cache, as a value: what programs see, what is on the medium, and what is still
/// between the two. Copying it is a snapshot.
struct ModelState: Sendable {
    typealias NodeID = Int

    struct Node: Sendable {
        var inode: UInt64
        var isFolder: Bool
        var permissions: UInt32
        var modified: Int64
        var changed: Int64
        /// What programs see.
        var data: [UInt8] = []
        /// What is on the medium.
        var flushed: [UInt8] = []
        /// The two may differ: comparing them each time would cost more than everything else.
        var isUnflushed = false
        /// After a failed flush: the cache shows the bytes and takes them for flushed, and the medium never gets them
        /// unless they are written again.
        var isForgotten = false
        /// What programs see in a folder.
        var entries: [BytePath: NodeID] = [:]
        var handles = 0
    }

    struct Name: Hashable, Sendable {
        var folder: NodeID
        var name: BytePath
    }

    /// One metadata operation that the medium does not have yet: the names that it sets, nil for gone.
    struct Change: Sendable {
        var names: [Name: NodeID?]
    }

    static let root: NodeID = 1

    var nodes: [NodeID: Node]
    /// The names on the medium, by folder.
    var durable: [NodeID: [BytePath: NodeID]] = [:]
    /// In the order in which they were made.
    var pending: [Change] = []
    /// Which mount this is, where the kernel numbers them.
    var mount: UInt64? = 1
    var lockedBy: (node: NodeID, handle: CInt)?
    /// Another one for everything that a power cut could leave differently.
    private(set) var version = 0
    private var nextNode = 2
    var clock: Int64 = 1_000

    init() {
        nodes = [
            Self.root: Node(inode: 2, isFolder: true, permissions: 0o755, modified: 1, changed: 1)
        ]
    }

    mutating func tick() -> Int64 {
        clock += 1
        return clock
    }

    // MARK: What programs do

    /// The lowest inode number that nothing refers to: real filesystems hand a freed number out again at once.
    mutating func makeNode(isFolder: Bool, permissions: UInt32) -> NodeID {
        forgetUnreachable()
        let used = Set(nodes.values.map(\.inode))
        var inode: UInt64 = 11
        while used.contains(inode) { inode += 1 }
        let id = nextNode
        nextNode += 1
        let now = tick()
        nodes[id] = Node(inode: inode, isFolder: isFolder, permissions: permissions, modified: now, changed: now)
        return id
    }

    /// Sets names at once, as one operation.
    mutating func set(_ names: [Name: NodeID?]) {
        let now = tick()
        for (name, target) in names {
            nodes[name.folder]?.entries[name.name] = target
            nodes[name.folder]?.modified = now
            if let target { nodes[target]?.changed = now }
        }
        pending.append(Change(names: names))
        version += 1
    }

    mutating func setData(of id: NodeID, _ change: (inout [UInt8]) -> Void) {
        guard nodes[id] != nil else { return }
        let now = tick()
        version += 1
        change(&nodes[id]!.data)
        nodes[id]?.isUnflushed = true
        nodes[id]?.modified = now
        nodes[id]?.changed = now
    }

    func links(of id: NodeID) -> UInt32 {
        nodes.values.reduce(0) { $0 + UInt32($1.entries.values.count { $0 == id }) }
    }

    private mutating func forgetUnreachable() {
        var known: Set<NodeID> = [Self.root]
        for names in durable.values { known.formUnion(names.values) }
        for node in nodes.values { known.formUnion(node.entries.values) }
        for change in pending { known.formUnion(change.names.values.compactMap { $0 }) }
        nodes = nodes.filter { known.contains($0.key) || $0.value.handles > 0 }
    }

    // MARK: What a flush does

    mutating func persistData(of id: NodeID) {
        guard let node = nodes[id], node.isUnflushed, !node.isForgotten else { return }
        nodes[id]?.flushed = node.data
        nodes[id]?.isUnflushed = false
        version += 1
    }

    /// Everything up to now, in order: as ext4 does for any fsync.
    mutating func persistAllNames() {
        if !pending.isEmpty { version += 1 }
        for change in pending { apply(change) }
        pending = []
    }

    /// Only the operations that touch this folder.
    mutating func persistNames(in folder: NodeID) {
        if !pending.isEmpty { version += 1 }
        var rest: [Change] = []
        for change in pending {
            guard change.names.keys.contains(where: { $0.folder == folder }) else {
                rest.append(change)
                continue
            }
            apply(change)
            // What an older operation still has to say about these names is out of date.
            for index in rest.indices {
                for name in change.names.keys { rest[index].names.removeValue(forKey: name) }
            }
        }
        pending = rest.filter { !$0.names.isEmpty }
    }

    private mutating func apply(_ change: Change) {
        for (name, target) in change.names { durable[name.folder, default: [:]][name.name] = target }
    }

    // MARK: What a power cut leaves

    /// The machine lives, the process is gone.
    func afterKill() -> ModelState {
        var survivor = self
        survivor.lockedBy = nil
        for id in survivor.nodes.keys { survivor.nodes[id]?.handles = 0 }
        survivor.forgetUnreachable()
        return survivor
    }

    /// What a medium has that got these operations, and these bytes of each file that was not flushed.
    func afterCut(
        keeping operations: (Int) -> Bool,
        data: (_ old: [UInt8], _ new: [UInt8]) -> [UInt8]
    ) -> ModelState {
        var survivor = self
        survivor.pending = []
        survivor.lockedBy = nil
        for (index, change) in pending.enumerated() where operations(index) { survivor.apply(change) }
        // What no path from the root reaches is gone.
        let names = survivor.durable
        survivor.durable = [:]
        survivor.nodes = [:]
        for id in Self.reached(names) {
            guard var node = nodes[id] else { continue }
            node.handles = 0
            if node.isFolder {
                node.entries = names[id] ?? [:]
                survivor.durable[id] = names[id]
            } else {
                if node.isUnflushed { node.flushed = data(node.flushed, node.data) }
                node.data = node.flushed
                node.isUnflushed = false
            }
            survivor.nodes[id] = node
        }
        return survivor
    }

    /// In an order that is always the same.
    private static func reached(_ names: [NodeID: [BytePath: NodeID]]) -> [NodeID] {
        var reached: Set<NodeID> = [root]
        var queue = [root]
        while let id = queue.popLast() {
            guard let targets = names[id]?.values else { continue }
            for target in targets where reached.insert(target).inserted { queue.append(target) }
        }
        return reached.sorted()
    }

    // MARK: What tests look at

    /// Every path with its content, nil for a folder.
    func tree(below id: NodeID = root, at path: BytePath = .root) -> [BytePath: [UInt8]?] {
        var found: [BytePath: [UInt8]?] = [:]
        for (name, target) in nodes[id]?.entries ?? [:] {
            let place = path.appending(name)
            guard let node = nodes[target] else { continue }
            if node.isFolder {
                found.updateValue(nil, forKey: place)
                found.merge(tree(below: target, at: place)) { $1 }
            } else {
                found[place] = node.data
            }
        }
        return found
    }

    /// Equal for images that no program can tell apart.
    var fingerprint: Int {
        var hasher = Hasher()
        func add(_ id: NodeID) {
            guard let node = nodes[id] else { return }
            hasher.combine(node.inode)
            if !node.isFolder { hasher.combine(ContentDigest(of: node.data)) }
            for (name, target) in node.entries.sorted(by: { $0.key < $1.key }) {
                hasher.combine(name)
                add(target)
            }
        }
        add(Self.root)
        return hasher.finalize()
    }
}

extension ModelState {
    /// What a failed flush does to every file that has unflushed bytes.
    mutating func forgetUnflushed() {
        for (id, node) in nodes where node.isUnflushed { nodes[id]?.isForgotten = true }
    }

    /// As after a sync, with nothing open.
    func settled() -> ModelState {
        var settled = self
        settled.persistAllNames()
        settled.lockedBy = nil
        for id in settled.nodes.keys {
            settled.nodes[id]?.handles = 0
            settled.persistData(of: id)
        }
        return settled
    }
}

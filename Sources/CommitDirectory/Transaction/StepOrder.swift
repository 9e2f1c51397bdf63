import LinuxFiles

/// Which steps of a group build on each other: one of the two moves a folder, and a path of the one is a path of the
/// other, or lies in it. Pure.
///
/// A step is done on a disk that flushed what it builds on, and what it builds on is taken back on a disk that has
/// flushed that it was taken back itself. So whoever finds a step done knows that everything it builds on is.
///
/// Of what a step builds on only the nearest is listed: the rest follows from that, step by step, so that even a forged
/// record costs no more than its length. A step that no planner would give (a second one at the same place, a file where
/// something was moved into) may be listed as building on more than it does, which costs a flush.
struct StepOrder {
    /// For each step earlier ones that it builds on, and that everything else it builds on comes before.
    private(set) var needs: [[Int]]
    /// For each step the later ones that list it.
    private(set) var neededBy: [[Int]]

    init(_ steps: [RecordStep]) {
        needs = Array(repeating: [], count: steps.count)
        neededBy = needs
        guard steps.contains(where: \.isMove) else { return }
        var entered = EnteredPaths()
        for (index, step) in steps.enumerated() {
            let paths = step.isMove ? [step.place, step.other] : [step.place]
            var found = Set<Int>()
            for path in paths { found.formUnion(entered.enter(index, at: path, moves: step.isMove)) }
            found.remove(index)
            needs[index] = found.sorted()
            for earlier in needs[index] { neededBy[earlier].append(index) }
        }
    }
}

/// The paths of the steps so far, as a tree. What lies at or beneath the path of a move gives way to it: whatever comes
/// to build on that builds on the move first.
private struct EnteredPaths {
    private struct Node {
        var children: [BytePath: Int] = [:]
        /// The last step here that everything after it is ordered with.
        var ordering: Int?
        /// One that came after it and is ordered with moves alone.
        var plain: Int?
        /// How many nodes at or beneath this one have an `ordering`.
        var orderings = 0
    }

    private var nodes = [Node()]

    /// - Returns: the steps that the new one builds on through this path.
    mutating func enter(_ step: Int, at path: BytePath, moves: Bool) -> [Int] {
        var nodesAbove: [Int] = []
        var node = 0
        var found: [Int] = []
        var plain: [Int] = []
        for name in path.components {
            nodesAbove.append(node)
            node = child(name, of: node)
            // The deeper one came later, and builds on all of those.
            if let ordering = nodes[node].ordering { (found, plain) = ([ordering], []) }
            if let step = nodes[node].plain { plain.append(step) }
        }
        guard moves || nodes[node].plain != nil || nodes[node].orderings > (nodes[node].ordering == nil ? 0 : 1) else {
            nodes[node].plain = step
            return found
        }
        found += plain + clear(beneath: node)
        let change = 1 - nodes[node].orderings
        for above in nodesAbove { nodes[above].orderings += change }
        nodes[node].orderings = 1
        nodes[node].ordering = step
        nodes[node].plain = nil
        return found
    }

    private mutating func child(_ name: BytePath, of node: Int) -> Int {
        if let child = nodes[node].children[name] { return child }
        nodes[node].children[name] = nodes.count
        nodes.append(Node())
        return nodes.count - 1
    }

    /// Each node is cleared once.
    private mutating func clear(beneath node: Int) -> [Int] {
        var found: [Int] = []
        var rest = Array(nodes[node].children.values)
        nodes[node].children = [:]
        while let next = rest.popLast() {
            found += [nodes[next].ordering, nodes[next].plain].compactMap { $0 }
            rest += nodes[next].children.values
            nodes[next] = Node()
        }
        return found
    }
}

/// The steps whose names changed and may not be on disk yet, of those that other steps build on or that build on others.
struct Barrier {
    private var unflushed = Set<Int>()

    mutating func note(_ step: Int) { unflushed.insert(step) }

    /// What must be flushed before any more happens to what these steps touched: all that is not flushed, or nothing.
    /// One barrier takes everything with it, so that a group has as many of them as steps stand on top of each other.
    mutating func take(before steps: [Int]) -> [Int] {
        guard steps.contains(where: unflushed.contains) else { return [] }
        defer { unflushed = [] }
        return unflushed.sorted()
    }
}

extension RecordStep {
    var isMove: Bool { kind == .moveFolder }
    var isFile: Bool { kind == .createFile || kind == .replaceFile }
}

extension [RecordStep] {
    /// The step that made the folder which stands at a path when all steps are done.
    func maker(of path: BytePath) -> Int? {
        var path = path
        for (number, step) in enumerated().reversed() {
            if step.isMove {
                if step.place.contains(path) { path = path.moved(from: step.place, to: step.other) }
            } else if step.kind == .makeFolder && step.place == path {
                return number
            }
        }
        return nil
    }

    /// The steps that move what one of them makes.
    func movers(ofMadeBy maker: Int) -> [Int] {
        guard self[maker].kind == .makeFolder else { return [] }
        var path = self[maker].place
        var movers: [Int] = []
        for (number, step) in zip(indices, self).dropFirst(maker + 1) where step.isMove && step.other.contains(path) {
            if step.other == path { movers.append(number) }
            path = path.moved(from: step.other, to: step.place)
        }
        return movers
    }

    /// Everywhere that the folder which a step moves stood before it.
    func earlierPlaces(ofFolderMovedBy index: Int) -> [BytePath] {
        var places = [self[index].other]
        for step in self[..<index].reversed() where step.isMove && step.place.contains(places[places.count - 1]) {
            places.append(places[places.count - 1].moved(from: step.place, to: step.other))
        }
        return places
    }

    /// Whether a later step moves what this one makes.
    func isMovedOn(_ index: Int, _ order: StepOrder) -> Bool {
        order.neededBy[index].contains { self[$0].isMove && self[$0].other.contains(self[index].place) }
    }
}

/// A persistent ordered map: a B+ tree of which a change copies only the path to it, and of that only what another
/// version shares.
///
/// A new version shares everything else with the old one. Lookup, insertion, removal and finding a row by its
/// number are O(log n); walking costs its rows. It is a value: versions may be read from any thread.
struct SortedTree<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    fileprivate typealias Node = SortedTreeNode<Key, Value>

    private var top = Node(keys: [], values: [])

    init() {}

    /// From pairs in ascending order of distinct keys: O(n).
    init(sorted pairs: [(Key, Value)]) {
        guard !pairs.isEmpty else { return }
        let fill = Node.width * 3 / 4
        var level = Self.chunks(pairs.count, fill).map { range in
            Node(keys: pairs[range].map(\.0), values: pairs[range].map(\.1))
        }
        while level.count > 1 {
            level = Self.chunks(level.count, fill).map { Node(children: Array(level[$0])) }
        }
        top = level[0]
    }

    private static func chunks(_ count: Int, _ size: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }

    var count: Int { top.count }

    subscript(key: Key) -> Value? { top.value(for: key) }

    /// How many keys are less than `key`: the row of the first that is not.
    func rank(of key: Key) -> Int { top.rank(of: key) }

    /// The value of a row; nil past the last.
    func value(at row: Int) -> Value? { row < count ? top.value(at: row) : nil }

    /// Up to `limit` values from a row on: O(log n) and one copy of each leaf's part.
    func values(from row: Int, limit: Int) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(Swift.max(0, Swift.min(limit, count - row)))
        if row < count { top.append(from: row, limit, to: &values) }
        return values
    }

    /// Calls `body` with each value from a row on until it answers false.
    func forEachValue(from row: Int = 0, _ body: (Value) -> Bool) {
        if row < count { _ = top.visit(from: Swift.max(row, 0)) { body($0.values[$1]) } }
    }

    /// Calls `body` with each pair from a row on until it answers false.
    func forEach(from row: Int = 0, _ body: (Key, Value) -> Bool) {
        if row < count { _ = top.visit(from: Swift.max(row, 0)) { body($0.keys[$1], $0.values[$1]) } }
    }

    mutating func insert(_ value: Value, for key: Key) {
        if top.replace(key, with: value) { return }
        if let right = top.insert(value, for: key) { top = Node(children: [top, right]) }
    }

    mutating func remove(_ key: Key) {
        top.remove(key)
        while top.children.count == 1 { top = top.children[0] }
    }
}

private struct SortedTreeNode<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    static var width: Int { 64 }

    /// A leaf's keys; in an inner node the smallest key beneath each child.
    var keys: [Key]
    /// Of a leaf.
    var values: [Value] = []
    /// Of an inner node.
    var children: [Self] = []
    /// The keys beneath it.
    var count: Int

    init(keys: [Key], values: [Value]) {
        self.keys = keys
        self.values = values
        count = keys.count
    }

    init(children: [Self]) {
        self.children = children
        keys = children.map { $0.keys[0] }
        count = children.reduce(0) { $0 + $1.count }
    }

    private var isLeaf: Bool { children.isEmpty }

    /// The first index whose key is not less than `key`.
    private func lowerBound(_ key: Key) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Of a leaf: where the key stands.
    private func index(of key: Key) -> Int? {
        let bound = lowerBound(key)
        return bound < keys.count && keys[bound] == key ? bound : nil
    }

    /// The child that may hold `key`.
    private func childIndex(_ key: Key) -> Int {
        let bound = lowerBound(key)
        return bound < keys.count && keys[bound] == key ? bound : max(bound - 1, 0)
    }

    // MARK: Reading. Children are asked where they lie: a copy of one costs three references.

    func value(for key: Key) -> Value? {
        isLeaf ? index(of: key).map { values[$0] } : children[childIndex(key)].value(for: key)
    }

    func rank(of key: Key) -> Int {
        if isLeaf { return lowerBound(key) }
        let index = childIndex(key)
        return (0..<index).reduce(0) { $0 + children[$1].count } + children[index].rank(of: key)
    }

    func value(at row: Int) -> Value {
        if isLeaf { return values[row] }
        var (row, index) = (row, 0)
        while row >= children[index].count {
            row -= children[index].count
            index += 1
        }
        return children[index].value(at: row)
    }

    func append(from row: Int, _ limit: Int, to found: inout [Value]) {
        if isLeaf {
            found.append(contentsOf: values[row..<Swift.min(count, row + limit - found.count)])
            return
        }
        var row = row
        for index in children.indices {
            if found.count == limit { return }
            if row < children[index].count { children[index].append(from: row, limit, to: &found) }
            row = Swift.max(0, row - children[index].count)
        }
    }

    /// - Parameter body: given a leaf and an index in it; false ends the walk.
    func visit(from row: Int, _ body: (Self, Int) -> Bool) -> Bool {
        if isLeaf { return (row..<count).allSatisfy { body(self, $0) } }
        var skip = row
        for index in children.indices {
            let size = children[index].count
            if skip < size, !children[index].visit(from: skip, body) { return false }
            skip = Swift.max(0, skip - size)
        }
        return true
    }

    // MARK: Changing

    /// - Returns: false where the key is not there.
    mutating func replace(_ key: Key, with value: Value) -> Bool {
        if !isLeaf { return children[childIndex(key)].replace(key, with: value) }
        guard let index = index(of: key) else { return false }
        values[index] = value
        return true
    }

    /// A key that is not there yet.
    /// - Returns: what has to stand to the right of this node, where it had no room.
    mutating func insert(_ value: Value, for key: Key) -> Self? {
        count += 1
        if isLeaf {
            let index = lowerBound(key)
            keys.insert(key, at: index)
            values.insert(value, at: index)
        } else {
            let index = childIndex(key)
            let right = children[index].insert(value, for: key)
            if index == 0 { keys[0] = children[0].keys[0] }
            if let right {
                children.insert(right, at: index + 1)
                keys.insert(right.keys[0], at: index + 1)
            }
        }
        if keys.count <= Self.width { return nil }
        let half = keys.count / 2
        let right: Self
        if isLeaf {
            right = Self(keys: Array(keys[half...]), values: Array(values[half...]))
            values.removeSubrange(half...)
        } else {
            right = Self(children: Array(children[half...]))
            children.removeSubrange(half...)
        }
        keys.removeSubrange(half...)
        count -= right.count
        return right
    }

    /// Nodes may run thin but never empty; the height never exceeds what insertions built.
    /// - Returns: false where the key is not there.
    @discardableResult
    mutating func remove(_ key: Key) -> Bool {
        if isLeaf {
            guard let index = index(of: key) else { return false }
            keys.remove(at: index)
            values.remove(at: index)
        } else {
            let index = childIndex(key)
            guard children[index].remove(key) else { return false }
            if children[index].count == 0 {
                keys.remove(at: index)
                children.remove(at: index)
            } else {
                keys[index] = children[index].keys[0]
            }
        }
        count -= 1
        return true
    }
}

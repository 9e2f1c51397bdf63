/// A persistent ordered map: a B+ tree that copies only the path to a change.
///
/// A new version shares everything else with the old one. Lookup, insertion, removal and finding a row by its
/// number are O(log n); walking costs its rows. Nodes are never changed after they are made, so versions may be
/// read from any thread.
struct SortedTree<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    private static var width: Int { 64 }

    private final class Node: Sendable {
        /// A leaf's keys; in an inner node the smallest key beneath each child.
        let keys: [Key]
        let values: [Value]
        let children: [Node]
        let count: Int

        init(keys: [Key], values: [Value]) {
            self.keys = keys
            self.values = values
            children = []
            count = keys.count
        }

        init(children: [Node]) {
            self.children = children
            keys = children.map { $0.keys[0] }
            values = []
            count = children.reduce(0) { $0 + $1.count }
        }

        /// The same keys, with another value beneath them.
        init(_ node: Node, children: [Node]) {
            self.children = children
            keys = node.keys
            values = []
            count = node.count
        }

        var isLeaf: Bool { children.isEmpty }

        /// The first index whose key is not less than `key`.
        func lowerBound(_ key: Key) -> Int {
            var low = 0
            var high = keys.count
            while low < high {
                let middle = (low + high) / 2
                if keys[middle] < key { low = middle + 1 } else { high = middle }
            }
            return low
        }

        /// The child that may hold `key`.
        func childIndex(_ key: Key) -> Int {
            let bound = lowerBound(key)
            return bound < keys.count && keys[bound] == key ? bound : max(bound - 1, 0)
        }
    }

    private var top: Node?

    init() {}

    /// From pairs in ascending order of distinct keys: O(n).
    init(sorted pairs: [(Key, Value)]) {
        guard !pairs.isEmpty else { return }
        let fill = Self.width * 3 / 4
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

    var count: Int { top?.count ?? 0 }

    subscript(key: Key) -> Value? {
        var node = top
        while let current = node {
            if current.isLeaf {
                let index = current.lowerBound(key)
                return index < current.keys.count && current.keys[index] == key ? current.values[index] : nil
            }
            node = current.children[current.childIndex(key)]
        }
        return nil
    }

    /// How many keys are less than `key`: the row of the first that is not.
    func rank(of key: Key) -> Int {
        var node = top
        var rank = 0
        while let current = node {
            if current.isLeaf { return rank + current.lowerBound(key) }
            let index = current.childIndex(key)
            for child in current.children[..<index] { rank += child.count }
            node = current.children[index]
        }
        return rank
    }

    /// The value of a row; nil past the last.
    func value(at row: Int) -> Value? {
        guard var node = top, row < node.count else { return nil }
        var row = row
        while !node.isLeaf {
            for child in node.children {
                if row < child.count {
                    node = child
                    break
                }
                row -= child.count
            }
        }
        return node.values[row]
    }

    /// Up to `limit` values from a row on: O(log n) and one copy of each leaf's part.
    func values(from row: Int, limit: Int) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(Swift.max(0, Swift.min(limit, count - row)))
        if let top, row < top.count { Self.append(top, row, limit, to: &values) }
        return values
    }

    private static func append(_ node: Node, _ row: Int, _ limit: Int, to values: inout [Value]) {
        if node.isLeaf {
            values.append(contentsOf: node.values[row..<Swift.min(node.count, row + limit - values.count)])
            return
        }
        var row = row
        for child in node.children {
            if values.count == limit { return }
            if row < child.count { append(child, row, limit, to: &values) }
            row = Swift.max(0, row - child.count)
        }
    }

    /// Calls `body` with each value from a row on until it answers false.
    func forEachValue(from row: Int = 0, _ body: (Value) -> Bool) {
        if let top, row < top.count { _ = Self.visitValues(top, Swift.max(row, 0), body) }
    }

    private static func visitValues(_ node: Node, _ row: Int, _ body: (Value) -> Bool) -> Bool {
        var skip = row
        if node.isLeaf {
            for index in skip..<node.values.count where !body(node.values[index]) { return false }
            return true
        }
        for child in node.children {
            if skip >= child.count {
                skip -= child.count
                continue
            }
            if !visitValues(child, skip, body) { return false }
            skip = 0
        }
        return true
    }

    /// Calls `body` with each pair from a row on until it answers false.
    func forEach(from row: Int = 0, _ body: (Key, Value) -> Bool) {
        if let top, row < top.count { _ = Self.visit(top, max(row, 0), body) }
    }

    private static func visit(_ node: Node, _ row: Int, _ body: (Key, Value) -> Bool) -> Bool {
        var skip = row
        if node.isLeaf {
            for index in skip..<node.keys.count where !body(node.keys[index], node.values[index]) { return false }
            return true
        }
        for child in node.children {
            if skip >= child.count {
                skip -= child.count
                continue
            }
            if !visit(child, skip, body) { return false }
            skip = 0
        }
        return true
    }

    mutating func insert(_ value: Value, for key: Key) {
        guard let top else {
            self.top = Node(keys: [key], values: [value])
            return
        }
        if let replaced = Self.replacing(key, with: value, in: top) {
            self.top = replaced
            return
        }
        let parts = Self.inserting(value, for: key, into: top)
        self.top = parts.count == 1 ? parts[0] : Node(children: parts)
    }

    /// Nil where the key is not there.
    private static func replacing(_ key: Key, with value: Value, in node: Node) -> Node? {
        if node.isLeaf {
            let index = node.lowerBound(key)
            guard index < node.keys.count, node.keys[index] == key else { return nil }
            var values = node.values
            values[index] = value
            return Node(keys: node.keys, values: values)
        }
        let index = node.childIndex(key)
        guard let child = replacing(key, with: value, in: node.children[index]) else { return nil }
        var children = node.children
        children[index] = child
        return Node(node, children: children)
    }

    private static func inserting(_ value: Value, for key: Key, into node: Node) -> [Node] {
        if node.isLeaf {
            var keys = node.keys
            var values = node.values
            let index = node.lowerBound(key)
            keys.insert(key, at: index)
            values.insert(value, at: index)
            if keys.count <= width { return [Node(keys: keys, values: values)] }
            let half = keys.count / 2
            return [
                Node(keys: Array(keys[..<half]), values: Array(values[..<half])),
                Node(keys: Array(keys[half...]), values: Array(values[half...])),
            ]
        }
        let index = node.childIndex(key)
        var children = node.children
        children.replaceSubrange(index...index, with: inserting(value, for: key, into: children[index]))
        if children.count <= width { return [Node(children: children)] }
        let half = children.count / 2
        return [Node(children: Array(children[..<half])), Node(children: Array(children[half...]))]
    }

    mutating func remove(_ key: Key) {
        guard let top else { return }
        var rest = Self.removing(key, from: top)
        while let node = rest, node.children.count == 1 { rest = node.children[0] }
        self.top = rest
    }

    /// Nodes may run thin but never empty; the height never exceeds what insertions built.
    private static func removing(_ key: Key, from node: Node) -> Node? {
        if node.isLeaf {
            let index = node.lowerBound(key)
            guard index < node.keys.count, node.keys[index] == key else { return node }
            var keys = node.keys
            var values = node.values
            keys.remove(at: index)
            values.remove(at: index)
            return keys.isEmpty ? nil : Node(keys: keys, values: values)
        }
        let index = node.childIndex(key)
        var children = node.children
        if let child = removing(key, from: children[index]) {
            children[index] = child
        } else {
            children.remove(at: index)
        }
        return children.isEmpty ? nil : Node(children: children)
    }
}

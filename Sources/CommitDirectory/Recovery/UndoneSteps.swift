import LinuxFiles

/// Where the paths that a group's steps name stand while some of the steps before them are not done. Pure; the steps are
/// given one after the other.
struct UndoneSteps {
    private struct Node {
        var children: [BytePath: Int] = [:]
        var origin = Origin.asNamed
    }

    private enum Origin {
        /// As the folder above tells.
        case asNamed
        /// What belongs here waits at this path.
        case elsewhere(BytePath)
        /// Nothing can stand here yet.
        case nowhere
    }

    private var nodes = [Node()]

    /// A step that is not done: what is named after it is named as if it were.
    mutating func skip(_ step: RecordStep) {
        switch step.kind {
        case .createFile, .replaceFile: break
        case .makeFolder: nodes[node(at: step.place)] = Node(origin: .nowhere)
        case .moveFolder:
            let origin = whereabouts(of: step.other)
            let left = node(at: step.other)
            let children = nodes[left].children
            nodes[left] = Node(origin: .nowhere)
            nodes[node(at: step.place)] = Node(
                children: children, origin: origin.map(Origin.elsewhere) ?? .nowhere)
        }
    }

    /// Nil where nothing can stand yet.
    func whereabouts(of path: BytePath) -> BytePath? {
        var (node, found): (Int?, BytePath?) = (0, .root)
        for name in path.components {
            node = node.flatMap { nodes[$0].children[name] }
            found = found?.appending(name)
            guard let node else { continue }
            switch nodes[node].origin {
            case .asNamed: break
            case .elsewhere(let path): found = path
            case .nowhere: found = nil
            }
        }
        return found
    }

    private mutating func node(at path: BytePath) -> Int {
        var node = 0
        for name in path.components {
            if let child = nodes[node].children[name] {
                node = child
                continue
            }
            nodes[node].children[name] = nodes.count
            node = nodes.count
            nodes.append(Node())
        }
        return node
    }
}

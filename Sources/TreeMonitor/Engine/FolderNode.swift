import LinuxFiles

/// One watched folder: about 200 bytes here and 220 in the library (measured: 420 of resident memory), and a kilobyte
/// in the kernel.
///
/// Only the monitor's thread touches nodes.
final class FolderNode {
    let name: BytePath
    unowned let tree: WatchedTree
    /// Kept also by a folder that has left, so that a task about it can still be told; `leave` ends the cycle.
    let parent: FolderNode?
    private(set) var children: [BytePath: FolderNode] = [:]
    /// The kernel's watch descriptor; -1 once it has ended.
    var watch: CInt
    /// The next folder with the same watch: another tree may hold the same inode, and so may this one while a move is
    /// only half seen.
    var nextHolder: FolderNode?
    /// False once it has left the tree.
    private(set) var isLive = true

    init(name: BytePath, parent: FolderNode?, tree: WatchedTree, watch: CInt) {
        self.name = name
        self.parent = parent
        self.tree = tree
        self.watch = watch
        parent?.children[name] = self
    }

    /// Relative to the tree's top.
    var path: BytePath {
        guard let parent else { return name }
        return parent.path.appending(name)
    }

    /// Takes it and everything beneath out of the tree; calls `each` for every folder that leaves.
    func leave(_ each: (FolderNode) -> Void) {
        if parent?.children[name] === self { parent?.children[name] = nil }
        // A list, not recursion: depth is bounded by the disk, not by this thread's stack.
        var leaving = [self]
        while let node = leaving.popLast() {
            leaving.append(contentsOf: node.children.values)
            node.children = [:]
            node.isLive = false
            each(node)
        }
    }
}

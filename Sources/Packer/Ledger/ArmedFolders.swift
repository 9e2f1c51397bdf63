import DequeModule
import LinuxFiles

/// Folders that were armed and not looked at since, in their order: one that is armed twice is looked at once.
struct ArmedFolders {
    private var queue = Deque<BytePath>()
    private var members: Set<BytePath> = []

    var isEmpty: Bool { queue.isEmpty }

    mutating func add(_ folder: BytePath) {
        if members.insert(folder).inserted { queue.append(folder) }
    }

    /// Up to `limit` of those that are wanted.
    mutating func take(_ limit: Int, where isWanted: (BytePath) -> Bool) -> [BytePath] {
        var taken: [BytePath] = []
        while taken.count < limit, let index = queue.firstIndex(where: isWanted) {
            let folder = index == queue.startIndex ? queue.removeFirst() : queue.remove(at: index)
            members.remove(folder)
            taken.append(folder)
        }
        return taken
    }

    func contains(where isWanted: (BytePath) -> Bool) -> Bool { queue.contains(where: isWanted) }
}

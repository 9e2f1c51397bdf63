/// A workspace in plain dictionaries: what mutations do to it, and why they are refused. It knows nothing of the packer.
struct WorkspaceModel {
    struct Entry: Equatable {
        /// Two assets with one identity are copies of each other.
        var identity: Int
        var id: Int?
        var isIncluded = false
        var name: String
        var codec = "NONE"
        var preloads = false
        /// The declared file of the one role, and whether it is there.
        var input: String?
        /// Somebody else wrote its declaration while the project was open.
        var isForeign = false

        var isValid: Bool { input != "gone.png" }
    }

    struct Deletion: Equatable {
        var root: String
        var assets: [String: Entry]
        /// Everything at and below the root that is a folder.
        var folders: Set<String>
    }

    private(set) var assets: [String: Entry] = [:]
    /// The keys of `assets`, in order.
    private(set) var roots: [String] = []
    private var rootsByID: [Int: String] = [:]
    private(set) var folders: Set<String> = []
    private(set) var trash: [Deletion] = []
    private(set) var nextID = 1
    private var nextIdentity = 1_000_000

    /// Assets that the mutations of one transaction made, edited or put back: nobody has looked at their files.
    private var unseen: [Int: Unseen] = [:]
    private enum Unseen { case declared, restored }

    init(unregistered: [String: Entry]) {
        for (root, entry) in unregistered {
            add(entry, root)
            folders.formUnion(Self.chain(root))
        }
    }

    mutating func noteForeign(_ root: String) { assets[root]?.isForeign = true }

    enum Outcome: Equatable {
        /// The roots and ids that it touched, by identity.
        case committed([Int: Touched])
        /// One of these codes.
        case refused(Set<String>)
    }

    struct Touched: Hashable {
        var id: Int?
        var root: String
    }

    struct Refusal: Error {
        var code: String
        init(_ code: String) { self.code = code }
    }

    /// What one operation does: all of it, or nothing.
    mutating func carryOut(_ changes: [Change]) -> Outcome {
        var attempt = self
        attempt.unseen = [:]
        attempt.met = Met()
        var touched: [Int: Touched] = [:]
        do throws(Refusal) {
            for change in changes { try attempt.apply(change, &touched) }
        } catch {
            // A folder that an earlier change needs, and one that stands there, are told at different times.
            return .refused(attempt.met.isOccupied ? [error.code, "root.occupied"] : [error.code])
        }
        if attempt.met.isForeign {
            return .refused(attempt.met.isOccupied ? ["path.diverged", "root.occupied"] : ["path.diverged"])
        }
        if attempt.met.isOccupied { return .refused(["root.occupied"]) }
        if attempt.met.isUnwritable { return .refused(["declaration.invalid"]) }
        self = attempt
        return .committed(touched)
    }

    /// What only a look at the disk refuses, after everything was planned.
    private struct Met {
        var isForeign = false
        var isOccupied = false
        var isUnwritable = false
    }

    private var met = Met()

    // MARK: Verbs

    private mutating func apply(_ change: Change, _ touched: inout [Int: Touched]) throws(Refusal) {
        switch change {
        case .create(let root, let name, let input, let isIncluded):
            try requireName(root)
            try requireFree(root)
            if name.isEmpty { throw Refusal("declaration.invalid") }
            let entry = Entry(
                identity: newIdentity(), id: newID(), isIncluded: isIncluded, name: name, input: input)
            add(entry, root)
            folders.formUnion(Self.chain(root))
            unseen[entry.identity] = .declared
            touched[entry.identity] = Touched(id: entry.id, root: root)
        case .register(let reference, let isIncluded):
            let root = try resolve(reference)
            if assets[root]!.id != nil { throw Refusal("asset.state") }
            if isCopied(root) { throw Refusal("asset.state") }
            noteForeignAt([root])
            var entry = remove(root)
            entry.id = newID()
            entry.isIncluded = isIncluded
            add(entry, root)
            touch(root, &touched)
        case .include(let reference, let isIncluded):
            let root = try registered(reference)
            assets[root]!.isIncluded = isIncluded
            touch(root, &touched)
        case .update(let reference, let edit):
            let root = try registered(reference)
            try requireValid(root)
            let identity = assets[root]!.identity
            if unseen[identity] == .restored { throw Refusal("asset.state") }
            var entry = assets[root]!
            try edit.apply(to: &entry)
            if entry != assets[root] || edit.isUnwritable {
                noteForeignAt([root])
                met.isUnwritable = met.isUnwritable || edit.isUnwritable
                assets[root] = entry
                unseen[identity] = .declared
            }
            touch(root, &touched)
        case .relocate(let reference, let target):
            try requireName(target)
            let source = try folder(reference)
            let moving = roots(in: source)
            for root in moving { try requireValid(root) }
            if Self.isAtOrBelow(target, source) { throw Refusal("root.nested") }
            try requireFree(target, without: Set(moving))
            for root in moving { try requireFree(Self.moved(root, source, target), without: Set(moving)) }
            noteForeignAt(moving)
            met.isOccupied = met.isOccupied || folders.contains(target)
            let held = take(source)
            put(held, source, target)
            for root in moving { touch(Self.moved(root, source, target), &touched) }
        case .unregister(let reference):
            let root = try registered(reference)
            touch(root, &touched)
            var entry = remove(root)
            entry.id = nil
            entry.isIncluded = false
            add(entry, root)
        case .delete(let reference):
            let source = try folder(reference)
            let going = roots(in: source)
            for root in going {
                if assets[root]!.id == nil { throw Refusal("asset.state") }
                try requireValid(root)
            }
            noteForeignAt(going)
            for root in going { touch(root, &touched) }
            trash.append(take(source))
        case .restore(let reference, let target):
            let found = trash.indices.filter { holds(trash[$0], reference) }
            if found.count > 1 { throw Refusal("asset.ambiguous") }
            guard let index = found.first else { throw Refusal("trash.unknown") }
            let item = trash[index]
            let target = target ?? item.root
            if target != item.root { try requireName(target) }
            try requireFree(target)
            for root in item.assets.keys { try requireFree(Self.moved(root, item.root, target)) }
            met.isOccupied = met.isOccupied || folders.contains(target)
            trash.remove(at: index)
            put(item, item.root, target)
            for (root, entry) in item.assets {
                unseen[entry.identity] = .restored
                touch(Self.moved(root, item.root, target), &touched)
            }
        case .emptyTrash: trash = []
        case .reidentify(let reference):
            let root = try resolve(reference)
            if !isCopied(root) { throw Refusal("asset.state") }
            noteForeignAt([root])
            assets[root]!.identity = newIdentity()
            unseen[assets[root]!.identity] = .declared
            touch(root, &touched)
        }
    }

    // MARK: Rules

    private mutating func newID() -> Int {
        nextID += 1
        return nextID - 1
    }

    private mutating func newIdentity() -> Int {
        nextIdentity += 1
        return nextIdentity
    }

    private func resolve(_ reference: Change.Reference) throws(Refusal) -> String {
        switch reference {
        case .root(let root): if assets[root] != nil { return root }
        case .id(let id): if let found = rootsByID[id] { return found }
        }
        throw Refusal("asset.unknown")
    }

    private func registered(_ reference: Change.Reference) throws(Refusal) -> String {
        let root = try resolve(reference)
        if assets[root]!.id == nil { throw Refusal("asset.state") }
        return root
    }

    private func folder(_ reference: Change.Reference) throws(Refusal) -> String {
        if case .root(let root) = reference, assets[root] == nil, !roots(in: root).isEmpty { return root }
        return try resolve(reference)
    }

    private func holds(_ item: Deletion, _ reference: Change.Reference) -> Bool {
        switch reference {
        case .root(let root): item.root == root || item.assets[root] != nil
        case .id(let id): item.assets.values.contains { $0.id == id }
        }
    }

    func isCopied(_ root: String) -> Bool {
        let identity = assets[root]!.identity
        // No other identity was ever given twice.
        guard (100..<1_000_000).contains(identity) else { return false }
        return assets.contains { $0.key != root && $0.value.identity == identity }
    }

    private func requireName(_ root: String) throws(Refusal) {
        if root.isEmpty || root == "con" || root.hasPrefix(".") { throw Refusal("name.invalid") }
    }

    private func requireValid(_ root: String) throws(Refusal) {
        let entry = assets[root]!
        if unseen[entry.identity] == nil && !entry.isValid { throw Refusal("asset.state") }
    }

    private func requireFree(_ root: String, without moving: Set<String> = []) throws(Refusal) {
        func isTaken(_ root: String) -> Bool { assets[root] != nil && !moving.contains(root) }
        if isTaken(root) { throw Refusal("root.occupied") }
        if Self.chain(root).dropLast().contains(where: isTaken) { throw Refusal("root.nested") }
        if roots(in: root).contains(where: isTaken) { throw Refusal("root.nested") }
        // Only the first letter is ever a capital.
        let other = root.hasPrefix("P") ? root.lowercased() : "P" + root.dropFirst()
        if root.lowercased().hasPrefix("p") && isTaken(other) { throw Refusal("name.collision") }
    }

    // MARK: Assets

    private mutating func add(_ entry: Entry, _ root: String) {
        assets[root] = entry
        roots.insert(root, at: index(of: root))
        if let id = entry.id { rootsByID[id] = root }
    }

    private mutating func remove(_ root: String) -> Entry {
        roots.remove(at: index(of: root))
        let entry = assets.removeValue(forKey: root)!
        if let id = entry.id { rootsByID[id] = nil }
        return entry
    }

    /// Of the first root that is not before it.
    private func index(of root: String) -> Int {
        var (low, high) = (0, roots.count)
        while low < high {
            let middle = (low + high) / 2
            if roots[middle] < root { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func roots(in folder: String) -> [String] {
        // "0" comes right after "/".
        (assets[folder] == nil ? [] : [folder]) + roots[index(of: folder + "/")..<index(of: folder + "0")]
    }

    // MARK: Folders

    private mutating func noteForeignAt(_ roots: [String]) {
        if roots.contains(where: { assets[$0]!.isForeign }) { met.isForeign = true }
    }

    private func touch(_ root: String, _ touched: inout [Int: Touched]) {
        let entry = assets[root]!
        touched[entry.identity] = Touched(id: entry.id, root: root)
    }

    private mutating func take(_ source: String) -> Deletion {
        let roots = roots(in: source)
        let gone = folders.filter { Self.isAtOrBelow($0, source) }
        folders.subtract(gone)
        return Deletion(
            root: source, assets: Dictionary(uniqueKeysWithValues: roots.map { ($0, remove($0)) }), folders: gone)
    }

    private mutating func put(_ item: Deletion, _ source: String, _ target: String) {
        for (root, entry) in item.assets { add(entry, Self.moved(root, source, target)) }
        folders.formUnion(item.folders.map { Self.moved($0, source, target) })
        folders.formUnion(Self.chain(target))
    }

    private static func moved(_ path: String, _ source: String, _ target: String) -> String {
        target + path.dropFirst(source.count)
    }

    private static func isAtOrBelow(_ path: String, _ folder: String) -> Bool {
        path == folder || path.hasPrefix(folder + "/")
    }

    /// `a/b/c` is `a`, `a/b`, `a/b/c`.
    private static func chain(_ path: String) -> [String] {
        path.split(separator: "/").reduce(into: []) { $0.append(($0.last.map { $0 + "/" } ?? "") + $1) }
    }
}

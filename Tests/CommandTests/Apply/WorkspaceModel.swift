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
    private(set) var folders: Set<String> = []
    private(set) var trash: [Deletion] = []
    private(set) var nextID = 1
    private var nextIdentity = 1_000_000

    /// Assets that the mutations of one transaction made, edited or put back: nobody has looked at their files.
    private var unseen: [Int: Unseen] = [:]
    private enum Unseen { case declared, restored }

    init(unregistered: [String: Entry]) {
        assets = unregistered
        for root in unregistered.keys { folders.formUnion(Self.chain(root)) }
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
            assets[root] = entry
            folders.formUnion(Self.chain(root))
            unseen[entry.identity] = .declared
            touched[entry.identity] = Touched(id: entry.id, root: root)
        case .register(let reference, let isIncluded):
            let root = try resolve(reference)
            if assets[root]!.id != nil { throw Refusal("asset.state") }
            if isCopied(root) { throw Refusal("asset.state") }
            noteForeignAt([root])
            assets[root]!.id = newID()
            assets[root]!.isIncluded = isIncluded
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
            var rest = self
            for root in moving { rest.assets[root] = nil }
            try rest.requireFree(target)
            for root in moving { try rest.requireFree(Self.moved(root, source, target)) }
            noteForeignAt(moving)
            met.isOccupied = met.isOccupied || folders.contains(target)
            let held = take(source)
            put(held, source, target)
            for root in moving { touch(Self.moved(root, source, target), &touched) }
        case .unregister(let reference):
            let root = try registered(reference)
            touch(root, &touched)
            assets[root]!.id = nil
            assets[root]!.isIncluded = false
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
        case .id(let id): if let found = assets.first(where: { $0.value.id == id }) { return found.key }
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
        return assets.contains { $0.key != root && $0.value.identity == identity }
    }

    private func requireName(_ root: String) throws(Refusal) {
        if root.isEmpty || root == "con" || root.hasPrefix(".") { throw Refusal("name.invalid") }
    }

    private func requireValid(_ root: String) throws(Refusal) {
        let entry = assets[root]!
        if unseen[entry.identity] == nil && !entry.isValid { throw Refusal("asset.state") }
    }

    private func requireFree(_ root: String) throws(Refusal) {
        if assets[root] != nil { throw Refusal("root.occupied") }
        if Self.chain(root).dropLast().contains(where: { assets[$0] != nil }) { throw Refusal("root.nested") }
        if !roots(in: root).isEmpty { throw Refusal("root.nested") }
        let folded = root.lowercased()
        if folders.contains(where: { $0.lowercased() == folded && assets[$0] != nil }) {
            throw Refusal("name.collision")
        }
    }

    // MARK: Folders

    private mutating func noteForeignAt(_ roots: [String]) {
        if roots.contains(where: { assets[$0]!.isForeign }) { met.isForeign = true }
    }

    private func touch(_ root: String, _ touched: inout [Int: Touched]) {
        let entry = assets[root]!
        touched[entry.identity] = Touched(id: entry.id, root: root)
    }

    private func roots(in folder: String) -> [String] {
        let prefix = folder + "/"
        return assets.keys.filter { $0 == folder || $0.hasPrefix(prefix) }
    }

    private mutating func take(_ source: String) -> Deletion {
        let roots = roots(in: source)
        let gone = folders.filter { Self.isAtOrBelow($0, source) }
        let item = Deletion(
            root: source, assets: Dictionary(uniqueKeysWithValues: roots.map { ($0, assets[$0]!) }), folders: gone)
        for root in roots { assets[root] = nil }
        folders.subtract(gone)
        return item
    }

    private mutating func put(_ item: Deletion, _ source: String, _ target: String) {
        for (root, entry) in item.assets { assets[Self.moved(root, source, target)] = entry }
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

import LinuxFiles

/// Which steps of a group build on each other: one of the two moves a folder, and a path of the one is a path of the
/// other, or lies in it. Pure.
///
/// A step is done on a disk that flushed what it builds on, and what it builds on is taken back on a disk that has
/// flushed that it was taken back itself. So whoever finds a step done knows that everything it builds on is.
struct StepOrder {
    /// For each step the earlier ones that it builds on.
    private(set) var needs: [[Int]]
    /// For each step the later ones that build on it.
    private(set) var neededBy: [[Int]]

    init(_ steps: [RecordStep]) {
        needs = Array(repeating: [], count: steps.count)
        neededBy = needs
        guard steps.contains(where: \.isMove) else { return }
        var ends: [BytePath: [Int]] = [:]
        var above: [BytePath: [Int]] = [:]
        for (index, step) in steps.enumerated() {
            let paths = step.isMove ? [step.place, step.other] : [step.place]
            var found = Set<Int>()
            for path in paths {
                found.formUnion(above[path, default: []])
                for folder in Self.upwards(from: path) { found.formUnion(ends[folder, default: []]) }
            }
            needs[index] = found.filter { step.isMove || steps[$0].isMove }.sorted()
            for earlier in needs[index] { neededBy[earlier].append(index) }
            for path in paths {
                ends[path, default: []].append(index)
                for folder in Self.upwards(from: path).dropFirst() { above[folder, default: []].append(index) }
            }
        }
    }

    /// A path and every folder above it but the root.
    private static func upwards(from path: BytePath) -> [BytePath] {
        var found: [BytePath] = []
        var next = path
        while !next.isRoot {
            found.append(next)
            next = next.parent
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
    /// The step that made the folder which stands at a path when the steps before `index` are done.
    func maker(of path: BytePath, before index: Int) -> Int? {
        var path = path
        for number in indices[..<index].reversed() {
            if self[number].isMove {
                if self[number].place.contains(path) {
                    path = path.moved(from: self[number].place, to: self[number].other)
                }
            } else if self[number].kind == .makeFolder && self[number].place == path {
                return number
            }
        }
        return nil
    }

    /// Everywhere that the folder which a step moves stood before it.
    func earlierPlaces(ofFolderMovedBy index: Int) -> [BytePath] {
        var places = [self[index].other]
        for step in self[..<index].reversed() where step.isMove && step.place.contains(places[places.count - 1]) {
            places.append(places[places.count - 1].moved(from: step.place, to: step.other))
        }
        return places
    }

    /// Where a path that the step `index` names stands while some of the steps before it are not done; nil where nothing
    /// can stand yet.
    func whereabouts(of path: BytePath, before index: Int, isDone: [Bool]) -> BytePath? {
        var path = path
        for number in indices[..<index].reversed() where !isDone[number] {
            let step = self[number]
            switch step.kind {
            case .moveFolder:
                if step.place.contains(path) {
                    path = path.moved(from: step.place, to: step.other)
                } else if step.other.contains(path) {
                    return nil
                }
            case .makeFolder:
                if step.place.contains(path) { return nil }
            case .createFile, .replaceFile: break
            }
        }
        return path
    }

    /// Whether a later step moves what this one makes.
    func isMovedOn(_ index: Int, _ order: StepOrder) -> Bool {
        order.neededBy[index].contains { self[$0].isMove && self[$0].other.contains(self[index].place) }
    }
}

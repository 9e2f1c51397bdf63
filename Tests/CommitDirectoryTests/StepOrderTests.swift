import LinuxFiles
import Testing

@testable import CommitDirectory

@Suite("What steps build on")
struct StepOrderTests {
    /// As it is defined, for each pair.
    private static func buildsOn(_ later: RecordStep, _ earlier: RecordStep) -> Bool {
        func paths(_ step: RecordStep) -> [BytePath] { step.isMove ? [step.place, step.other] : [step.place] }
        guard later.isMove || earlier.isMove else { return false }
        return paths(later).contains { path in paths(earlier).contains { $0.contains(path) || path.contains($0) } }
    }

    /// Everything that comes before a step because of what is listed for it.
    private static func closure(_ needs: [[Int]]) -> [Set<Int>] {
        var found: [Set<Int>] = []
        for direct in needs { found.append(direct.reduce(into: Set(direct)) { $0.formUnion(found[$1]) }) }
        return found
    }

    private static func defined(_ steps: [RecordStep]) -> [[Int]] {
        steps.indices.map { later in (0..<later).filter { buildsOn(steps[later], steps[$0]) } }
    }

    /// Where a path stands while earlier steps are not done, told backwards.
    private static func whereabouts(of path: BytePath, before index: Int, _ steps: [RecordStep], _ isDone: [Bool])
        -> BytePath?
    {
        var path = path
        for number in (0..<index).reversed() where !isDone[number] {
            let step = steps[number]
            if step.isMove && step.place.contains(path) {
                path = path.moved(from: step.place, to: step.other)
            } else if step.isMove ? step.other.contains(path) : step.kind == .makeFolder && step.place.contains(path) {
                return nil
            }
        }
        return path
    }

    /// A group that could be committed: folders are made and moved to where nothing stands, then files come.
    private static func group(_ count: Int, _ random: inout SplitMix) -> [RecordStep] {
        var folders: Set<BytePath> = ["a", "a/b", "a/b/c", "d", "d/e", "f"]
        let names: [BytePath] = ["a", "b", "c", "d", "x", "y"]
        var steps: [RecordStep] = []
        while steps.count < count {
            let parent = Bool.random(using: &random) ? .root : folders.sorted().randomElement(using: &random) ?? .root
            let place = parent.appending(names.randomElement(using: &random)!)
            let from = folders.sorted().randomElement(using: &random)!
            guard !folders.contains(place), !from.contains(place) else { continue }
            if Int.random(in: 0..<3, using: &random) == 0 {
                steps.append(RecordStep(kind: .makeFolder, place: place, other: "slot", inode: 1))
                folders.insert(place)
            } else {
                steps.append(RecordStep(kind: .moveFolder, place: place, other: from, inode: 1))
                folders = Set(folders.map { from.contains($0) ? $0.moved(from: from, to: place) : $0 })
            }
        }
        for (number, folder) in folders.sorted().enumerated() {
            let place = folder.appending(BytePath("file\(number)"))
            steps.append(RecordStep(kind: .createFile, place: place, other: "slot", inode: 1))
        }
        return steps
    }

    @Test("comes before it, and nothing else does, in any group that can be committed")
    func groups() {
        var random = SplitMix(state: 7)
        for round in 0..<600 {
            let steps = Self.group(1 + round % 12, &random)
            let order = StepOrder(steps)
            let wanted = steps.contains(where: \.isMove) ? Self.defined(steps) : steps.map { _ in [] }
            #expect(Self.closure(order.needs) == Self.closure(wanted), "\(steps.map { ($0.kind, $0.place, $0.other) })")
            for (index, needs) in order.needs.enumerated() {
                #expect(needs.allSatisfy { order.neededBy[$0].contains(index) && $0 < index })
                if steps[index].kind == .makeFolder {
                    let movers = steps.movers(ofMadeBy: index)
                    #expect(steps.isMovedOn(index, order) || movers.isEmpty)
                }
            }
            var isDone = steps.map { _ in Bool.random(using: &random) }
            // What builds on a step that is not done is not done.
            for (index, needs) in wanted.enumerated() where needs.contains(where: { !isDone[$0] }) {
                isDone[index] = false
            }
            var undone = UndoneSteps()
            for (index, step) in steps.enumerated() {
                for path in step.isMove ? [step.place, step.other] : [step.place] {
                    #expect(
                        undone.whereabouts(of: path) == Self.whereabouts(of: path, before: index, steps, isDone),
                        "\(path) before \(index) of \(steps.map { ($0.kind, $0.place, $0.other) }), done: \(isDone)")
                }
                if !isDone[index] { undone.skip(step) }
            }
        }
    }

    @Test("comes before it in any record at all, also one that nobody could commit")
    func forged() {
        var random = SplitMix(state: 8)
        let names: [BytePath] = ["a", "a/b", "a/b/c", "b", "b/a", "c", "a/c"]
        for _ in 0..<2000 {
            let steps = (0..<Int.random(in: 1...14, using: &random)).map { _ in
                let kinds: [RecordStep.Kind] = [.makeFolder, .moveFolder, .createFile, .replaceFile]
                return RecordStep(
                    kind: kinds.randomElement(using: &random)!, place: names.randomElement(using: &random)!,
                    other: names.randomElement(using: &random)!, inode: 1)
            }
            guard steps.contains(where: \.isMove) else { continue }
            let found = Self.closure(StepOrder(steps).needs)
            for (index, wanted) in Self.closure(Self.defined(steps)).enumerated() {
                #expect(found[index].isSuperset(of: wanted), "\(steps.map { ($0.kind, $0.place, $0.other) })")
            }
        }
    }

    /// Records that are made to cost as much as they can.
    enum Forgery: String, CaseIterable, Sendable {
        case toAndFro, manyInOne, aboveMany, sameFolder, files, deep

        func steps(_ count: Int) -> [RecordStep] {
            func move(_ from: String, _ to: String) -> RecordStep {
                RecordStep(kind: .moveFolder, place: BytePath(to), other: BytePath(from), inode: 1)
            }
            func make(_ place: String, _ kind: RecordStep.Kind = .makeFolder) -> RecordStep {
                RecordStep(kind: kind, place: BytePath(place), other: "slot", inode: 1)
            }
            let half = count / 2
            return switch self {
            case .toAndFro: (0..<count).map { $0 % 2 == 0 ? move("a", "b") : move("b", "a") }
            case .manyInOne: [move("a", "b")] + (1..<count).map { move("b/\($0)", "c\($0)") }
            case .aboveMany: (0..<half).map { move("x\($0)", "a/\($0)") } + (0..<half).map { _ in make("a") }
            case .sameFolder: (0..<half).map { _ in make("a") } + (0..<half).map { move("x\($0)", "a/\($0)") }
            case .files:
                (0..<half).map { move("a/\($0)", "b/\($0)") } + (0..<half).map { make("b/\($0)/f", .createFile) }
            case .deep:
                (0..<count).map { number in
                    let path = (0..<20).map { "\((number >> ($0 / 2)) % 3)" }.joined(separator: "/")
                    return number % 3 == 0 ? make(path) : move(path, path + "/\(number)")
                }
            }
        }
    }

    @Test(
        "costs in proportion to the record, however it is forged", .timeLimit(.minutes(2)), arguments: Forgery.allCases)
    func growth(_ forgery: Forgery) {
        let some = forgery.steps(8_000)
        let length = some.reduce(0) { $0 + $1.place.components.count + ($1.isMove ? $1.other.components.count : 0) }
        let listed = StepOrder(some).needs.reduce(0) { $0 + $1.count }
        #expect(listed <= 2 * length, "\(listed) for \(length) names")
        // In proportion to the square it would take hours.
        let steps = forgery.steps(30_000)
        let order = StepOrder(steps)
        let nothing = steps.map { _ in RecoveryPlan.Sight(place: .absent, other: .absent) }
        let (_, isDone) = steps.standings(order, nothing)
        var undone = UndoneSteps()
        for (index, step) in steps.enumerated() {
            _ = undone.whereabouts(of: step.place)
            if !isDone[index] { undone.skip(step) }
        }
        var record = CommitRecord(session: MountSession(bootID: "boot", mount: 1), operations: [], steps: steps)
        for index in stride(from: 0, to: steps.count, by: 10_000) { record.restage(index, slot: "slot", inode: 2) }
    }
}

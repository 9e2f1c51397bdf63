import CommitDirectory
import Glibc
import LinuxFiles

/// Runs a workload on the modelled disk, cuts the power (or kills the process) before every single call, lets
/// recovery run on what may have survived, cuts that, too, and checks every tree that comes out.
struct Exploration {
    /// States that were explored already: what survived, and where the recoveries before it were cut. Explorations of
    /// one workload share them, so that none is counted twice.
    typealias States = Guarded<Set<Int>>

    enum Crash: Sendable, Equatable, CustomStringConvertible {
        /// The process is gone, the kernel's cache is not.
        case kill
        /// As a kill, and the project is opened through another mount of the same filesystem.
        case killElsewhere
        case cut(ModelDisk.Variant)
        /// The disk was pulled out and put back: it lost what a power cut would have cost it, within one boot.
        case pulled(ModelDisk.Variant)

        var description: String {
            switch self {
            case .kill: "after a kill"
            case .killElsewhere: "after a kill, through another mount"
            case .cut(let variant): "on the \(variant) disk"
            case .pulled(let variant): "on the \(variant) disk within one boot"
            }
        }

        var variant: ModelDisk.Variant {
            switch self {
            case .kill, .killElsewhere: .ordered
            case .cut(let variant), .pulled(let variant): variant
            }
        }

        /// Each time another boot, or another mount: the one that stays the same must not be taken for a proof.
        func boot(_ depth: Int) -> String { if case .cut = self { "boot \(depth)" } else { "boot" } }

        func mount(_ depth: Int, after mount: UInt64?) -> UInt64? {
            switch self {
            case .kill, .cut: mount
            case .killElsewhere, .pulled: UInt64(100 + depth)
            }
        }
    }

    struct Limits {
        /// Recoveries that are run.
        var recoveries = 20_000
        /// How many crashes may follow each other during recovery.
        var depth = 2
        /// Of the crashes during one recovery, so many are followed, and always the one after it.
        var nestedEach = 6
        var stopsAtFirst = false
    }

    private struct Moment {
        var state: ModelState
        var stage: Int
        var point: FaultPoint
    }

    /// Where a crash happened, and what may be seen after it.
    private struct Crashed {
        var state: ModelState
        var valid: [Tree]
        var path: [String]
        /// Tells equal images of different pasts apart.
        var parent: Int
        /// What was being done when the first crash came.
        var operation: OperationKey?
    }

    private typealias Tree = [BytePath: [UInt8]?]

    let workload: Workload
    let crash: Crash
    var limits = Limits()
    var flushesLastFirst = false
    /// What a deliberately broken build does differently.
    var mutation: @Sendable (DiskCall) -> HookAction = { _ in .proceed }
    var random: SplitMix

    private let states: States
    /// Each of another state.
    private(set) var recoveries = 0
    private(set) var violations: [String] = []
    /// The crashes during the recoveries of this level.
    private var next: [Crashed] = []

    init(_ workload: Workload, _ crash: Crash, seed: UInt64, states: States = States([])) {
        self.workload = workload
        self.crash = crash
        self.states = states
        random = SplitMix(state: seed)
    }

    private var isDone: Bool {
        violations.count >= 5 || (limits.stopsAtFirst && !violations.isEmpty)
    }

    mutating func run() throws {
        let (moments, trees) = try record()
        var level = moments.enumerated().map { index, moment in
            Crashed(
                state: moment.state,
                valid: [trees[moment.stage], trees[min(moment.stage + 1, trees.count - 1)]],
                path: ["\(index) \(moment.point)"],
                parent: moment.stage,
                operation: Bench.key(UInt64(moment.stage))
            )
        }
        for depth in 1...limits.depth {
            let goal = limits.recoveries * depth / limits.depth
            next = []
            level.shuffle(using: &random)
            for crashed in level where recoveries < goal && !isDone {
                for image in images(of: crashed.state) where recoveries < goal && !isDone {
                    check(image, after: crashed, depth: depth)
                }
            }
            level = next
        }
    }

    // MARK: The run without a crash

    private func record() throws -> (moments: [Moment], trees: [Tree]) {
        let model = ModelDisk(ModelState(), crash.variant)
        let bench = Bench(disk: model, tree: model.top)
        try workload.prepare(bench)
        let settled = ModelDisk(model.state.settled(), crash.variant)
        let recorder = Recorder(settled)
        let (mutation, top) = (mutation, settled.top)
        let hooked = HookedDisk(settled, flushesLastFirst: flushesLastFirst) { call in
            recorder.note(call)
            return mutation(call)
        }
        let quiet = Bench(disk: settled, tree: top)
        var trees = [Self.tree(settled.state)]
        let (directory, _) = try quiet.open(through: hooked, seed: 0)
        try workload.run(quiet, directory) { _, _ in
            trees.append(Self.tree(settled.state))
            recorder.nextStage()
        }
        return (recorder.moments, trees)
    }

    private final class Recorder: Sendable {
        private let model: ModelDisk
        private let noted = Guarded<(moments: [Moment], stage: Int)>(([], 0))

        init(_ model: ModelDisk) { self.model = model }

        /// Only where something was changed since the last time: calls that look leave the same images.
        func note(_ call: DiskCall) {
            let state = model.state
            noted.withLock { noted in
                if let last = noted.moments.last, last.stage == noted.stage, last.state.version == state.version {
                    return
                }
                noted.moments.append(Moment(state: state, stage: noted.stage, point: call.point))
            }
        }

        /// What was acknowledged stands from here on.
        func nextStage() {
            let state = model.state
            noted.withLock { noted in
                noted.stage += 1
                noted.moments.append(Moment(state: state, stage: noted.stage, point: FaultPoint("acknowledged")))
            }
        }

        var moments: [Moment] { noted.withLock { $0.moments } }
    }

    private static func tree(_ state: ModelState) -> Tree {
        state.tree().filter { !Bench.control.contains($0.key) }
    }

    // MARK: What survives

    private mutating func images(of state: ModelState) -> [ModelState] {
        var found: [ModelState] = []
        func add(_ image: ModelState) { found.append(image) }
        switch crash {
        case .kill, .killElsewhere: add(state.afterKill())
        case .cut(.ordered), .pulled(.ordered):
            for length in 0...state.pending.count {
                add(state.afterCut(keeping: { $0 < length }, data: { old, _ in old }))
                add(state.afterCut(keeping: { $0 < length }, data: { _, new in new }))
                add(cut(state) { $0 < length })
            }
        case .cut(.weak), .pulled(.weak):
            for _ in 0..<min(1 << state.pending.count, 6) {
                let kept = UInt64.random(in: .min ... .max, using: &random)
                add(cut(state) { kept >> UInt64($0 % 64) & 1 == 1 })
            }
            add(state.afterCut(keeping: { _ in true }, data: { old, _ in old }))
            add(state.afterCut(keeping: { _ in false }, data: { _, new in new }))
        }
        return found
    }

    private mutating func cut(_ state: ModelState, keeping: (Int) -> Bool) -> ModelState {
        var random = random
        defer { self.random = random }
        return state.afterCut(keeping: keeping) { old, new in Self.torn(old, new, &random) }
    }

    /// Some sectors of the new bytes, and perhaps not even the new size.
    private static func torn(_ old: [UInt8], _ new: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var mixed = new
        let sector = 512
        mixed.withUnsafeMutableBytes { mixed in
            old.withUnsafeBytes { old in
                for start in stride(from: 0, to: new.count, by: sector) where Bool.random(using: &random) {
                    let part = UnsafeMutableRawBufferPointer(rebasing: mixed[start..<min(start + sector, new.count)])
                    memset(part.baseAddress!, 0, part.count)
                    guard start < old.count else { continue }
                    part.copyMemory(from: UnsafeRawBufferPointer(rebasing: old[start...].prefix(part.count)))
                }
            }
        }
        return new.count > old.count && Bool.random(using: &random) ? Array(mixed.prefix(old.count)) : mixed
    }

    // MARK: Recovery

    private mutating func check(_ image: ModelState, after crashed: Crashed, depth: Int) {
        let path = crashed.path
        let fingerprint = image.fingerprint
        var key = Hasher()
        key.combine(crashed.parent)
        key.combine(fingerprint)
        key.combine(depth)
        let state = key.finalize()
        guard states.withLock({ $0.insert(state).inserted }) else { return }
        recoveries += 1

        var image = image
        image.mount = crash.mount(depth, after: image.mount)
        let model = ModelDisk(image, crash.variant)
        let recorder = Recorder(model)
        let mutation = mutation
        let follows = depth < limits.depth
        let hooked = HookedDisk(model, flushesLastFirst: flushesLastFirst) { call in
            if follows { recorder.note(call) }
            return mutation(call)
        }
        let bench = Bench(disk: model, tree: model.top)
        let result: Tree
        do {
            let (_, recovery) = try bench.open(through: hooked, boot: crash.boot(depth), seed: UInt32(depth))
            result = Self.tree(model.state)
            if !crashed.valid.contains(where: { $0 == result }) {
                fail("a tree that is neither before nor after", result, path)
            }
            if let operation = crashed.operation, result != crashed.valid[0], !recovery.completed.contains(operation) {
                fail("an interrupted operation was completed and not reported", result, path)
            }
            if !bench.slots.isEmpty { fail("slots are left: \(bench.slots)", result, path) }
            if !workload.meetsForeign && (!bench.conflicts.isEmpty || !recovery.kept.isEmpty) {
                fail("something was kept without a conflict: \(recovery.kept)", result, path)
            }
            if recoveries % 16 == 0 { try goOn(from: model.state, result, path) }
        } catch {
            fail("no opening: \(error)", Self.tree(model.state), path)
            return
        }
        guard follows else { return }
        let moments = Array(recorder.moments.enumerated())
        for (index, moment) in moments.shuffled(using: &random).prefix(limits.nestedEach) {
            next.append(
                Crashed(
                    state: moment.state,
                    valid: crashed.valid,
                    path: path + ["\(index) \(moment.point)"],
                    parent: fingerprint &+ index
                )
            )
        }
        // What recovery has settled stays.
        next.append(
            Crashed(state: model.state, valid: [result], path: path + ["after recovery"], parent: fingerprint &- 1)
        )
    }

    /// What was recovered can be worked with.
    private mutating func goOn(from state: ModelState, _ tree: Tree, _ path: [String]) throws {
        let model = ModelDisk(state.afterKill(), crash.variant)
        let bench = Bench(disk: model, tree: model.top)
        let (directory, recovery) = try bench.open()
        if !recovery.isEmpty { fail("recovered twice: \(recovery)", tree, path) }
        try directory.commit(99, .create("afterwards", "x"))
        try directory.close()
        if Self.tree(model.state) != tree.merging(["afterwards": [UInt8(ascii: "x")]], uniquingKeysWith: { $1 }) {
            fail("another tree after the next commit", tree, path)
        }
    }

    private mutating func fail(_ what: String, _ tree: Tree, _ path: [String]) {
        let shown = tree.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.map { $0.count } ?? -1)" }
        violations.append("\(what); tree \(shown.joined(separator: " ")); cut at \(path.joined(separator: " > "))")
    }
}

struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

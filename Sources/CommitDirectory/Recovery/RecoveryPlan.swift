import LinuxFiles

/// Decides, from the journal and from what stands on disk, what becomes of every interrupted group. Pure.
struct RecoveryPlan: Equatable {
    var commits: [PlannedCommit]

    struct PlannedCommit: Equatable {
        var commit: UnretiredCommit
        var states: [StepState]
        var sights: [Sight]
        var fate: Fate
    }

    enum Fate: Equatable {
        case complete
        /// It has an abort record already: nobody was told that it succeeded.
        case finishAbort
        /// A foreign file stands in its way: it is taken back whole, and its contents are kept.
        case giveWay
    }

    enum StepState: Equatable {
        case pending
        case done
        /// The swap displaced a foreign file, which now lies in the slot.
        case doneOverForeign
        /// Something foreign stands where the step would have to go.
        case blocked
    }

    /// The two names of a step, as they were seen.
    struct Sight: Equatable {
        var place: Observed
        var other: Observed
        /// The slot holds the base, with another mode or owner than was copied.
        var isBaseChanged = false
        /// What the other steps of its group tell.
        var standing = Standing.bySight
    }

    /// - Parameters:
    ///   - sights: for each commit, for each step.
    ///   - session: of now. Within one session the kernel forgets no name, so that an empty slot means "swapped", and
    ///     a group with a later one behind it was swapped and verified whole.
    init(_ commits: [UnretiredCommit], sights: [[Sight]], session: MountSession) {
        let history = PathHistory(commits)
        self.commits = []
        var yielded = Set<BytePath>()
        for (index, (commit, sights)) in zip(commits, sights).enumerated() {
            let isSameSession = session.isSame(as: commit.record.session)
            // A replacement's slot holds the new file or the old one. Where one is empty someone emptied the shadow
            // folder, and a slot that is not there tells nothing.
            let isEmptied = zip(commit.record.steps, sights).contains { step, sight in
                step.kind == .replaceFile && sight.other == .absent
            }
            let hasForgottenNothing = isSameSession && !isEmptied
            let wasVerified = index + 1 < commits.count
            let states = zip(commit.record.steps, sights).map { step, sight in
                if commit.isRecovered || isSameSession && wasVerified { return StepState.done }
                let before = history.before(commit.sequence, step, onlyOwn: hasForgottenNothing)
                switch sight.standing {
                case .done: return .done
                case .waiting: return Self.state(ofWaiting: step, sight, before: before)
                case .bySight, .movedOn:
                    let state = Self.state(
                        of: step,
                        sight,
                        before: before,
                        later: history.later(commit.sequence, step),
                        hasForgottenNothing: hasForgottenNothing,
                        wasVerified: wasVerified
                    )
                    // Only the kernel that has forgotten nothing shows the mode that was copied, where nobody changed it.
                    return state == .done && sight.isBaseChanged && isSameSession ? .doneOverForeign : state
                }
            }
            let places = commit.record.steps.map(\.place)
            let isForeign = states.contains { $0 == .blocked || $0 == .doneOverForeign }
            // What was built on a group that gives way gives way with it.
            let standsOnYielded = places.contains { place in yielded.contains { $0.contains(place) } }
            var fate = Fate.complete
            if commit.isAborted {
                fate = .finishAbort
            } else if isForeign || standsOnYielded {
                fate = .giveWay
                yielded.formUnion(places)
            }
            self.commits.append(PlannedCommit(commit: commit, states: states, sights: sights, fate: fate))
        }
    }

    /// - Parameters:
    ///   - before: what may stand at a file's place while the step has not been done.
    ///   - later: what groups after this one put there.
    static func state(
        of step: RecordStep,
        _ sight: Sight,
        before: [Observed],
        later: [Observed],
        hasForgottenNothing: Bool,
        wasVerified: Bool
    ) -> StepState {
        switch step.kind {
        case .makeFolder, .moveFolder: return state(ofFolder: step, sight)
        case .createFile, .replaceFile:
            let own = Observed.file(step.identity)
            let isDisplaced = sight.other != .absent && before.contains(sight.other)
            if sight.place == own || later.contains(sight.place) {
                if isDisplaced || sight.other == own || sight.other == .absent { return .done }
                // It was the base when the swap was verified, and someone wrote to it afterwards.
                if wasVerified, let seen = sight.other.fileInode, seen == step.base?.inode { return .done }
                return .doneOverForeign
            }
            // Gone, or replaced by someone, after the swap.
            let isSurelySwapped = sight.other == .absent && hasForgottenNothing
            if before.contains(sight.place) {
                if sight.place == .absent && (isDisplaced || isSurelySwapped) { return .done }
                return canComplete(step, sight, isSuperseded: !later.isEmpty) ? .pending : .blocked
            }
            return isDisplaced || isSurelySwapped ? .done : .blocked
        }
    }

    /// A step between names of folders: both ends tell everything.
    static func state(ofFolder step: RecordStep, _ sight: Sight) -> StepState {
        switch (step.kind, sight.place) {
        case (_, .folder(step.inode)): return .done
        // Whatever folder stands there now serves, unless it is one that has to be moved on.
        case (.makeFolder, .folder) where sight.standing != .movedOn: return .done
        // Somebody has removed the folder, or moved it on.
        case (.moveFolder, _) where sight.other != .folder(step.inode): return .done
        case (_, .absent): return .pending
        default: return .blocked
        }
    }

    /// A step that builds on one that is not done is not done itself, and was looked at where its file or folder waits.
    private static func state(ofWaiting step: RecordStep, _ sight: Sight, before: [Observed]) -> StepState {
        switch step.kind {
        case .makeFolder: return sight.place == .absent ? .pending : .blocked
        case .moveFolder:
            guard sight.other == .folder(step.inode) else { return .done }
            return sight.place == .absent ? .pending : .blocked
        case .createFile, .replaceFile:
            return before.contains(sight.place) && canComplete(step, sight, isSuperseded: false) ? .pending : .blocked
        }
    }

    /// A large content lies in its slot alone, and whoever emptied the shadow folder took it away.
    private static func canComplete(_ step: RecordStep, _ sight: Sight, isSuperseded: Bool) -> Bool {
        if step.contents != .inSlot || isSuperseded { return true }
        if case .file(let seen) = sight.other { return seen.digest == step.digest }
        return false
    }
}

/// What the journal knows of each path: who put what there.
struct PathHistory {
    private var contents: [BytePath: [(sequence: UInt64, seen: Observed)]] = [:]

    init(_ commits: [UnretiredCommit]) {
        for commit in commits {
            for step in commit.record.steps where step.kind == .createFile || step.kind == .replaceFile {
                if contents[step.place] == nil { contents[step.place] = [(0, Self.start(of: step))] }
                contents[step.place]?.append((commit.sequence, .file(step.identity)))
            }
        }
    }

    /// What may stand at a step's place before it is done: after a power cut anything that any earlier group met.
    func before(_ sequence: UInt64, _ step: RecordStep, onlyOwn: Bool) -> [Observed] {
        let earlier = onlyOwn ? [] : contents[step.place, default: []].filter { $0.sequence < sequence }.map(\.seen)
        return [Self.start(of: step)] + earlier
    }

    func later(_ sequence: UInt64, _ step: RecordStep) -> [Observed] {
        contents[step.place, default: []].filter { $0.sequence > sequence }.map(\.seen)
    }

    /// Every file that a group put at a path or displaced there.
    func files(at place: BytePath) -> [FileIdentity] {
        contents[place, default: []].compactMap { if case .file(let seen) = $0.seen { seen } else { nil } }
    }

    private static func start(of step: RecordStep) -> Observed { step.base.map(Observed.file) ?? .absent }
}

/// A commit record that no checkpoint has retired, or none that is durable.
struct UnretiredCommit: Equatable {
    var sequence: UInt64
    var record: CommitRecord
    var isAborted: Bool
    /// An earlier recovery has completed it or taken it back.
    var isRecovered = false

    /// From a lap's records, in order, with slots that an earlier recovery staged anew.
    /// - Returns: the retired ones apart: a crash may have left their displaced files.
    static func list(_ records: [Record]) -> (open: [UnretiredCommit], retired: [UnretiredCommit]) {
        var commits: [UnretiredCommit] = []
        var retired: [UnretiredCommit] = []
        for record in records {
            switch record.body {
            case .commit(let commit):
                commits.append(UnretiredCommit(sequence: record.sequence, record: commit, isAborted: false))
            case .abort(let target):
                for index in commits.indices where commits[index].sequence == target { commits[index].isAborted = true }
            case .retire(let through):
                retired += commits.filter { $0.sequence <= through }
                commits.removeAll { $0.sequence <= through }
            case .recovered(let through):
                for index in commits.indices where commits[index].sequence <= through {
                    commits[index].isRecovered = true
                }
            case .restage(let target, let step, let slot, let inode):
                for index in commits.indices where commits[index].sequence == target {
                    commits[index].record.restage(Int(step), slot: slot, inode: inode)
                }
            }
        }
        return (commits, retired)
    }
}

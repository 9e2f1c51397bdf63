import LinuxFiles

/// Decides, from the journal and from what stands on disk, what becomes of every interrupted group. Pure.
struct RecoveryPlan: Equatable {
    var commits: [PlannedCommit]

    struct PlannedCommit: Equatable {
        var commit: UnretiredCommit
        var states: [StepState]
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
    }

    /// - Parameters:
    ///   - sights: for each commit, for each step.
    ///   - bootID: of now. Within one boot the kernel forgets no name, so that an empty slot means "swapped".
    init(_ commits: [UnretiredCommit], sights: [[Sight]], bootID: String) {
        // What we put at a place, by the record that put it there, and what stood there before all of them.
        var contents: [BytePath: [(sequence: UInt64, identity: FileIdentity)]] = [:]
        for commit in commits {
            for step in commit.record.steps {
                if let base = step.base, contents[step.place] == nil { contents[step.place] = [(0, base)] }
                contents[step.place, default: []].append((commit.sequence, step.identity))
            }
        }
        self.commits = []
        var yielded = Set<BytePath>()
        for (commit, sights) in zip(commits, sights) {
            let states = zip(commit.record.steps, sights).map { step, sight in
                let known = contents[step.place] ?? []
                return Self.state(
                    of: step,
                    sight,
                    earlier: known.filter { $0.sequence < commit.sequence }.map(\.identity),
                    later: known.filter { $0.sequence > commit.sequence }.map(\.identity),
                    isSameBoot: commit.record.bootID == bootID
                )
            }
            let places = Set(commit.record.steps.map(\.place))
            let isForeign = states.contains { $0 == .blocked || $0 == .doneOverForeign }
            var fate = Fate.complete
            if commit.isAborted {
                fate = .finishAbort
            } else if isForeign || !places.isDisjoint(with: yielded) {
                // What was built on a group that gives way gives way with it.
                fate = .giveWay
                yielded.formUnion(places)
            }
            self.commits.append(PlannedCommit(commit: commit, states: states, fate: fate))
        }
    }

    static func state(
        of step: RecordStep,
        _ sight: Sight,
        earlier: [FileIdentity],
        later: [FileIdentity],
        isSameBoot: Bool
    ) -> StepState {
        switch step.kind {
        case .makeFolder:
            switch sight.place {
            case .folder: return .done
            case .absent: return .pending
            case .file, .other: return .blocked
            }
        case .moveFolder:
            if sight.place == .folder(step.inode) { return .done }
            guard sight.other == .folder(step.inode) else { return .done }
            return sight.place == .absent ? .pending : .blocked
        case .createFile:
            return fileState(
                step,
                sight,
                isUntouched: sight.place == .absent,
                later: later,
                isSameBoot: isSameBoot
            )
        case .replaceFile:
            if case .file(let displaced) = sight.other, displaced == step.base { return .done }
            let before = earlier + [step.base].compactMap { $0 }
            return fileState(
                step,
                sight,
                isUntouched: before.contains { sight.place == .file($0) },
                later: later,
                isSameBoot: isSameBoot
            )
        }
    }

    private static func fileState(
        _ step: RecordStep,
        _ sight: Sight,
        isUntouched: Bool,
        later: [FileIdentity],
        isSameBoot: Bool
    ) -> StepState {
        let isOurs = sight.place == .file(step.identity) || later.contains { sight.place == .file($0) }
        if sight.other == .absent {
            if isOurs { return .done }
            // What was to be displaced still stands there: whoever emptied the shadow folder, nothing was swapped.
            if isUntouched && sight.place != .absent { return .pending }
            // Swapped, and edited or removed by someone since; or, after a power cut, perhaps neither.
            if isSameBoot { return .done }
            return isUntouched ? .pending : .blocked
        }
        if sight.other == .file(step.identity) { return isOurs ? .done : isUntouched ? .pending : .blocked }
        // Neither ours nor what we meant to displace: it was displaced unseen.
        return isOurs ? .doneOverForeign : .blocked
    }
}

/// A commit record that no checkpoint has retired.
struct UnretiredCommit: Equatable {
    var sequence: UInt64
    var record: CommitRecord
    var isAborted: Bool

    /// From a lap's records, in order, with slots that an earlier recovery staged anew.
    static func list(_ records: [Record]) -> [UnretiredCommit] {
        var commits: [UnretiredCommit] = []
        for record in records {
            switch record.body {
            case .commit(let commit):
                commits.append(UnretiredCommit(sequence: record.sequence, record: commit, isAborted: false))
            case .abort(let target):
                for index in commits.indices where commits[index].sequence == target { commits[index].isAborted = true }
            case .retire(let through):
                commits.removeAll { $0.sequence <= through }
            case .restage(let target, let step, let slot, let inode):
                for index in commits.indices where commits[index].sequence == target {
                    guard commits[index].record.steps.indices.contains(Int(step)) else { continue }
                    commits[index].record.steps[Int(step)].other = slot
                    commits[index].record.steps[Int(step)].inode = inode
                }
            }
        }
        return commits
    }
}

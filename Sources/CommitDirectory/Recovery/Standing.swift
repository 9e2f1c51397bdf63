import LinuxFiles

/// What the steps of one group tell about each other, beyond what is seen at their names.
enum Standing: Equatable {
    case bySight
    /// A folder that a later step moves: another one at its place does not serve.
    case movedOn
    /// Something that builds on it is done.
    case done
    /// Something that it builds on is not done.
    case waiting
}

extension [RecordStep] {
    /// - Parameter sights: of every step, at the paths that it names.
    func standings(_ order: StepOrder, _ sights: [RecoveryPlan.Sight]) -> (standings: [Standing], isDone: [Bool]) {
        var standings = [Standing](repeating: .bySight, count: count)
        for index in indices.reversed() where standings[index] == .done || proves(sights[index], index, order) {
            for earlier in order.needs[index] { standings[earlier] = .done }
        }
        var isDone = [Bool](repeating: false, count: count)
        for index in indices {
            if standings[index] == .bySight {
                if order.needs[index].contains(where: { !isDone[$0] }) {
                    standings[index] = .waiting
                } else if self[index].kind == .makeFolder && isMovedOn(index, order) {
                    standings[index] = .movedOn
                }
            }
            switch standings[index] {
            case .done: isDone[index] = true
            case .waiting: break
            case .bySight, .movedOn:
                var sight = sights[index]
                sight.standing = standings[index]
                isDone[index] = !self[index].isFile && RecoveryPlan.state(ofFolder: self[index], sight) == .done
            }
        }
        return (standings, isDone)
    }

    /// What the step brings stands at its place, and can stand there for no other reason.
    private func proves(_ sight: RecoveryPlan.Sight, _ index: Int, _ order: StepOrder) -> Bool {
        let step = self[index]
        switch step.kind {
        case .makeFolder: return sight.place == .folder(step.inode)
        case .moveFolder:
            guard sight.place == .folder(step.inode) else { return false }
            return order.needs[index].isEmpty || !earlierPlaces(ofFolderMovedBy: index).contains(step.place)
        case .createFile: return sight.place == .file(step.identity)
        case .replaceFile:
            return sight.place == .file(step.identity) || step.base.map { sight.other == .file($0) } ?? false
        }
    }
}

extension CommitRecord {
    /// Recovery has staged a step anew; a folder is moved on under its new number.
    mutating func restage(_ step: Int, slot: BytePath, inode: UInt64) {
        guard steps.indices.contains(step) else { return }
        let moved = steps.movers(ofMadeBy: step)
        steps[step].other = slot
        steps[step].inode = inode
        for index in moved { steps[index].inode = inode }
    }
}

package import LinuxFiles

/// Reads the journal of a directory that another process writes, without its lock and without disturbing it.
///
/// Any thread may `collect`; one thread polls and adopts.
package final class JournalFollower: Sendable {
    /// A committed group, as the journal tells it.
    package struct Commit: Sendable {
        package var sequence: UInt64
        package var operations: [OperationKey]
        package var changes: [Change]
        /// Whether the writer is done with it: it has written a later record.
        package var isFinished: Bool
    }

    package enum Change: Sendable, Equatable {
        case makeFolder(BytePath)
        case write(BytePath, contents: [UInt8]?, inode: UInt64, size: UInt64, modified: Int64, digest: ContentDigest)
        case moveFolder(from: BytePath, to: BytePath)
    }

    package struct Update: Sendable {
        /// Commits that are new or have been finished since the last call, in order; aborted ones left out.
        package var commits: [Commit] = []
        /// Commits that were told or adopted before, and have been taken back since.
        package var takenBack: [UInt64] = []
        /// How many of the commits stand before records that were overwritten unread; nil where nothing is missing.
        package var gap: Int?
        /// What this tells of the journal.
        package var mark = Mark()

        package init() {}
    }

    /// How far the journal has been told.
    package struct Mark: Sendable {
        package fileprivate(set) var lastSequence: UInt64 = 0
        /// Of the news that concern paths.
        fileprivate var news = 0

        package init() {}
    }

    private let tree: Handle
    private let controlName: BytePath
    private let disk: any Disk
    private let state = Guarded(State())

    fileprivate struct State {
        var trail = JournalTrail()
        /// Kept open: what is removed can still be read to its end, and its number is not given to another file.
        var file: (bytes: JournalBytes, inode: UInt64)?
        /// What was finished before the first look stands on disk already.
        var isFirst = true
        /// The newest commit, until a later record shows that the writer is done with it.
        var open: Commit?
        var update = Update()
        /// What has not been settled yet, by its number; nil paths are all of them.
        var unsettled: [(number: Int, paths: [BytePath]?)] = []
        var newsCount = 0
    }

    /// - Parameters:
    ///   - tree: the folder that holds the control folder.
    ///   - controlName: as for `CommitDirectory.open`; it need not be there yet.
    package init(tree: Handle, controlName: BytePath, disk: any Disk) {
        self.tree = tree
        self.controlName = controlName
        self.disk = disk
    }

    /// Reads what the writer has written since anybody asked last, before it can be overwritten; `poll` tells it.
    package func collect() throws(SystemError) {
        try state.withLock { (state) throws(SystemError) in try collect(&state) }
    }

    /// Whether nothing that concerns these paths waits to be settled.
    ///
    /// A record is written before the first of its effects: whoever looks at a file first and asks this then knows
    /// whether what was seen may be the writer's.
    package func isSettled(_ paths: [BytePath]) throws(SystemError) -> Bool {
        try state.withLock { (state) throws(SystemError) in
            try collect(&state)
            return !state.concerns(paths)
        }
    }

    /// Waits until that is so, or until a time of `MonotonicClock`.
    package func waitUntilSettled(_ paths: [BytePath], until deadline: UInt64) {
        _ = state.wait(until: deadline) { $0.concerns(paths) ? nil : () }
    }

    /// Everything that was told up to the mark has been taken over.
    package func settle(_ mark: Mark) {
        state.signal { state in
            let left = state.unsettled.firstIndex { $0.number > mark.news } ?? state.unsettled.endIndex
            state.unsettled.removeSubrange(..<left)
        }
    }

    /// What the journal says that it did not say at the last call; at the first, every commit that is not retired.
    ///
    /// No journal, or one that is being made, says nothing.
    package func poll() throws(SystemError) -> Update {
        try state.withLock { (state) throws(SystemError) in
            try collect(&state)
            defer { state.update = Update() }
            if let open = state.open { state.update.commits.append(open) }
            state.update.mark = state.mark
            return state.update
        }
    }

    /// The newest commit is taken over before the writer is known to be done with it: it is not told again.
    /// - Returns: false where the writer has taken it back meanwhile.
    package func adopt(_ commit: Commit) -> Bool {
        state.withLock { state in
            if state.open?.sequence == commit.sequence {
                state.open = nil
                return true
            }
            // It may have been finished since it was told.
            return state.forget(commit.sequence)
        }
    }

    private func collect(_ state: inout State) throws(SystemError) {
        // First who stands there, then what the held one says: a writer begins another file after its last record in
        // the one before.
        defer { state.isFirst = false }
        let named = try openOther(than: state.file?.inode)
        if let file = state.file { state.take(try state.trail.readOn(file.bytes)) }
        if let named, let news = try state.trail.turn(to: named.bytes, isFirst: state.isFirst) {
            state.file = named
            state.take(news)
        }
    }

    /// The journal that stands there, if it is another one.
    private func openOther(than inode: UInt64?) throws(SystemError) -> (bytes: JournalBytes, inode: UInt64)? {
        let point = CommitPoint.followRead.fault
        let name = controlName.appending(Journal.name)
        do throws(SystemError) {
            let folder = try disk.openParent(of: name, in: tree, at: point)
            guard let status = try disk.status(of: Journal.name, in: folder, at: point), status.kind == .file,
                status.inode != inode, let handle = try disk.openIfPresent(Journal.name, in: folder, .read, at: point)
            else { return nil }
            let opened = try disk.status(of: handle, at: point)
            guard opened.kind == .file, opened.inode != inode else { return nil }
            return (JournalBytes(handle, disk), opened.inode)
        } catch {
            if error.isAbsent || error.isObstructed { return nil }
            throw error
        }
    }

    fileprivate static func change(_ step: RecordStep) -> Change {
        switch step.kind {
        case .makeFolder: return .makeFolder(step.place)
        case .moveFolder: return .moveFolder(from: step.other, to: step.place)
        case .createFile, .replaceFile:
            var contents: [UInt8]?
            if case .inline(let bytes) = step.contents { contents = bytes }
            return .write(
                step.place, contents: contents, inode: step.inode, size: step.size, modified: step.modified,
                digest: step.digest
            )
        }
    }
}

extension JournalFollower.State {
    fileprivate var mark: JournalFollower.Mark {
        var mark = JournalFollower.Mark()
        mark.lastSequence = trail.mark.lastSequence
        mark.news = newsCount
        return mark
    }

    fileprivate func concerns(_ paths: [BytePath]) -> Bool {
        unsettled.contains { news in
            guard let changed = news.paths else { return true }
            return changed.contains { one in paths.contains { $0.contains(one) || one.contains($0) } }
        }
    }

    private mutating func note(_ paths: [BytePath]?) {
        newsCount += 1
        unsettled.append((newsCount, paths))
    }

    fileprivate mutating func take(_ news: [JournalTrail.News]) {
        for item in news {
            switch item {
            case .record(let record): take(record)
            case .newLap: finishOpen()
            case .gap:
                finishOpen()
                if isFirst { continue }
                update.gap = update.commits.count
                note(nil)
            }
        }
    }

    private mutating func take(_ record: Record) {
        switch record.body {
        case .commit(let commit):
            finishOpen()
            let told = JournalFollower.Commit(
                sequence: record.sequence, operations: commit.operations,
                changes: commit.steps.map(JournalFollower.change), isFinished: false
            )
            open = told
            note(told.concerned)
        case .abort(let target): takeBack(target)
        case .retire(let through):
            if let done = open, done.sequence <= through { finishOpen() }
            if isFirst { update.commits.removeAll { $0.sequence <= through } }
        case .restage, .recovered:
            break
        }
    }

    private mutating func takeBack(_ target: UInt64) {
        if open?.sequence == target {
            open = nil
        } else if !forget(target), !isFirst {
            update.takenBack.append(target)
            note(nil)
        }
    }

    /// - Returns: whether it was still to be told as finished.
    fileprivate mutating func forget(_ sequence: UInt64) -> Bool {
        guard let index = update.commits.firstIndex(where: { $0.sequence == sequence }) else { return false }
        update.commits.remove(at: index)
        if let gap = update.gap, index < gap { update.gap = gap - 1 }
        return true
    }

    private mutating func finishOpen() {
        guard var done = open else { return }
        done.isFinished = true
        update.commits.append(done)
        open = nil
    }
}

extension JournalFollower.Commit {
    /// Every path that it touches.
    package var paths: [BytePath] {
        changes.flatMap { change in
            switch change {
            case .makeFolder(let path), .write(let path, _, _, _, _, _): [path]
            case .moveFolder(let from, let to): [from, to]
            }
        }
    }

    /// Where it may change what is expected: a file may tell of those beside it.
    fileprivate var concerned: [BytePath] {
        changes.flatMap { change in
            switch change {
            case .makeFolder(let path): [path]
            case .write(let path, _, _, _, _, _): [path.parent]
            case .moveFolder(let from, let to): [from, to]
            }
        }
    }

    /// The files whose whole content it tells.
    package var writtenPaths: [BytePath] {
        changes.compactMap { if case .write(let path, _, _, _, _, _) = $0 { path } else { nil } }
    }
}

package import LinuxFiles

/// Reads the journal of a directory that another process writes, without its lock and without disturbing it.
///
/// Not thread-safe: one thread uses it.
package final class JournalFollower {
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
        /// Records were overwritten before they were read: what happened in between is not known.
        package var hasGap = false

        package init() {}
    }

    private let control: Handle
    private let disk: any Disk
    /// How far the journal has been read.
    package struct Mark: Sendable, Equatable {
        var epoch: UInt64 = 0
        var position = Int(JournalHeader.length)
        var lastSequence: UInt64 = 0

        package init() {}
    }

    package private(set) var mark = Mark()
    private var isFirst = true
    /// The newest commit, until a later record shows that the writer is done with it.
    private var open: Commit?

    package init(control: Handle, disk: any Disk) {
        self.control = control
        self.disk = disk
    }

    /// What the journal says that it did not say at the last call; at the first, every commit that is not retired.
    ///
    /// No journal, or one that is being made, says nothing.
    package func poll() throws(SystemError) -> Update {
        var update = Update()
        guard let file = try disk.openIfPresent(Journal.name, in: control, .read, at: CommitPoint.followRead.fault),
            try disk.status(of: file, at: CommitPoint.followRead.fault).size <= Journal.maximumCapacity,
            let bytes = try disk.readAll(file, sizeHint: 1 << 20, at: CommitPoint.followRead.fault),
            case .header(let header) = JournalHeader.read(bytes)
        else { return update }
        if header.epoch != mark.epoch {
            // A clean lap change leaves nothing unread behind: its base is the last sequence that we know.
            update.hasGap = !isFirst && header.base != mark.lastSequence
            if let open { update.commits.append(open.finished()) }
            open = nil
            mark = Mark()
            mark.epoch = header.epoch
            mark.lastSequence = header.base
        }
        let scan = JournalScan.records(
            in: bytes, epoch: mark.epoch, from: mark.position, expecting: mark.lastSequence + 1)
        mark.position = scan.end
        take(scan.records, into: &update)
        isFirst = false
        return update
    }

    /// Whether the journal holds anything behind a mark. A record is written before the first of its effects, so that
    /// whoever looks at a file first and asks this then knows whether the writer may have written it.
    package static func hasNews(behind mark: Mark, control: Handle, disk: any Disk) throws(SystemError) -> Bool {
        let point = CommitPoint.followRead.fault
        guard let file = try disk.openIfPresent(Journal.name, in: control, .read, at: point) else { return false }
        func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
            var failure: SystemError?
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                do throws(SystemError) {
                    filled = try disk.read(
                        file, into: UnsafeMutableRawBufferPointer(buffer), from: UInt64(offset), at: point
                    )
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            return bytes
        }
        guard case .header(let header) = JournalHeader.read(try read(2 * JournalHeader.copyLength, at: 0)) else {
            return false
        }
        if header.epoch != mark.epoch { return true }
        var next = ByteReader(try read(Record.headerLength, at: mark.position)[...])
        guard next.take() == Record.magic, next.take(UInt32.self) != nil, next.take() == mark.epoch else {
            return false
        }
        return next.take() == mark.lastSequence + 1
    }

    /// The newest commit has been taken over before the writer said that it is done: it is not told again.
    package func adopt(_ commit: Commit) {
        if open?.sequence == commit.sequence { open = nil }
    }

    private func take(_ records: [Record], into update: inout Update) {
        for record in records {
            mark.lastSequence = record.sequence
            switch record.body {
            case .commit(let commit):
                if let open { update.commits.append(open.finished()) }
                open = Commit(
                    sequence: record.sequence, operations: commit.operations, changes: commit.steps.map(Self.change),
                    isFinished: false
                )
            case .abort(let target):
                if open?.sequence == target { open = nil }
                update.commits.removeAll { $0.sequence == target }
            case .retire(let through):
                if let done = open, done.sequence <= through {
                    update.commits.append(done.finished())
                    open = nil
                }
                // What was retired before we first looked stands on disk already.
                if isFirst { update.commits.removeAll { $0.sequence <= through } }
            case .restage:
                break
            }
        }
        if let open { update.commits.append(open) }
    }

    private static func change(_ step: RecordStep) -> Change {
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

extension JournalFollower.Commit {
    func finished() -> JournalFollower.Commit {
        var copy = self
        copy.isFinished = true
        return copy
    }

    /// Every path that it touches.
    package var paths: [BytePath] {
        changes.flatMap { change in
            switch change {
            case .makeFolder(let path), .write(let path, _, _, _, _, _): [path]
            case .moveFolder(let from, let to): [from, to]
            }
        }
    }
}

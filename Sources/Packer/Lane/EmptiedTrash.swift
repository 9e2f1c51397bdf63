import LinuxFiles
import PackerModel

/// Removes what an emptied trash held, on a thread of its own: the emptying itself was one rename.
///
/// What is left when the project is closed goes in the next session.
final class EmptiedTrash: Sendable {
    private let assets: Handle
    private let disk: any Disk
    private let state = Guarded(State())

    private struct State {
        var isStopped = false
        var isRequested = false
        var thread: DedicatedThread?
    }

    init(assets: Handle, disk: any Disk) {
        self.assets = assets
        self.disk = disk
    }

    /// From the lane's thread. Costs one listing where nothing was emptied.
    func remove() {
        guard !emptied().isEmpty else { return }
        state.signal { state in
            state.isRequested = true
            guard state.thread == nil else { return }
            state.thread = DedicatedThread(name: "packer-trash") { [self] in run() }
        }
    }

    /// From the lane's thread, when nothing is emptied any more.
    func stop() {
        let thread = state.signal { state in
            state.isStopped = true
            return state.thread
        }
        thread?.join()
    }

    private var isStopped: Bool { state.withLock(\.isStopped) }

    private func run() {
        while true {
            let goesOn = state.wait { state -> Bool? in
                if state.isStopped { return false }
                guard state.isRequested else { return nil }
                state.isRequested = false
                return true
            }
            if !goesOn { return }
            var isDeeper = true
            while isDeeper && !isStopped {
                isDeeper = false
                for name in emptied() { _ = removeTree(name, in: shadow(), isDeeper: &isDeeper) }
            }
        }
    }

    private func shadow() -> Handle? {
        do throws(SystemError) {
            return try disk.openIfPresent(
                BytePath(Snapshot.controlPath + "/shadow"), in: assets, .folder, at: PackerPoint.removeEmptied)
        } catch {
            return nil
        }
    }

    private func emptied() -> [BytePath] {
        guard let shadow = shadow() else { return [] }
        do throws(SystemError) {
            return try disk.list(shadow, at: PackerPoint.removeEmptied).map(\.name).filter {
                $0.bytes.starts(with: TrashLayout.emptiedPrefix.utf8)
            }
        } catch {
            return []
        }
    }

    /// Every level holds a descriptor: what lies deeper is brought up first, and goes in another turn.
    private static let levels = 64

    /// False where something of it is still there: it could not be removed, or there was no time.
    /// - Parameter isDeeper: set where something was brought up into the shadow folder.
    private func removeTree(_ name: BytePath, in folder: Handle?, level: Int = 0, isDeeper: inout Bool) -> Bool {
        guard let folder, !isStopped else { return false }
        let point = PackerPoint.removeEmptied
        do throws(SystemError) {
            guard let status = try disk.status(of: name, in: folder, at: point), status.kind == .folder else {
                try disk.remove(name, in: folder, at: point)
                return true
            }
            if level == Self.levels, let shadow = shadow() {
                let brought = BytePath("\(TrashLayout.emptiedPrefix)\(status.inode)")
                try disk.rename(name, in: folder, to: brought, in: shadow, .noReplace, at: point)
                isDeeper = true
                return true
            }
            let child = try disk.open(name, in: folder, .folder, at: point)
            var isEmpty = true
            for entry in try disk.list(child, at: point)
            where !removeTree(entry.name, in: child, level: level + 1, isDeeper: &isDeeper) {
                isEmpty = false
            }
            if isEmpty { try disk.removeFolder(name, in: folder, at: point) }
            return isEmpty
        } catch {
            return error.isAbsent
        }
    }
}

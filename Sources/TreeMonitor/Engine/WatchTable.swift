import CInotifyTools
import Glibc
import LinuxFiles

/// The library's instance, and which folders stand behind each watch descriptor.
///
/// The library is never asked for names: it keeps the old ones after a move. Only the monitor's thread touches it.
final class WatchTable {
    private(set) var descriptor: CInt = -1
    /// Why there is no instance.
    private var refusal = WatchRefusal.library(0)
    let mounts: MountSource
    /// Watches that have ended, and which the library goes on to hold in memory.
    private(set) var ended = 0
    private var holders: [CInt: FolderNode] = [:]

    /// The thread's working directory may be a folder that was watched.
    private var isInside = false

    var isOpen: Bool { descriptor >= 0 }

    init(_ mounts: MountSource) { self.mounts = mounts }

    /// Without the mount table no watch would be complete: a mount over a folder raises no event.
    func open() {
        guard !isOpen else { return }
        mounts.open()
        if mounts.descriptor < 0 { return refusal = .library(errno) }
        if let error = MonitorError.loadingLibrary() { return refusal = .unusable(error) }
        let reason = cinotify_initialize(&descriptor)
        if reason == 0 { return }
        refusal = .library(reason)
        descriptor = -1
    }

    /// Closes the library. Every folder has to leave its tree, as descriptors mean something else afterwards.
    func close() {
        guard isOpen else { return }
        // What stays in the library's buffer would come up again in the next instance.
        while next() != nil {}
        cinotify_cleanup()
        descriptor = -1
        ended = 0
        holders = [:]
    }

    func next() -> cinotify_event? {
        guard isOpen else { return nil }
        var event = cinotify_event()
        return cinotify_next(&event) == 1 ? event : nil
    }

    /// The watch of an open folder (`above`: of the folder that holds it), made if there is none.
    func watch(_ folder: Handle, above: Bool = false) -> Result<CInt, WatchRefusal> {
        guard isOpen else { return .failure(refusal) }
        var watch: CInt = -1
        var existed: CInt = 0
        let mask = above ? cinotify_above_mask() : cinotify_tree_mask()
        let result = cinotify_watch(folder.number, above ? 1 : 0, mask, &watch, &existed)
        isInside = true
        return result == 0 ? .success(watch) : .failure(.kernel(result))
    }

    /// No folder is kept from being unmounted by having been watched.
    func leaveFolders() {
        if isInside { cinotify_leave_directory() }
        isInside = false
    }

    func folders(of watch: CInt) -> [FolderNode] {
        var found: [FolderNode] = []
        var node = holders[watch]
        while let folder = node {
            found.append(folder)
            node = folder.nextHolder
        }
        return found
    }

    func add(_ node: FolderNode) {
        node.nextHolder = holders[node.watch]
        holders[node.watch] = node
    }

    /// The folder needs its watch no more; it ends with the last folder that has it.
    func release(_ node: FolderNode) {
        let watch = node.watch
        node.watch = -1
        guard watch >= 0, let first = holders[watch] else { return }
        if first === node {
            holders[watch] = node.nextHolder
        } else {
            var before = first
            while let next = before.nextHolder, next !== node { before = next }
            before.nextHolder = node.nextHolder
        }
        node.nextHolder = nil
        guard holders[watch] == nil else { return }
        cinotify_unwatch(watch)
        ended += 1
    }

    /// The kernel has ended a watch. Answers the folders that had it.
    func kernelEnded(_ watch: CInt) -> [FolderNode] {
        let had = folders(of: watch)
        guard !had.isEmpty else { return [] }
        holders[watch] = nil
        ended += 1
        for node in had {
            node.watch = -1
            node.nextHolder = nil
        }
        return had
    }
}

/// Why a folder has no watch.
enum WatchRefusal: Error, Equatable {
    case kernel(CInt)
    /// There is no instance at all.
    case library(CInt)
    /// There is no library.
    case unusable(MonitorError)
    case disk(SystemError)

    /// A limit that the next folder would meet as well.
    var isLimit: Bool {
        switch self {
        case .library, .unusable: true
        case .kernel(let code): Self.limits.contains(code)
        case .disk(let error): Self.limits.contains(error.code)
        }
    }

    /// Another filesystem stands there.
    var isMount: Bool { if case .disk(let error) = self { error.code == EXDEV } else { false } }

    private static let limits: Set<CInt> = [ENOSPC, ENOMEM, EMFILE, ENFILE]

    var reason: String {
        switch self {
        case .kernel(ENOSPC):
            "The limit of inotify watches is reached: raise fs.inotify.max_user_watches."
        case .kernel(let code):
            "A folder cannot be watched: \(String(cString: strerror(code)))."
        case .library(EMFILE):
            "No inotify instance: too many files are open (the library needs a descriptor below 1024), "
                + "or fs.inotify.max_user_instances is reached."
        case .library(let code):
            "No inotify instance: \(String(cString: strerror(code)))."
        case .unusable(let error):
            "\(error.message) \(error.remedy)"
        case .disk(let error) where error.code == EXDEV:
            "Another filesystem is mounted at \(error.path): it is not part of the project."
        case .disk(let error):
            "A folder cannot be read: \(error). \(error.remedy)"
        }
    }
}

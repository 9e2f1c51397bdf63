import LinuxFiles

/// Folders of one folder that are read one after the other: their paths are walked, and the lock is taken, once for all
/// of them.
struct FolderBatch {
    private static let most = 32
    /// Fewer are opened by their whole paths: that costs less than opening what holds them.
    private static let fewest = 4
    /// As long as a path may be for the kernel (PATH_MAX), its end included.
    private static let longestPath = 4096

    private let parent: BytePath
    private let names: ArraySlice<BytePath>

    /// A folder alone, by its path.
    init(_ path: BytePath) { self.init(parent: path, names: [.root]) }

    private init(parent: BytePath, names: ArraySlice<BytePath>) {
        self.parent = parent
        self.names = names
    }

    static func batches(of names: [BytePath], in parent: BytePath) -> [FolderBatch] {
        stride(from: 0, to: names.count, by: most).map {
            FolderBatch(parent: parent, names: names[$0..<min($0 + most, names.count)])
        }
    }

    var count: Int { names.count }

    /// Calls `body` with each folder's path, and with the name to open it by and the open folder that this is in.
    ///
    /// Where the folder that holds them cannot be opened, or a path is too long to be opened at once, that is `top` and
    /// the whole path: what is wrong is then told of each as it would be without a batch.
    func forEachFolder(in top: Handle, _ disk: any Disk, _ body: (BytePath, BytePath, Handle) -> Void) {
        let isBatch = names.count >= Self.fewest && !parent.isRoot
        let holder = isBatch ? try? disk.open(parent, in: top, .folder, at: PackerPoint.scanFolder) : nil
        for name in names {
            let path = parent.appending(name)
            if let holder, path.bytes.count < Self.longestPath {
                body(path, name, holder)
            } else {
                body(path, path, top)
            }
        }
    }
}

import Packer

/// The stores that hold the same assets, beside the project.
struct ReadPeers {
    let sqlite: SQLite
    let lmdb: LMDB
    let files: FilesystemPerCall
    let rows: [Row]

    init(_ bench: Bench, _ snapshot: Snapshot, _ path: String) throws {
        rows = try Row.all(of: snapshot, at: path)
        sqlite = try SQLite(in: bench.scratch.folder("sqlite"), rows)
        lmdb = try LMDB(in: bench.scratch.folder("lmdb"), rows)
        files = FilesystemPerCall(project: path)
    }

    func close() throws { try sqlite.close() }
}

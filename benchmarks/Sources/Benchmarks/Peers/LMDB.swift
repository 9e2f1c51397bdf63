import CLMDB
import Foundation

/// LMDB, used as its authors advise: rows under their id, two indexes, read transactions that are renewed.
final class LMDB: @unchecked Sendable {
    // Unchecked: never changed after init; LMDB's environment may be used from any thread (MDB_NOTLS).
    private let environment: OpaquePointer
    private var rows: MDB_dbi = 0
    private var byRoot: MDB_dbi = 0
    private var byUUID: MDB_dbi = 0
    private var texts: MDB_dbi = 0

    init(in folder: String, _ all: [Row]) throws {
        var environment: OpaquePointer?
        try Self.check(mdb_env_create(&environment))
        self.environment = environment!
        try Self.check(mdb_env_set_mapsize(environment, 1 << 30))
        try Self.check(mdb_env_set_maxdbs(environment, 4))
        try Self.check(mdb_env_set_maxreaders(environment, 126))
        try Self.check(mdb_env_open(environment, folder, UInt32(MDB_NOTLS), 0o644))
        var transaction: OpaquePointer?
        try Self.check(mdb_txn_begin(environment, nil, 0, &transaction))
        try Self.check(mdb_dbi_open(transaction, "rows", UInt32(MDB_CREATE | MDB_INTEGERKEY), &rows))
        try Self.check(mdb_dbi_open(transaction, "roots", UInt32(MDB_CREATE), &byRoot))
        try Self.check(mdb_dbi_open(transaction, "uuids", UInt32(MDB_CREATE), &byUUID))
        try Self.check(mdb_dbi_open(transaction, "texts", UInt32(MDB_CREATE | MDB_INTEGERKEY), &texts))
        for row in all {
            try put(transaction, rows, row.id, Self.encoded(row))
            try put(transaction, texts, row.id, row.declaration)
            try put(transaction, byRoot, row.root, row.id)
            try put(transaction, byUUID, row.uuid, row.id)
        }
        try Self.check(mdb_txn_commit(transaction))
    }

    deinit { mdb_env_close(environment) }

    private static func encoded(_ row: Row) -> String {
        [row.uuid, row.root, row.name, row.type, row.isIncluded ? "1" : "0"].joined(separator: "\t")
    }

    private static func check(_ result: Int32) throws {
        if result != 0 { throw BenchmarkError("LMDB: \(String(cString: mdb_strerror(result)))") }
    }

    // MARK: Values

    private static func withValue<Result>(_ number: UInt32, _ body: (inout MDB_val) throws -> Result) rethrows -> Result
    {
        var number = number
        return try withUnsafeMutableBytes(of: &number) {
            var value = MDB_val(mv_size: $0.count, mv_data: $0.baseAddress)
            return try body(&value)
        }
    }

    private static func withValue<Result>(_ text: String, _ body: (inout MDB_val) throws -> Result) rethrows -> Result {
        var text = text
        return try text.withUTF8 {
            var value = MDB_val(mv_size: $0.count, mv_data: UnsafeMutableRawPointer(mutating: $0.baseAddress))
            return try body(&value)
        }
    }

    private func put(_ transaction: OpaquePointer?, _ map: MDB_dbi, _ key: UInt32, _ text: String) throws {
        try Self.withValue(key) { key in
            try Self.withValue(text) { try Self.check(mdb_put(transaction, map, &key, &$0, 0)) }
        }
    }

    private func put(_ transaction: OpaquePointer?, _ map: MDB_dbi, _ key: String, _ number: UInt32) throws {
        try Self.withValue(key) { key in
            try Self.withValue(number) { try Self.check(mdb_put(transaction, map, &key, &$0, 0)) }
        }
    }

    /// Touches what was found, copies nothing.
    private static func checksum(_ value: MDB_val) -> UInt64 {
        let bytes = UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
        return UInt64(bytes.count) &+ UInt64(bytes.first ?? 0)
    }

    // MARK: Reading

    /// A read transaction of one thread, renewed for each question.
    final class Reader {
        private let lmdb: LMDB
        private var transaction: OpaquePointer?

        fileprivate init(_ lmdb: LMDB) throws {
            self.lmdb = lmdb
            try LMDB.check(mdb_txn_begin(lmdb.environment, nil, UInt32(MDB_RDONLY), &transaction))
            mdb_txn_reset(transaction)
        }

        deinit { mdb_txn_abort(transaction) }

        private func reading(_ body: () throws -> UInt64) throws -> UInt64 {
            try LMDB.check(mdb_txn_renew(transaction))
            defer { mdb_txn_reset(transaction) }
            return try body()
        }

        private func get(_ map: MDB_dbi, _ key: inout MDB_val) throws -> MDB_val {
            var value = MDB_val()
            try LMDB.check(mdb_get(transaction, map, &key, &value))
            return value
        }

        private func row(_ map: MDB_dbi, _ id: UInt32) throws -> UInt64 {
            try LMDB.withValue(id) { LMDB.checksum(try get(map, &$0)) }
        }

        private func row(at index: MDB_dbi, _ key: String) throws -> UInt64 {
            try LMDB.withValue(key) {
                try row(lmdb.rows, try get(index, &$0).mv_data.loadUnaligned(as: UInt32.self))
            }
        }

        func lookup(id: UInt32) throws -> UInt64 { try reading { try row(lmdb.rows, id) } }
        func lookup(root: String) throws -> UInt64 { try reading { try row(at: lmdb.byRoot, root) } }
        func lookup(uuid: String) throws -> UInt64 { try reading { try row(at: lmdb.byUUID, uuid) } }
        func details(id: UInt32) throws -> UInt64 {
            try reading { try row(lmdb.rows, id) &+ row(lmdb.texts, id) }
        }

        func heldLookups(_ ids: ArraySlice<UInt32>) throws -> UInt64 {
            try reading { try ids.reduce(0) { $0 &+ (try row(lmdb.rows, $1)) } }
        }

        func page(after root: String, limit: Int) throws -> UInt64 {
            try reading {
                var cursor: OpaquePointer?
                try LMDB.check(mdb_cursor_open(transaction, lmdb.byRoot, &cursor))
                defer { mdb_cursor_close(cursor) }
                var sum: UInt64 = 0
                try LMDB.withValue(root) { wanted in
                    var key = wanted
                    var value = MDB_val()
                    var result = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
                    for _ in 0..<limit where result == 0 {
                        sum &+= try row(lmdb.rows, value.mv_data.loadUnaligned(as: UInt32.self))
                        result = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
                    }
                }
                return sum
            }
        }
    }

    func reader() throws -> Reader { try Reader(self) }

    // MARK: Writing

    func commit(_ row: Row) throws {
        var transaction: OpaquePointer?
        try Self.check(mdb_txn_begin(environment, nil, 0, &transaction))
        try put(transaction, rows, row.id, Self.encoded(row))
        try Self.check(mdb_txn_commit(transaction))
    }
}

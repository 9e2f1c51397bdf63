import Foundation
import GRDB

/// SQLite through GRDB as its guide says: a `DatabasePool` in WAL mode, cached statements, one read access a question.
final class SQLite: Sendable {
    private let pool: DatabasePool

    init(in folder: String, _ rows: [Row]) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 8
        pool = try DatabasePool(path: folder + "/assets.sqlite", configuration: configuration)
        try pool.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE asset (
                        id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, root TEXT NOT NULL UNIQUE,
                        name TEXT NOT NULL, type TEXT NOT NULL, included INTEGER NOT NULL, declaration TEXT NOT NULL)
                    """)
            let insert = try database.cachedStatement(sql: "INSERT INTO asset VALUES (?, ?, ?, ?, ?, ?, ?)")
            for row in rows {
                try insert.execute(arguments: [
                    row.id, row.uuid, row.root, row.name, row.type, row.isIncluded, row.declaration,
                ])
            }
        }
        // The pool sets its writer to NORMAL after `prepareDatabase` has run: only now does this hold.
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2,
                try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal"
            else { throw BenchmarkError("SQLite is not at WAL and FULL") }
        }
    }

    func close() throws { try pool.close() }

    private static let columns = "id, uuid, root, name, type, included"

    private func one(_ condition: String, _ value: some DatabaseValueConvertible & Sendable) throws -> UInt64 {
        try pool.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT \(Self.columns) FROM asset WHERE \(condition) = ?")
            guard let row = try GRDB.Row.fetchOne(statement, arguments: [value]) else { return 0 }
            return Self.checksum(row)
        }
    }

    private static func checksum(_ row: GRDB.Row) -> UInt64 {
        let id: Int64 = row[0]
        let name: String = row[3]
        return UInt64(id) + UInt64(name.utf8.count)
    }

    func lookup(id: UInt32) throws -> UInt64 { try one("id", Int64(id)) }
    func lookup(root: String) throws -> UInt64 { try one("root", root) }
    func lookup(uuid: String) throws -> UInt64 { try one("uuid", uuid) }

    /// Lookups by id in one read access: a held snapshot.
    func heldLookups(_ ids: ArraySlice<UInt32>) throws -> UInt64 {
        try pool.read { database in
            let statement = try database.cachedStatement(sql: "SELECT \(Self.columns) FROM asset WHERE id = ?")
            var sum: UInt64 = 0
            for id in ids {
                if let row = try GRDB.Row.fetchOne(statement, arguments: [Int64(id)]) { sum &+= Self.checksum(row) }
            }
            return sum
        }
    }

    func details(id: UInt32) throws -> UInt64 {
        try pool.read { database in
            let statement = try database.cachedStatement(sql: "SELECT * FROM asset WHERE id = ?")
            guard let row = try GRDB.Row.fetchOne(statement, arguments: [Int64(id)]) else { return 0 }
            let text: String = row[6]
            return Self.checksum(row) &+ UInt64(text.utf8.count)
        }
    }

    func page(after root: String, limit: Int) throws -> UInt64 {
        try pool.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT \(Self.columns) FROM asset WHERE root > ? ORDER BY root LIMIT ?")
            let rows = try GRDB.Row.fetchCursor(statement, arguments: [root, limit])
            var sum: UInt64 = 0
            while let row = try rows.next() { sum &+= Self.checksum(row) }
            return sum
        }
    }

    func commit(id: UInt32, name: String) throws {
        try pool.write { database in
            let statement = try database.cachedStatement(sql: "UPDATE asset SET name = ? WHERE id = ?")
            try statement.execute(arguments: [name, Int64(id)])
        }
    }
}

import GRDB
import Logging

/// The database's connections: one writer, used by the lane alone, and a few readers.
struct StoreDatabase: Sendable {
    let pool: DatabasePool
    let path: String

    /// Opens the database and brings its schema up to date.
    static func open(path: String, settings: StoreSettings) throws(StoreError) -> StoreDatabase {
        var configuration = Configuration()
        configuration.label = "podwire"
        configuration.maximumReaderCount = settings.readers
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            // A commit survives the daemon's death at once, and the machine's once the next
            // checkpoint has synced it; the file is consistent after both.
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            try db.execute(sql: "PRAGMA cache_size = -8192")
            // 16 MiB between checkpoints instead of 4: a page that is written often is copied into
            // the database once. The log file is cut back to 64 MiB when it was larger.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 4096")
            try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            let database = StoreDatabase(pool: pool, path: path)
            try database.migrate()
            return database
        } catch {
            throw StoreError.from(error, operation: "open the database", path: path)
        }
    }

    /// Runs `body` in a snapshot on a reader connection.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw readError(error)
        }
    }

    /// The same on the calling thread, which waits for a connection and for the disk.
    func readBlocking<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try pool.read(body)
        } catch let error as DatabaseError {
            throw readError(error)
        }
    }

    private func readError(_ error: DatabaseError) -> StoreError {
        if error.resultCode == .SQLITE_MISUSE || error.resultCode == .SQLITE_INTERRUPT {
            return StoreError("read", .closed, path: path, "the store is closed")
        }
        return StoreError.from(error, operation: "read", path: path)
    }

    /// Copies the log file into the database and closes all connections; waits for those that are
    /// being read. The log file stays, complete, when the copying fails.
    func close() throws {
        let copied = Result {
            try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        }
        try pool.close()
        try copied.get()
    }

    private func migrate() throws {
        let migrator = StoreSchema.migrator
        try pool.writeWithoutTransaction { db in
            let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            let tables =
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            guard id == StoreSchema.applicationID || (id == 0 && tables == 0) else {
                throw StoreError(
                    "open the database", .foreign, path: path,
                    "it belongs to another program", advice: "choose another data directory")
            }
            guard try !migrator.hasBeenSuperseded(db) else {
                throw StoreError(
                    "open the database", .newerSchema, path: path,
                    "it was written by a newer version of Podwire",
                    advice: "run that version, or choose another data directory")
            }
        }
        try migrator.migrate(pool)
    }
}

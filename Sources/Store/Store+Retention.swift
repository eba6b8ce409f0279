import GRDB
package import LogModel

extension Store {
    /// Bytes of the database that are in use: what retention keeps below its limit. Pages that were
    /// freed are used again before the file grows.
    package func usedBytes() async throws -> Int64 {
        try await database.read { db in
            let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            let size = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            return (pages - free) * size
        }
    }

    /// Streams that ended before `time` and whose lines are still there, the oldest first.
    package func streamsEnded(before time: LogTime, limit: Int) async throws -> [StreamInfo] {
        try await read { snapshot in
            let rows = try Int64.fetchAll(
                snapshot.connection.db,
                sql: """
                    SELECT id FROM stream WHERE endedAt < ? AND deletedAt IS NULL
                    ORDER BY endedAt LIMIT ?
                    """, arguments: [time.nanoseconds, limit])
            return try rows.compactMap { try snapshot.stream(row: $0) }
        }
    }

    /// Deletes the lines of an ended stream. Its row stays, with the time, so that readers are told
    /// that there was a log.
    ///
    /// - Throws: ``StoreError/Code/rejected`` for a stream that is live.
    package func deleteLines(ofStream row: Int64) async throws {
        try await write { transaction in
            let db = transaction.connection.db
            guard try transaction.stream(row: row)?.state == .ended else {
                throw StoreError(
                    "delete a stream's lines", .rejected, path: "", "stream \(row) is live")
            }
            try db.execute(sql: "DELETE FROM chunk WHERE stream = ?", arguments: [row])
            try db.execute(sql: "DELETE FROM gap WHERE stream = ?", arguments: [row])
            try db.execute(
                sql: "UPDATE stream SET deletedAt = ? WHERE id = ?",
                arguments: [LogTime.now.nanoseconds, row])
        }
    }

    /// Deletes the events before `sequence`; ``EventFeed/oldest`` tells readers that ask for them.
    /// Durable consumers that miss nothing by it are moved on, so that they do not expire.
    package func deleteEvents(before sequence: Int64) async throws {
        let oldest = try await write { transaction in
            let db = transaction.connection.db
            try transaction.advanceConsumers(before: sequence)
            try db.execute(sql: "DELETE FROM event WHERE sequence < ?", arguments: [sequence])
            return try transaction.eventBounds().oldest
        }
        events.drop(before: oldest)
    }
}

import GRDB
package import LogModel

/// An event as retention sees it.
package struct StoredEvent: Sendable, Equatable {
    /// Its place in the feed.
    package var sequence: Int64
    /// When it was written.
    package var time: LogTime
    /// Bytes of its data.
    package var bytes: Int

    /// Describes an event.
    package init(sequence: Int64, time: LogTime, bytes: Int) {
        self.sequence = sequence
        self.time = time
        self.bytes = bytes
    }
}

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

    /// Bytes that logs take, about, and rather too many than too few; `limit` where they are that
    /// many or more: then no more of them are looked at.
    package func logBytes(upTo limit: Int64) async throws -> Int64 {
        var bytes: Int64 = 0
        var last: Int64 = 0
        while bytes < limit {
            let start = last
            let rows = try await read { snapshot in
                let db = snapshot.connection.db
                // A chunk's last page is shared with none, or with few others.
                let page = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
                return try Row.fetchAll(
                    db,
                    sql: """
                        SELECT id, length(times) + length(text) + ? FROM chunk WHERE id > ?
                        ORDER BY id LIMIT 4096
                        """, arguments: [page, start]
                ).map { row -> (id: Int64, bytes: Int64) in (row[0], row[1]) }
            }
            guard let newest = rows.last else { break }
            bytes += rows.reduce(0) { $0 + $1.bytes }
            last = newest.id
        }
        return min(bytes, limit)
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

    /// Streams whose lines were being deleted when the daemon died: some are still there.
    package func streamsHalfDeleted() async throws -> [Int64] {
        try await read { snapshot in
            try Int64.fetchAll(snapshot.connection.db, sql: Self.selectHalfDeleted)
        }
    }

    /// By the index of just these: rows of streams stay, so there may be a great many.
    static let selectHalfDeleted = "SELECT id FROM stream WHERE isHalfDeleted = 1"

    /// Deletes lines of ended streams, in one transaction that holds up other writers for some ten
    /// milliseconds. Their rows stay, with the time, so that readers are told that there was a log;
    /// from now on they are told so of all that is named here.
    ///
    /// - Parameters:
    ///   - rows: the streams.
    ///   - limit: how many chunks are deleted at most.
    /// - Returns: those of `rows` that have lines left: call it again with them.
    /// - Throws: ``StoreError/Code/rejected`` for a stream that is live.
    @discardableResult
    package func deleteLines(
        ofStreams rows: [Int64], chunks limit: Int = 256
    ) async throws -> [Int64] {
        try await write { transaction in
            let db = transaction.connection.db
            let now = LogTime.now.nanoseconds
            var room = limit
            var unfinished: [Int64] = []
            var pods: Set<String> = []
            for row in rows {
                let stream = try transaction.stream(row: row)
                guard let stream, stream.state == .ended else {
                    throw StoreError(
                        "delete a stream's lines", .rejected, path: "", "stream \(row) is live")
                }
                try db.execute(
                    sql: """
                        DELETE FROM chunk WHERE id IN
                            (SELECT id FROM chunk WHERE stream = ? ORDER BY firstLine LIMIT ?)
                        """, arguments: [row, room])
                room -= db.changesCount
                if room == 0 { unfinished.append(row) }
                try db.execute(
                    sql: """
                        UPDATE stream SET deletedAt = coalesce(deletedAt, ?), isHalfDeleted = ?
                        WHERE id = ?
                        """, arguments: [now, room == 0, row])
                try db.execute(sql: "DELETE FROM gap WHERE stream = ?", arguments: [row])
                pods.insert(stream.id.podUID)
            }
            try transaction.deleteObjects(ofPods: pods)
            return unfinished
        }
    }

    /// The oldest events: what retention has to know of them.
    package func oldestEvents(limit: Int) async throws -> [StoredEvent] {
        try await read { snapshot in
            try Row.fetchAll(
                snapshot.connection.db,
                sql: """
                    SELECT sequence, time, length(data) FROM event ORDER BY sequence LIMIT ?
                    """, arguments: [limit]
            ).map { row in
                StoredEvent(
                    sequence: row[0], time: LogTime(nanoseconds: row[1]), bytes: row[2])
            }
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

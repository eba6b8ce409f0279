import Foundation
import GRDB
import LogModel

extension StoreReading {
    /// The sequence number of the last event; 0 when there never was one.
    package var lastSequence: Int64 {
        get throws { try eventBounds().last }
    }

    /// Stored events behind `after` and up to `last`, in order, that pass `filter`.
    package func events(
        after: Int64, upTo last: Int64? = nil, limit: Int, filter: EventFilter = EventFilter()
    ) throws -> [EventRecord] {
        var conditions = SQLConditions()
        conditions.add("sequence > ?", after)
        conditions.add("sequence <= ?", last)
        conditions.add("namespace = ?", filter.namespace)
        conditions.add("workflow = ?", filter.workflow)
        conditions.add("job = ?", filter.job)
        if let types = filter.types {
            // The names are our own constants, so they need no escaping.
            let names = types.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            conditions.add("type IN (\(names)) AND ?", true)
        }
        let statement = try connection.db.cachedStatement(
            sql: """
                SELECT sequence, time, type, namespace, workflow, job, data FROM event
                \(conditions.text) ORDER BY sequence LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: conditions.values(limit)).compactMap { row in
            guard let type = EventType(rawValue: row[2]) else { return nil }
            let data: Data = row[6]
            return EventRecord(
                sequence: row[0], time: LogTime(nanoseconds: row[1]), type: type,
                key: JobKey(namespace: row[3], workflow: row[4], job: row[5]), data: Array(data))
        }
    }

    /// The sequence numbers of the oldest kept event (one more than the last when none is kept)
    /// and of the last one (0 when there never was one).
    package func eventBounds() throws -> (oldest: Int64, last: Int64) {
        let db = connection.db
        let last =
            try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'event'")
            ?? 0
        let oldest = try Int64.fetchOne(db, sql: "SELECT min(sequence) FROM event") ?? last + 1
        return (oldest, last)
    }
}

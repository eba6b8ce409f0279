import ByteBlocks
import Foundation
import GRDB
import LogModel

extension StoreReading {
    /// The sequence number of the last event; 0 when there never was one.
    package var lastSequence: Int64 {
        get throws { try eventBounds().last }
    }

    /// Stored events behind `after` and up to `last`, in order, that pass `filter`.
    ///
    /// - Throws: what the database says.
    package func events(
        after: Int64, upTo last: Int64? = nil, limit: Int, filter: EventFilter = EventFilter()
    ) throws -> [EventRecord] {
        let cursor = try rows(after: after, upTo: last, limit: limit, filter)
        var events: [EventRecord] = []
        while let row = try cursor.next() {
            if let event = EventRecord(row) { events.append(event) }
        }
        return events
    }

    /// The next stored events behind `after`, with the bounds of the feed at the same moment: who
    /// finds ``EventPage/oldest`` beyond `after + 1` has missed what was deleted.
    ///
    /// - Parameters:
    ///   - after: a sequence number.
    ///   - limit: how many events are returned at most.
    ///   - bytes: about how many bytes of JSON are returned at most, but always one event.
    ///   - filter: what is wanted. At most ``eventScanLimit`` numbers are looked through, so that
    ///     a reader of rare events does not keep a connection for as long as the whole feed takes.
    /// - Returns: what was found; its `end` is beyond `after` unless that is the feed's end.
    /// - Throws: what the database says.
    package func eventPage(
        after: Int64, limit: Int = 256, bytes: Int = 1 << 20, filter: EventFilter = EventFilter()
    ) throws -> EventPage {
        let (oldest, last) = try eventBounds()
        // What was deleted needs no looking through.
        let start = max(after, oldest - 1)
        let end = min(last, start + Self.eventScanLimit)
        var page = EventPage(events: [], end: max(after, end), oldest: oldest, last: last)
        guard start < end else { return page }
        var room = bytes
        let cursor = try rows(after: start, upTo: end, limit: limit + 1, filter)
        while let row = try cursor.next() {
            guard let event = EventRecord(row) else { continue }
            if page.events.count == limit || (!page.events.isEmpty && event.json.count > room) {
                page.end = page.events.last?.sequence ?? start
                break
            }
            room -= event.json.count
            page.events.append(event)
        }
        return page
    }

    /// Sequence numbers that one page looks through, 16384: some ten milliseconds.
    static var eventScanLimit: Int64 { 16_384 }

    private func rows(
        after: Int64, upTo last: Int64?, limit: Int, _ filter: EventFilter
    ) throws -> RowCursor {
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
        return try Row.fetchCursor(statement, arguments: conditions.values(limit))
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

extension EventRecord {
    /// Reads a row; `nil` for a type that this version does not know.
    fileprivate init?(_ row: Row) {
        guard let type = EventType(rawValue: row[2]) else { return nil }
        let data: Data = row[6]
        self.init(
            sequence: row[0], time: LogTime(nanoseconds: row[1]), type: type,
            key: JobKey(namespace: row[3], workflow: row[4], job: row[5]), data: Array(data))
    }
}

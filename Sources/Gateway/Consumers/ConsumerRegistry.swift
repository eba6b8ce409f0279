import Access
import LogModel
import Store

/// The durable consumers: makes, changes, deletes and connects them, and takes acknowledgements.
///
/// **At least once.** A connection starts behind the last acknowledged event, so what was sent and
/// not acknowledged is sent again. An acknowledgement counts for all events up to it, and is
/// answered behind its commit: it outlives a crash. Any task may call it.
struct ConsumerRegistry: Sendable {
    private let store: Store
    /// How many consumers there may be.
    private let limit: Int
    private let book = ConsumerBook()

    /// The consumers of `store`, of which there may be `limit`.
    init(_ store: Store, limit: Int) {
        self.store = store
        self.limit = limit
    }

    /// The consumers that the caller may see, by name.
    func list(for caller: Caller) async throws -> ConsumerList {
        var items: [ConsumerDocument] = []
        for row in try await store.read({ try $0.consumers() })
        where try await ConsumerAccess.isVisible(row, to: caller) {
            items.append(try document(row))
        }
        return ConsumerList(items: items)
    }

    /// How far each consumer is behind the feed's end, by name.
    func lags() async throws -> [(name: String, value: Int64)] {
        let last = store.events.last
        return try await store.read { try $0.consumers() }.map { row in
            (row.name, max(0, last - row.acknowledged))
        }
    }

    /// One consumer, if the caller may see it.
    func consumer(_ name: ConsumerName, for caller: Caller) async throws -> ConsumerDocument {
        try document(try await row(name, for: caller))
    }

    /// What the caller of a consumer's events must keep to read on.
    ///
    /// - Throws: 404 where the caller may not see the consumer, 403 where they may not own it.
    func right(_ name: ConsumerName, for caller: Caller) async throws -> Right {
        ConsumerAccess.owning(try await row(name, ownedBy: caller).eventFilter())
    }

    /// Makes a consumer, or gives a known one the filter of `body`; its position is kept.
    ///
    /// - Throws: 403 where the caller may not own such a consumer, 409 when there are as many as there
    ///   may be, or the name is somebody else's, 410 and 400 for a start that cannot be.
    func put(
        _ name: ConsumerName, _ body: ConsumerBody, by caller: Caller
    ) async throws -> (document: ConsumerDocument, isNew: Bool) {
        try await ConsumerAccess.requireOwning(body.filter, caller)
        let known = try await store.read { try $0.consumer(name.text) }
        if let known, !(try await ConsumerAccess.isOwned(known, by: caller)) {
            throw ConsumerAccess.taken(name)
        }
        let start = EventParameters(following: body.filter, after: body.after)
        let feed = store.events
        let put = try await store.write { [limit] transaction in
            if let old = try transaction.consumer(name.text) {
                // What was made meanwhile may be somebody else's.
                guard
                    try old.filter == known?.filter
                        || old.eventFilter().namespace == body.filter.namespace
                else { throw ConsumerAccess.taken(name) }
                guard try old.eventFilter() != body.filter else { return (old, false, false) }
                let row = try ConsumerRow(
                    name: name.text, filter: body.filter, acknowledged: old.acknowledged,
                    createdAt: old.createdAt)
                try transaction.upsert(row)
                return (row, false, true)
            }
            guard try transaction.consumers().count < limit else {
                throw StatusResponse.conflict(
                    "there are \(limit) consumers, and no more may be: delete one, or raise the "
                        + "setting events.maxConsumers")
            }
            let row = try ConsumerRow(
                name: name.text, filter: body.filter,
                acknowledged: try start.start(oldest: feed.oldest, last: feed.last),
                createdAt: .now)
            try transaction.upsert(row)
            return (row, true, false)
        }
        let (row, isNew, isChanged) = put
        if isChanged { book.changed(row) }
        return (try document(row), isNew)
    }

    /// Deletes a consumer, and ends its connection; what it was.
    func delete(_ name: ConsumerName, by caller: Caller) async throws -> ConsumerDocument {
        let known = try await row(name, ownedBy: caller)
        let row = try await store.write { transaction in
            guard let row = try transaction.consumer(name.text), row.filter == known.filter
            else { return nil as ConsumerRow? }
            try transaction.deleteConsumer(name.text)
            return row
        }
        guard let row else { throw Self.notFound(name) }
        let document = try document(row)
        book.deleted(row)
        return document
    }

    /// A connection behind the last acknowledged event; the one before is ended.
    ///
    /// - Throws: 404, 403, or 410 when events that were not acknowledged are no longer kept.
    func connect(_ name: ConsumerName, by caller: Caller) async throws -> ConsumerConnection {
        let row = try await row(name, ownedBy: caller)
        let oldest = store.events.oldest
        guard row.acknowledged >= oldest - 1 else { throw Self.expired(row, oldest: oldest) }
        let reader = EventReader(
            store, try row.eventFilter(), after: row.acknowledged, last: nil)
        let connection = ConsumerConnection(
            reader, onSent: { [book] in book.sent($0, row) },
            onClose: { [book] in book.left($0, row.name) })
        book.connect(connection, row)
        // Read again, now that every later change ends the connection: none can be missed.
        do {
            let now = try await self.row(name)
            guard now.createdAt == row.createdAt, now.filter == row.filter else {
                throw StatusResponse.conflict(
                    "consumer \"\(row.name)\" was changed just now: connect again")
            }
        } catch {
            connection.close()
            if let refusal = error as? StatusResponse, refusal.code == 404 { book.deleted(row) }
            throw error
        }
        return connection
    }

    /// Takes an acknowledgement of all events up to `sequence`; returns behind its commit.
    ///
    /// - Throws: 404, 403, 422 beyond the feed's end, 409 for what was not sent.
    func acknowledge(
        _ name: ConsumerName, upTo sequence: Int64, by caller: Caller
    ) async throws -> AcknowledgementDocument {
        let row = try await row(name, ownedBy: caller)
        if let refusal = refusal(of: sequence, row) { throw refusal }
        let done = try await store.write { transaction in
            try transaction.acknowledge(
                consumer: row.name, createdAt: row.createdAt, upTo: sequence)
        }
        guard let done else { throw Self.notFound(name) }
        return AcknowledgementDocument(acknowledged: done.acknowledged, changed: done.isMoved)
    }

    private func refusal(of sequence: Int64, _ row: ConsumerRow) -> StatusResponse? {
        let last = store.events.last
        guard sequence <= last else {
            return .invalid(
                kind: "consumers", name: row.name,
                causes: [
                    StatusResponse.Cause(
                        reason: "FieldValueInvalid",
                        message: "\(sequence) is beyond the last event, \(last)",
                        field: "sequence")
                ])
        }
        let sent = book.lastSent(row)
        guard sequence > sent else { return nil }
        return .conflict(
            "event \(sequence) was not sent to consumer \"\(row.name)\" since the daemon started: "
                + "the last was \(sent); read /v1/consumers/\(row.name)/events, which sends again "
                + "what is not acknowledged, and acknowledge then")
    }

    /// A consumer that the caller may see; else it is as if there were none.
    private func row(_ name: ConsumerName, for caller: Caller) async throws -> ConsumerRow {
        let row = try await row(name)
        guard try await ConsumerAccess.isVisible(row, to: caller) else {
            throw Self.notFound(name)
        }
        return row
    }

    /// A consumer that the caller may see and own.
    private func row(_ name: ConsumerName, ownedBy caller: Caller) async throws -> ConsumerRow {
        let row = try await row(name, for: caller)
        try await ConsumerAccess.requireOwning(try row.eventFilter(), caller)
        return row
    }

    private func row(_ name: ConsumerName) async throws -> ConsumerRow {
        guard let row = try await store.read({ try $0.consumer(name.text) }) else {
            throw Self.notFound(name)
        }
        return row
    }

    private func document(_ row: ConsumerRow) throws -> ConsumerDocument {
        try ConsumerDocument(
            row, isConnected: book.isConnected(row), oldest: store.events.oldest,
            last: store.events.last)
    }

    private static func notFound(_ name: ConsumerName) -> StatusResponse {
        .notFound(kind: "consumers", name: name.text)
    }

    private static func expired(_ row: ConsumerRow, oldest: Int64) -> StatusResponse {
        StatusResponse(
            code: 410, reason: "Expired",
            message: "the oldest kept event is \(oldest), and \"\(row.name)\" acknowledged up to "
                + "\(row.acknowledged): DELETE it and PUT it with \"after\":\(oldest - 1)",
            details: StatusResponse.Details(
                name: row.name, kind: "consumers",
                causes: [
                    StatusResponse.Cause(
                        reason: "OldestSequence", message: String(oldest), field: "after")
                ]))
    }
}

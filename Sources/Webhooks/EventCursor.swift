import Store

/// Reads the event feed for one target: recent events from memory, older ones from the database.
///
/// Used by one task. Between two reads it holds nothing of the feed.
final class EventCursor: Sendable {
    /// Events taken from memory at a time, 64: they are there anyway.
    private static let recentLimit = 64
    /// Events read from the database at a time, 16: each may have an output of 1 MiB.
    private static let storedLimit = 16

    private let store: Store
    private let filter: EventFilter
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(_ store: Store, _ filter: EventFilter) {
        self.store = store
        self.filter = filter
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What lies behind `position`; waits until something does.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the store closed, else what the
    ///   store says.
    func read(after position: Int64) async throws -> EventBatch {
        while true {
            try Task.checkCancellation()
            let poll = store.events.poll(
                after: position, limit: Self.recentLimit, reader: ObjectIdentifier(self),
                wake: { [wake] in _ = wake.yield() })
            switch poll {
            case .events(let events):
                return EventBatch(
                    events: events.filter(filter.matches), end: events.last?.sequence ?? position)
            case .stored: return try await readStored(after: position)
            case .wait:
                var iterator = wakes.makeAsyncIterator()
                _ = await iterator.next()
            case .closed: throw CancellationError()
            }
        }
    }

    /// Forgets the wake that the feed may hold.
    func close() {
        store.events.cancel(reader: ObjectIdentifier(self))
    }

    private func readStored(after position: Int64) async throws -> EventBatch {
        try await store.read { [filter] snapshot in
            let bounds = try snapshot.eventBounds()
            let events = try snapshot.events(
                after: position, limit: Self.storedLimit, filter: filter)
            let isAll = events.count < Self.storedLimit
            return EventBatch(
                events: events, end: isAll ? bounds.last : events.last?.sequence ?? position,
                oldest: bounds.oldest)
        }
    }
}

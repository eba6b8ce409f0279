import Store

/// Reads the event feed for one target: recent events from memory, older ones from the database.
///
/// Used by one task. Between two reads it holds nothing of the feed.
final class EventCursor: Sendable {
    /// Events that are in hand at a time, 256: each batch costs a commit to store the position.
    private static let limit = 256
    /// Bytes of events that are in hand at a time, 1 MiB, unless one event is longer.
    private static let limitBytes = 1 << 20
    /// Unwanted events behind which a new position is given, 1024: the stored one must not fall
    /// far behind, or a restart would take what retention has deleted for missed.
    private static let stride: Int64 = 1_024

    private let store: Store
    private let subscription: EventSubscription
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(_ store: Store, _ filter: EventFilter) {
        self.store = store
        subscription = store.events.subscribe(filter, stride: Self.stride)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What lies behind `position`; waits until something does, if only events that are not wanted.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the store closed, else what the
    ///   store says.
    func read(after position: Int64) async throws -> EventBatch {
        while true {
            try Task.checkCancellation()
            let poll = subscription.poll(
                after: position, limit: Self.limit, bytes: Self.limitBytes,
                wake: { [wake] in _ = wake.yield() })
            switch poll {
            case .events(let events, let end): return EventBatch(events: events, end: end)
            case .stored(let after): return try await readStored(after: after)
            case .wait(let end):
                if end > position { return EventBatch(events: [], end: end) }
                var iterator = wakes.makeAsyncIterator()
                _ = await iterator.next()
            case .closed: throw CancellationError()
            }
        }
    }

    /// Forgets the wake that the feed may hold.
    func close() {
        subscription.cancel()
    }

    private func readStored(after position: Int64) async throws -> EventBatch {
        let page = try await store.read { [filter = subscription.filter] snapshot in
            try snapshot.eventPage(
                after: position, limit: Self.limit, bytes: Self.limitBytes, filter: filter)
        }
        return EventBatch(events: page.events, end: page.end, oldest: page.oldest)
    }
}

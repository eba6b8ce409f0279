/// What a reader of the event feed finds behind its position.
package enum EventPoll: Sendable {
    /// The events that it wants, from memory, in order; up to that number it has them all. There
    /// may be none: then ask again at once.
    case events([EventRecord], upTo: Int64)
    /// What lies behind that number is older than what memory holds: read it with
    /// ``StoreReading/eventPage(after:upTo:limit:bytes:filter:)``. Up to it nothing is wanted.
    case stored(after: Int64)
    /// Nothing is wanted up to that number, the feed's end. The wake is called when something is.
    case wait(at: Int64)
    /// The store is closed.
    case closed
}

/// One reader of the event feed: it gets what its filter lets through, and costs nothing while
/// that is nothing.
///
/// It holds no events: the position is its owner's, who asks from it with
/// ``poll(after:limit:bytes:wake:)``. A reader that waited is told where it is now, so that what
/// has passed it by is never looked through again, not even when memory or the database has lost it.
/// Any thread may call it, one at a time; nothing blocks. Its last reference cancels it.
package final class EventSubscription: Sendable {
    /// Which events it wants.
    package let filter: EventFilter
    /// How many events may pass it by before it is woken all the same; `nil`: any number.
    let stride: Int64?
    let id: UInt64
    private let feed: EventFeed

    init(_ feed: EventFeed, _ filter: EventFilter, stride: Int64?, id: UInt64) {
        self.feed = feed
        self.filter = filter
        self.stride = stride
        self.id = id
    }

    deinit { feed.cancel(self) }

    /// Looks for events behind `after`.
    ///
    /// - Parameters:
    ///   - after: up to here the reader has all that it wants.
    ///   - limit: how many events are returned at most.
    ///   - bytes: about how many bytes of JSON are returned at most, but always one event.
    ///   - wake: replaces an earlier one; kept only when the answer is ``EventPoll/wait(at:)``, and
    ///     called once, on the writer lane: it must not block.
    /// - Returns: the next events, or where or when to look for them.
    package func poll(
        after: Int64, limit: Int = 256, bytes: Int = 1 << 20, wake: @escaping @Sendable () -> Void
    ) -> EventPoll {
        feed.poll(self, after: after, limit: limit, bytes: bytes, wake)
    }

    /// Forgets the wake. Idempotent; it may be polled again.
    package func cancel() {
        feed.cancel(self)
    }
}

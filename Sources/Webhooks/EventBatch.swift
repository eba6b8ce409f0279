import Store

/// What lies behind a position in the event feed.
struct EventBatch: Sendable {
    /// The events that the target wants, in order.
    var events: [EventRecord]
    /// The sequence number up to which the feed was looked through.
    var end: Int64
    /// The oldest event that was kept then; 0 where nothing can have been deleted.
    var oldest: Int64 = 0
}

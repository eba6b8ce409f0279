/// A piece of the stored event feed, as it is at one moment.
package struct EventPage: Sendable {
    /// What the filter lets through, in order.
    package var events: [EventRecord]
    /// The sequence number up to which the feed was looked through.
    package var end: Int64
    /// The oldest event that is kept; one more than ``last`` when none is.
    package var oldest: Int64
    /// The last event that there ever was; 0 when there was none.
    package var last: Int64
}

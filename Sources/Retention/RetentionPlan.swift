import LogModel
import Store

/// Decides what is no longer kept: a pure value, with time as an argument.
///
/// What goes, goes oldest first and in steps that are small enough for other writers not to notice.
/// A stream that is live never goes, nor does the row of a stream, a job, a Pod or a workflow.
struct RetentionPlan {
    /// Events that are looked at, and deleted, in one step, 1000: some milliseconds.
    static let eventsAStep = 1_000
    /// Bytes of events that are deleted in one step, 16 MiB, but always one event.
    static let eventBytesAStep = 16 << 20
    /// Streams whose logs are deleted in one step, 32.
    static let streamsAStep = 32
    /// Pods' objects that are deleted in one step, 256: some milliseconds.
    static let podsAStep = 256
    /// How long a log is kept behind its end where deleting it cannot make the room that is missing,
    /// 1 h: who waited for it can read it, and logs do not take much more than they did.
    static let crowdedKeep: Duration = .seconds(3_600)

    let settings: RetentionSettings

    /// The sequence number before which events go now.
    ///
    /// - Parameters:
    ///   - oldest: the oldest events, in order, ``eventsAStep`` of them.
    ///   - last: the feed's last event.
    ///   - now: the time.
    /// - Returns: `nil` when all stay.
    func firstKeptEvent(_ oldest: [StoredEvent], last: Int64, at now: LogTime) -> Int64? {
        let start = now - settings.keepEventsFor
        var bytes = 0
        var first: Int64?
        for event in oldest {
            let isOver = event.time < start || event.sequence <= last - settings.maxEvents
            bytes += event.bytes
            guard isOver, first == nil || bytes <= Self.eventBytesAStep else { break }
            first = event.sequence + 1
        }
        return first
    }

    /// Streams that ended before this time go.
    func oldestKeptEnd(at now: LogTime) -> LogTime { now - settings.keepLogsFor }

    /// Bytes that are to be made free, for which logs go although they are not old.
    func surplus(usedBytes: Int64) -> Int64 {
        settings.maxBytes.map { max(0, usedBytes - $0) } ?? 0
    }

    /// Streams that ended before this time may go for room: all of them, but where the rest of the
    /// store `isCrowded`, so that even without logs it were too large, only those that were there to
    /// be read for ``crowdedKeep``.
    func oldestEndForRoom(isCrowded: Bool, at now: LogTime) -> LogTime {
        isCrowded ? now - Self.crowdedKeep : LogTime(nanoseconds: .max)
    }
}

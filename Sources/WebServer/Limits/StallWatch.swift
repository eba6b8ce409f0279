/// Tells a slow client from one that takes nothing at all: a pure value, told what the client has
/// confirmed and the time.
struct StallWatch {
    private var acknowledged: UInt64?
    private var since: UInt64 = 0

    /// Whether nothing more was confirmed for `limit` milliseconds.
    mutating func isStalled(acknowledged bytes: UInt64, now: UInt64, limit: UInt64) -> Bool {
        if bytes == acknowledged { return now >= since + limit }
        acknowledged = bytes
        since = now
        return false
    }
}

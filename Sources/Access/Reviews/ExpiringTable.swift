/// What was decided, for a while: a pure value, told the time, bounded in entries.
///
/// At its bound the entry that was made first goes, even before its time.
struct ExpiringTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let expiry: ContinuousClock.Instant
        let number: UInt64
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]
    /// The keys in the order in which they were set, replaced ones included.
    private var order: [(key: Key, number: UInt64)] = []
    private var head = 0
    private var nextNumber: UInt64 = 0

    /// An empty table of at most `limit` entries.
    init(limit: Int) {
        precondition(limit > 0, "a table has room for an entry")
        self.limit = limit
    }

    /// How many entries there are, expired ones included.
    var count: Int { entries.count }

    /// What was decided, unless its time is over.
    func value(_ key: Key, now: ContinuousClock.Instant) -> Value? {
        guard let entry = entries[key], now < entry.expiry else { return nil }
        return entry.value
    }

    /// Whether something was decided, also where its time is over.
    func remembers(_ key: Key) -> Bool { entries[key] != nil }

    /// Keeps `value` until `expiry`.
    mutating func set(_ key: Key, _ value: Value, expiry: ContinuousClock.Instant) {
        nextNumber += 1
        entries[key] = Entry(value: value, expiry: expiry, number: nextNumber)
        order.append((key, nextNumber))
        // What was replaced leaves its place in the order behind: it goes with the next ones.
        while entries.count > limit || order.count - head > 2 * limit {
            let oldest = order[head]
            head += 1
            if entries[oldest.key]?.number == oldest.number { entries[oldest.key] = nil }
        }
        if head > limit {
            order.removeFirst(head)
            head = 0
        }
    }
}

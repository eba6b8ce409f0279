/// The tickets that are out: a pure value, told the time.
///
/// A ticket is good for one request of its path, for a short time: what a link can carry, because
/// its URL is worthless as soon as it was used. Only keyed hashes are kept.
struct TicketBook {
    /// Tickets that are out at a time, 4,096; beyond it none is issued until one expires.
    static let limit = 4_096

    private struct Ticket {
        let holder: BearerToken?
        let path: [String]
        let expiry: ContinuousClock.Instant
    }

    private var tickets: [TokenHash: Ticket] = [:]
    /// The tickets in the order of their expiry, used ones included.
    private var order: [(hash: TokenHash, expiry: ContinuousClock.Instant)] = []

    /// Tickets that are out.
    var count: Int { tickets.count }

    /// Notes a ticket that is good until `expiry`, which no earlier ticket's lies behind.
    ///
    /// - Returns: whether there was room for it.
    mutating func add(
        _ hash: TokenHash, path: [String], holder: BearerToken?, expiry: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> Bool {
        dropExpired(now)
        guard order.count < Self.limit else { return false }
        tickets[hash] = Ticket(holder: holder, path: path, expiry: expiry)
        order.append((hash, expiry))
        return true
    }

    /// Uses a ticket up.
    ///
    /// - Returns: whose it is; `nil` when it is not good for `path` now. A ticket that was shown
    ///   for another path is used up, too.
    mutating func take(
        _ hash: TokenHash, path: [String], now: ContinuousClock.Instant
    ) -> BearerToken? {
        guard let ticket = tickets.removeValue(forKey: hash), now < ticket.expiry,
            ticket.path == path
        else { return nil }
        return ticket.holder
    }

    private mutating func dropExpired(_ now: ContinuousClock.Instant) {
        let expired = order.prefix { $0.expiry <= now }
        for ticket in expired { tickets[ticket.hash] = nil }
        order.removeFirst(expired.count)
    }
}

import Synchronization

/// Issues and takes one-time tickets. Any thread may call it.
final class TicketDesk: Sendable {
    /// How long a ticket is good for, 30 s: time to follow a link that was just made.
    static let lifetime: Duration = .seconds(30)

    private let hasher = TokenHasher()
    private let now: @Sendable () -> ContinuousClock.Instant
    private let book = Mutex(TicketBook())

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// A ticket of 256 random bits for `path`.
    func issue(for path: [String], to holder: BearerToken?) throws(AccessError) -> String {
        let ticket = RandomBytes.make(32).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        let hash = try hasher.hash(ticket)
        let now = now()
        let isAdded = book.withLock { book in
            book.add(hash, path: path, holder: holder, expiry: now + Self.lifetime, now: now)
        }
        guard isAdded else {
            throw .unavailable("\(TicketBook.limit) tickets are out, and no more may be")
        }
        return ticket
    }

    /// Who had `ticket` issued, if it is good for `path`; it is used up.
    func redeem(_ ticket: String, path: [String]) -> BearerToken? {
        guard ticket.utf8.count == 64, let hash = try? hasher.hash(ticket) else { return nil }
        let now = now()
        return book.withLock { $0.take(hash, path: path, now: now) }
    }
}

/// Counts what clients of one address have open and ask for: a pure value, told the time.
///
/// It stands before authentication, so that one address cannot use up what all share: connections,
/// the work of TLS handshakes, and that of requests that are refused in the end.
struct AddressLimits {
    /// How much of something may come in a second, and at once.
    private struct Rate {
        var perSecond: Double
        var burst: Double
    }

    /// What is known of one address.
    private struct Entry {
        var connections = 0
        /// Requests that may come at once; refilled as time goes by, as are handshakes.
        var requests: Double
        var handshakes: Double
        var updated: UInt64
    }

    /// Addresses that are remembered for what they have used. 16,384, some 1 MiB. Beyond it those
    /// that have nothing open are forgotten, and begin anew with a full allowance.
    private static let maxIdleEntries = 16_384

    private let maxConnections: Int
    private let requests: Rate
    private let handshakes: Rate
    private let includesLoopback: Bool
    private var entries: [ClientAddress.Network: Entry] = [:]

    /// - Parameters:
    ///   - maxConnections: open connections of one address; 0 for any number.
    ///   - requestsPerSecond: requests a second of one address, twice as many at once; 0 for any.
    ///   - handshakesPerSecond: new connections a second of one address, four times as many at once;
    ///     0 for any, as without TLS.
    ///   - includesLoopback: whether this machine is limited as well.
    init(
        maxConnections: Int, requestsPerSecond: Int, handshakesPerSecond: Int,
        includesLoopback: Bool
    ) {
        self.maxConnections = maxConnections
        requests = Rate(
            perSecond: Double(requestsPerSecond), burst: Double(requestsPerSecond) * 2)
        handshakes = Rate(
            perSecond: Double(handshakesPerSecond), burst: Double(handshakesPerSecond) * 4)
        self.includesLoopback = includesLoopback
    }

    /// Counts a connection; false where the address has enough of them, or opens them too fast, and
    /// it is not counted then.
    mutating func open(_ address: ClientAddress, now: UInt64) -> Bool {
        guard let network = network(address) else { return true }
        var entry = entry(network, now)
        guard maxConnections == 0 || entry.connections < maxConnections else { return false }
        if handshakes.perSecond > 0 {
            guard entry.handshakes >= 1 else { return false }
            entry.handshakes -= 1
        }
        entry.connections += 1
        entries[network] = entry
        return true
    }

    /// Takes back the connection that ``open(_:now:)`` counted; its handshake stays counted.
    mutating func close(_ address: ClientAddress) {
        guard let network = network(address), var entry = entries[network] else { return }
        entry.connections -= 1
        entries[network] = entry
    }

    /// Counts a request; false where the address has asked for too much.
    mutating func request(_ address: ClientAddress, now: UInt64) -> Bool {
        guard requests.perSecond > 0, let network = network(address) else { return true }
        var entry = entry(network, now)
        guard entry.requests >= 1 else { return false }
        entry.requests -= 1
        entries[network] = entry
        return true
    }

    /// Forgets the addresses of which nothing is left to know.
    mutating func forget(now: UInt64) {
        let stale = entries.filter { network, _ in isFresh(entry(network, now)) }
        for network in stale.keys { entries[network] = nil }
        guard entries.count > Self.maxIdleEntries else { return }
        entries = entries.filter { $0.value.connections > 0 }
    }

    /// How many addresses are remembered.
    var count: Int { entries.count }

    /// Nil for an address that no limit holds for.
    private func network(_ address: ClientAddress) -> ClientAddress.Network? {
        address.isLoopback && !includesLoopback ? nil : address.network
    }

    /// Nothing open and nothing used: as good as forgotten.
    private func isFresh(_ entry: Entry) -> Bool {
        entry.connections == 0 && entry.requests >= requests.burst
            && entry.handshakes >= handshakes.burst
    }

    private func entry(_ network: ClientAddress.Network, _ now: UInt64) -> Entry {
        guard var entry = entries[network] else {
            return Entry(requests: requests.burst, handshakes: handshakes.burst, updated: now)
        }
        let seconds = Double(now - min(now, entry.updated)) / 1_000
        entry.requests = min(requests.burst, entry.requests + seconds * requests.perSecond)
        entry.handshakes = min(handshakes.burst, entry.handshakes + seconds * handshakes.perSecond)
        entry.updated = now
        return entry
    }
}

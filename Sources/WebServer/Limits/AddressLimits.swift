/// Counts what clients of one address have open and ask for: a pure value, told the time.
///
/// It stands before authentication, so that one address cannot use up what all share: connections,
/// and the work of requests that are refused in the end.
struct AddressLimits {
    /// What is known of one address.
    private struct Entry {
        var connections = 0
        /// Requests that may come at once; refilled as time goes by.
        var allowance: Double
        var updated: UInt64

        /// Nothing open and nothing used: as good as forgotten.
        func isFresh(_ capacity: Double) -> Bool { connections == 0 && allowance >= capacity }
    }

    /// Addresses that are remembered for their requests. 16,384, some 1 MiB. Beyond it those that
    /// have nothing open are forgotten, and begin anew with a full allowance.
    private static let maxIdleEntries = 16_384

    private let maxConnections: Int
    private let requestsPerSecond: Double
    private let includesLoopback: Bool
    private var entries: [ClientAddress.Network: Entry] = [:]

    /// - Parameters:
    ///   - maxConnections: open connections of one address; 0 for any number.
    ///   - requestsPerSecond: requests a second of one address, twice as many at once; 0 for any.
    ///   - includesLoopback: whether this machine is limited as well.
    init(maxConnections: Int, requestsPerSecond: Int, includesLoopback: Bool) {
        self.maxConnections = maxConnections
        self.requestsPerSecond = Double(requestsPerSecond)
        self.includesLoopback = includesLoopback
    }

    /// Requests that may come at once.
    private var capacity: Double { requestsPerSecond * 2 }

    /// Counts a connection; false where the address has enough of them, and it is not counted then.
    mutating func open(_ address: ClientAddress, now: UInt64) -> Bool {
        guard let network = network(address) else { return true }
        var entry = entry(network, now)
        guard maxConnections == 0 || entry.connections < maxConnections else { return false }
        entry.connections += 1
        entries[network] = entry
        return true
    }

    /// Takes back what ``open(_:now:)`` counted.
    mutating func close(_ address: ClientAddress) {
        guard let network = network(address), var entry = entries[network] else { return }
        entry.connections -= 1
        entries[network] = entry
    }

    /// Counts a request; false where the address has asked for too much.
    mutating func request(_ address: ClientAddress, now: UInt64) -> Bool {
        guard requestsPerSecond > 0, let network = network(address) else { return true }
        var entry = entry(network, now)
        guard entry.allowance >= 1 else { return false }
        entry.allowance -= 1
        entries[network] = entry
        return true
    }

    /// Forgets the addresses of which nothing is left to know.
    mutating func forget(now: UInt64) {
        let capacity = capacity
        let stale = entries.filter { network, _ in entry(network, now).isFresh(capacity) }
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

    private func entry(_ network: ClientAddress.Network, _ now: UInt64) -> Entry {
        guard var entry = entries[network] else {
            return Entry(allowance: capacity, updated: now)
        }
        let seconds = Double(now - min(now, entry.updated)) / 1_000
        entry.allowance = min(capacity, entry.allowance + seconds * requestsPerSecond)
        entry.updated = now
        return entry
    }
}

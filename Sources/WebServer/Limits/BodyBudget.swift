/// Counts the bytes of bodies that are held in memory, of all clients together: a pure value.
///
/// Bytes of requests count as they come, not as they are announced, so that an announcement costs
/// nobody else anything. One address may hold a quarter, so that it cannot keep the others out; this
/// machine's own may hold all, as proxies that carry many clients run here. What is alone always fits.
struct BodyBudget {
    private let limit: Int
    private let share: Int
    private(set) var bytes = 0
    /// Whose bodies they are: `requests`.
    private let owners: String
    private var byNetwork: [ClientAddress.Network: Int] = [:]

    /// Room for `limit` bytes; a body of the longest length fits into the share of one address.
    init(limit: Int, longest: Int, of owners: String) {
        self.limit = limit
        self.owners = owners
        share = max(limit / 4, longest)
    }

    /// Counts bytes that have come.
    ///
    /// - Throws: `429` where the address holds too many, `503` where all together do; they are not
    ///   counted then.
    mutating func take(_ count: Int, of address: ClientAddress) throws(RequestFailure) {
        guard count > 0 else { return }
        let held = byNetwork[address.network, default: 0]
        guard address.isLoopback || held == 0 || held + count <= share else {
            throw RequestFailure(
                429, "the bodies of this address's \(owners) are more than \(share) bytes")
        }
        guard bytes == 0 || bytes + count <= limit else {
            throw RequestFailure(
                503, "the bodies of all \(owners) are more than \(limit) bytes: come back later")
        }
        bytes += count
        byNetwork[address.network] = held + count
    }

    /// Takes back what ``take(_:of:)`` counted.
    mutating func giveBack(_ count: Int, of address: ClientAddress) {
        guard count > 0, let held = byNetwork[address.network] else { return }
        precondition(count <= held, "only what was counted is given back")
        bytes -= count
        byNetwork[address.network] = held == count ? nil : held - count
    }
}

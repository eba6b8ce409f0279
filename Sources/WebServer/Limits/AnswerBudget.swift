import Synchronization

/// Counts the bytes of whole answers that are being sent, of all clients together.
///
/// A client may ask for a great many answers and read none of them: with HTTP/2 in one connection.
/// What is pulled from a source waits in the source; a whole answer is here until it is sent.
final class AnswerBudget: Sendable {
    /// An answer up to this size does not count: less than its connection may take otherwise.
    static let smallBytes = 64 << 10

    private let budget: Mutex<BodyBudget>

    /// Room for `limit` bytes. One answer always fits where there is no other.
    init(limit: Int) {
        budget = Mutex(BodyBudget(limit: limit, longest: 0, of: "answers"))
    }

    /// The bytes that are counted.
    var bytes: Int { budget.withLock(\.bytes) }

    /// Counts an answer for as long as the lease is held; nil for one that is small.
    ///
    /// - Throws: `429` where the address holds too many, `503` where all together do.
    func lease(_ count: Int, of address: ClientAddress) throws(RequestFailure) -> AnswerLease? {
        guard count > Self.smallBytes else { return nil }
        try budget.withLock { budget throws(RequestFailure) in
            try budget.take(count, of: address)
        }
        return AnswerLease(count, of: address, in: self)
    }

    fileprivate func giveBack(_ count: Int, of address: ClientAddress) {
        budget.withLock { $0.giveBack(count, of: address) }
    }
}

/// The room that an answer takes: given back when it is let go of, whatever ended the response.
final class AnswerLease: Sendable {
    private let count: Int
    private let address: ClientAddress
    private let budget: AnswerBudget

    fileprivate init(_ count: Int, of address: ClientAddress, in budget: AnswerBudget) {
        self.count = count
        self.address = address
        self.budget = budget
    }

    deinit { budget.giveBack(count, of: address) }
}

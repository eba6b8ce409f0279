import Access
import Synchronization
import WebServer

/// How many searches there may be: each takes memory, and all share a few threads.
final class SearchGate: Sendable {
    /// Searches at a time, 16: at most 16 × 24 MiB, see ``SearchRun``. Beyond it `429`.
    static let limit = 16
    /// Searches of one client at a time, 4, so that one alone cannot take them all. Beyond it `429`.
    static let clientLimit = 4

    /// Whom a search counts for: behind a proxy all have one address, so a caller who is known counts
    /// by their name.
    enum Client: Hashable, Sendable {
        case user(String)
        case address(String)

        /// The caller of a request from `address`.
        init(_ caller: Caller, address: String) {
            self = caller.authentication == .none ? .address(address) : .user(caller.identity.name)
        }
    }

    /// The place of one search: given back once.
    final class Pass: Sendable {
        private let gate: SearchGate
        private let client: Client
        private let isLeft = Atomic(false)

        fileprivate init(_ gate: SearchGate, _ client: Client) {
            self.gate = gate
            self.client = client
        }

        deinit { leave() }

        /// Makes room for another search. Idempotent.
        func leave() {
            guard !isLeft.exchange(true, ordering: .relaxed) else { return }
            gate.leave(client)
        }
    }

    private let counts = Mutex<[Client: Int]>([:])

    /// Lets a search of `client` in.
    ///
    /// - Throws: `429` when there are too many.
    func enter(_ client: Client) throws(StatusResponse) -> Pass {
        let refusal: String? = counts.withLock { counts in
            if counts[client, default: 0] >= Self.clientLimit {
                return "\(Self.clientLimit) of this client"
            }
            if counts.values.reduce(0, +) >= Self.limit { return "\(Self.limit)" }
            counts[client, default: 0] += 1
            return nil
        }
        guard let refusal else { return Pass(self, client) }
        var status = StatusResponse(
            code: 429, reason: "TooManyRequests",
            message: "too many searches at a time: \(refusal) are going on; try again later")
        status.fields = [HeaderField("Retry-After", "1")]
        throw status
    }

    private func leave(_ client: Client) {
        counts.withLock { counts in
            let left = counts[client, default: 1] - 1
            counts[client] = left == 0 ? nil : left
        }
    }
}

/// When one transfer must have got how far. libcurl itself watches the time to connect.
///
/// A pure value; time comes in as an argument. The arrival of bytes only moves a mark, so that it
/// costs nothing; the deadline is looked at again when the old one comes.
struct TransferDeadlines {
    typealias Instant = ContinuousClock.Instant

    /// What to do when a deadline has come.
    enum Verdict: Equatable {
        /// Nothing is due; look again then, or never.
        case wait(until: Instant?)
        /// The transfer has failed for this reason.
        case expired(HTTPClientError.Code)
    }

    private let head: Instant?
    private let total: Instant?
    private let idle: Duration?
    private var lastArrival: Instant
    private var hasHead = false
    private var isHeld = false

    init(_ timeouts: HTTPTimeouts, start: Instant) {
        head = timeouts.responseHead.map { start + $0 }
        total = timeouts.total.map { start + $0 }
        idle = timeouts.idle
        lastArrival = start
    }

    /// The response head is complete.
    mutating func headArrived(at now: Instant) {
        hasHead = true
        lastArrival = now
    }

    /// Body bytes have arrived.
    mutating func bytesArrived(at now: Instant) {
        lastArrival = now
    }

    /// The transfer waits for its reader: silence is our doing.
    mutating func held() {
        isHeld = true
    }

    /// The transfer goes on.
    mutating func released(at now: Instant) {
        isHeld = false
        lastArrival = now
    }

    /// What is due now, and when to look again.
    func verdict(at now: Instant) -> Verdict {
        let waiting: [(Instant?, HTTPClientError.Code)] = [
            (total, .timeoutTotal),
            (hasHead ? nil : head, .timeoutHead),
            (hasHead && !isHeld ? idle.map { lastArrival + $0 } : nil, .timeoutIdle),
        ]
        var next: Instant?
        for (instant, code) in waiting {
            guard let instant else { continue }
            if instant <= now { return .expired(code) }
            next = min(next ?? instant, instant)
        }
        return .wait(until: next)
    }
}

import HTTPClient

/// Whether the API server is asked at all: a pure value, with time as an argument.
///
/// One failure to reach it holds everyone back; from then on a single probe asks, after ever longer
/// waits, and its success lets everyone go on. So ten thousand streams that lose their server cost
/// it one request every some seconds while it starts, not ten thousand.
///
/// | state | can move to | when |
/// | --- | --- | --- |
/// | open | closed | a request that was let through in this state got no answer, or 429 |
/// | closed | closed | the probe failed |
/// | closed | open | the probe was answered |
struct UpstreamHealth: Sendable {
    /// The first wait before a probe: 0.1 s. A single broken connection costs no more.
    static let firstWait: Duration = .milliseconds(100)
    /// The longest wait between two probes: 10 s.
    static let longestWait: Duration = .seconds(10)

    /// When the next probe is due; `nil` while requests may be sent.
    private(set) var closedUntil: ContinuousClock.Instant?
    /// Which opening this is. A failure of a request from an earlier one says nothing new.
    private(set) var opening = 0
    private var backoff = Backoff(initial: Self.firstWait, maximum: Self.longestWait)
    private var random: SplitMix

    /// A server that is thought to be in reach; the jitter of the waits comes from `seed`.
    init(seed: UInt64) {
        random = SplitMix(seed: seed)
    }

    /// A request of opening `opening` got no answer.
    mutating func lost(opening: Int, now: ContinuousClock.Instant) {
        guard closedUntil == nil, opening == self.opening else { return }
        closedUntil = now + backoff.next(using: &random)
    }

    /// A request of opening `opening` was told to come back later.
    mutating func refused(opening: Int, for wait: Duration, now: ContinuousClock.Instant) {
        guard closedUntil == nil, opening == self.opening else { return }
        closedUntil = now + wait
    }

    /// The probe was not answered.
    mutating func probeFailed(now: ContinuousClock.Instant) {
        closedUntil = now + backoff.next(using: &random)
    }

    /// The probe was answered.
    mutating func probeAnswered() {
        closedUntil = nil
        opening += 1
        backoff.reset()
    }
}

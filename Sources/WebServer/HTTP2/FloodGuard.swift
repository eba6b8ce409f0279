/// Counts frames that cost the server work and the client nothing: a pure value, told the time.
///
/// Each kind may come in a burst and then at a rate that no honest client reaches. Beyond it the
/// connection closes.
struct FloodGuard {
    /// A count that fills up again as time goes by.
    private struct Allowance {
        let burst: Double
        let perSecond: Double
        private var left: Double
        private var updated: UInt64?

        init(burst: Double, perSecond: Double) {
            self.burst = burst
            self.perSecond = perSecond
            left = burst
        }

        mutating func take(now: UInt64) -> Bool {
            if let updated {
                left = min(burst, left + Double(now - min(now, updated)) / 1_000 * perSecond)
            }
            updated = now
            guard left >= 1 else { return false }
            left -= 1
            return true
        }
    }

    /// Keep-alives come every few seconds; some clients measure the bandwidth with a PING for each
    /// window (CVE-2019-9512).
    private var pings = Allowance(burst: 500, perSecond: 50)
    /// A client sends one, and another when it changes its mind (CVE-2019-9515).
    private var settings = Allowance(burst: 50, perSecond: 1)
    /// Readers that go away; a page full of them at once (CVE-2023-44487). nghttp2 counts as well.
    private var resets = Allowance(burst: 1_000, perSecond: 33)
    /// Frames that make the server reset a stream: an honest client sends none (CVE-2025-8671).
    private var invalid = Allowance(burst: 100, perSecond: 1)

    /// Whether the frame is one too many.
    mutating func admits(_ frame: HTTP2FrameKind, now: UInt64) -> Bool {
        switch frame {
        case .ping: pings.take(now: now)
        case .settings: settings.take(now: now)
        case .reset: resets.take(now: now)
        case .invalid: invalid.take(now: now)
        case .other: true
        }
    }
}

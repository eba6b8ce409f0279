/// A start rate: so many a second, with a burst of one second's worth. Pure; time is an argument.
package struct TokenBucket: Sendable {
    private let interval: Duration
    private let burst: Duration
    /// When the bucket would be full, counted in intervals: each token moves it on by one.
    private var full: ContinuousClock.Instant?

    /// Allows `rate` a second.
    package init(rate: Int) {
        precondition(rate > 0, "a rate is positive")
        interval = .seconds(1) / rate
        burst = .seconds(1)
    }

    /// Takes a token.
    ///
    /// - Returns: `nil` when there was one, else when there will be.
    package mutating func take(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let next = max(full ?? now, now) + interval
        if next - now > burst { return next - burst }
        full = next
        return nil
    }
}

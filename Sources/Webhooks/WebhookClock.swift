import Foundation

/// The time as deliveries see it, so that a test can be it.
package struct WebhookClock: Sendable {
    /// Now; never goes back.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// Seconds since 1970, for signatures and dates.
    package var unixSeconds: @Sendable () -> Int64
    /// Returns at that instant, or throws `CancellationError` at once when the task is cancelled.
    package var sleep: @Sendable (ContinuousClock.Instant) async throws -> Void

    /// A clock of these functions.
    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        unixSeconds: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void
    ) {
        self.now = now
        self.unixSeconds = unixSeconds
        self.sleep = sleep
    }

    /// The machine's clocks.
    package static let system = WebhookClock(
        now: { .now }, unixSeconds: { Int64(Date().timeIntervalSince1970) },
        sleep: { try await Task.sleep(until: $0, clock: .continuous) })
}

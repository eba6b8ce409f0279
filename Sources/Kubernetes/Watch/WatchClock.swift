/// The time as a ``ResourceWatcher`` sees it, so that a test can be it.
package struct WatchClock: Sendable {
    /// Now; never goes back.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// Returns after a while, or throws `CancellationError` at once when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    /// A clock of these two functions.
    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's monotonic clock.
    package static let system = WatchClock(
        now: { ContinuousClock.now }, sleep: { try await Task.sleep(for: $0) })
}

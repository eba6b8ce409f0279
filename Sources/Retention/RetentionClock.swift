package import LogModel

/// Where retention has the time from.
package struct RetentionClock: Sendable {
    /// The time now.
    let now: @Sendable () -> LogTime
    /// Waits.
    let sleep: @Sendable (Duration) async throws -> Void

    /// A clock of these parts.
    package init(
        now: @escaping @Sendable () -> LogTime,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's clock.
    package static let system = RetentionClock(
        now: { .now }, sleep: { try await Task.sleep(for: $0) })
}

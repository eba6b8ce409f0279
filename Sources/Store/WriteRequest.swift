/// A closure that waits for the next group commit, and whom to tell.
struct WriteRequest: Sendable {
    /// When it was made.
    let since: ContinuousClock.Instant
    /// Runs the closure, and returns what tells the caller its result, after the commit.
    let run: @Sendable (StoreTransaction) throws -> @Sendable () -> Void
    /// Tells the caller that it failed.
    let fail: @Sendable (any Error) -> Void
}

/// Limits of the whole capture.
package struct DispatcherSettings: Sendable {
    /// Follows at the same time: 10,000. Others wait for their turn.
    package var follows = 10_000
    /// Follows at the same time on one node: 500. Each costs an inotify instance there.
    package var followsPerNode = 500
    /// Log requests started a second: 100. The API server does not protect itself from follows.
    package var startsPerSecond = 100
    /// Bytes queued for one further writer of one stream: 4 MiB. Beyond it the writer is cut off.
    package var writerQueueBytes = 4 << 20
    /// What each follower does.
    package var follower = FollowerSettings()

    /// The defaults.
    package init() {}
}

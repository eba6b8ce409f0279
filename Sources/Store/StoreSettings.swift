/// The store's bounds and delays, each with its unit, its default and what happens beyond it.
package struct StoreSettings: Sendable {
    /// At least this long between two commits of the lane, 10 ms; the first one after a quiet time
    /// is made at once. Beyond it lines wait, so a watching reader sees them within 25 ms.
    package var commitInterval: Duration = .milliseconds(10)
    /// How long lines that nobody watches may wait for others to share a commit with, 1 s.
    package var quietDelay: Duration = .seconds(1)
    /// Bytes of queued lines at which they are committed before ``quietDelay`` is over, 4 MiB.
    package var quietBytes = 4 << 20
    /// Bytes of lines that may be queued for the lane, 64 MiB. Beyond it `append` waits.
    package var queueBytes = 64 << 20
    /// How long `append` waits for room in the queue, 10 s. Beyond it it throws
    /// ``StoreError/Code/full``: a follow is better cut and resumed than held back, since a kubelet
    /// that is held back across two rotations skips a file, and nothing in the stream says so.
    package var roomTimeout: Duration = .seconds(10)
    /// Bytes of committed lines kept in memory for readers, of all streams together, 64 MiB. Beyond
    /// it the oldest are dropped, and readers that are so far behind read from the database.
    package var recentBytes = 64 << 20
    /// Bytes of committed events kept in memory, 8 MiB. Beyond it the oldest are dropped, and
    /// readers that are so far behind read from the database.
    package var recentEventBytes = 8 << 20
    /// Bytes of text in one stored chunk, 256 KiB. A single line that is longer has its own chunk.
    package var chunkBytes = 256 << 10
    /// How many small chunks at the end of a stream are merged into one, 32.
    package var mergeRows = 32
    /// Streams whose lines are written in one transaction, 512: bounds how long a commit takes and
    /// so how long a watched line waits for it.
    package var streamsPerCommit = 512
    /// How long a call waits while the database cannot be written, 30 s. Beyond it it throws
    /// ``StoreError/Code/full`` or ``StoreError/Code/unavailable``.
    package var failureTimeout: Duration = .seconds(30)
    /// The longest pause between two attempts to commit while the database cannot be written, 2 s;
    /// the first is 50 ms, and each is twice the one before.
    package var longestRetry: Duration = .seconds(2)
    /// Connections for readers, 4. Beyond it reads wait for one another.
    package var readers = 4
    /// Threads that read and unpack log text for readers, 2: one unpacks while the other reads what
    /// comes next. Beyond what they can do readers wait for one another. Fewer than ``readers``, so
    /// that no download keeps a question waiting.
    package var readingThreads = 2

    /// The defaults.
    package init() {}
}

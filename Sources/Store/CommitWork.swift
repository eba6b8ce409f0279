import LogModel

/// What one group commit writes, compressed and numbered, so that it can be tried again.
struct CommitWork: Sendable {
    /// One row or mark of a stream, in order.
    enum Step: Sendable {
        case chunk(Chunk)
        case output(FoundOutput, line: Int64)
        case gap(NumberedGap)
        case end(exitCode: Int?, reason: String?)
    }

    /// What is written of one stream.
    struct StreamWork: Sendable {
        let channel: StreamChannel
        /// The index of an earlier part of the same stream in this work.
        let earlier: Int?
        var steps: [Step] = []
        var entries = 0
        var batches: [NumberedBatch] = []
        var gaps: [NumberedGap] = []
        var isEnd = false
        var position: ChunkPosition
        var runs: MergeRuns
    }

    var streams: [StreamWork] = []
    /// How many of them came from the list of urgent streams.
    var urgentCount = 0
    var writes: [WriteRequest] = []
    /// Bytes reserved in the lane's queue.
    var cost = 0

    /// Whether there is nothing to write.
    var isEmpty: Bool { streams.isEmpty && writes.isEmpty }

    /// The streams in it.
    var channels: [StreamChannel] { streams.map(\.channel) }

    /// Takes out the write requests that have waited since `deadline` or longer.
    mutating func expireWrites(since deadline: ContinuousClock.Instant) -> [WriteRequest] {
        let expired = writes.filter { $0.since <= deadline }
        writes.removeAll { $0.since <= deadline }
        return expired
    }
}

/// What a group commit did.
struct CommitResult {
    /// For each stream of the work what became of it: where its merge runs stand, or why it failed.
    var streams: [Result<MergeRuns, any Error>] = []
    /// What tells the callers of writes their results.
    var tell: [@Sendable () -> Void] = []
    /// The events that were written.
    var events: [EventRecord] = []
}

package import LogModel
import Synchronization

/// What a reader of a stream finds at its position.
package enum TailPoll: Sendable {
    /// Lines from memory that hold the position: they start at it or before it.
    case batch(NumberedBatch)
    /// No longer in memory: read it with `Store.batch(stream:at:)`.
    case stored
    /// Nothing yet; the wake is called when there is.
    case wait
    /// The stream has ended, and `next` is the number behind its last line.
    case end(next: Int64)
    /// The store is closed.
    case closed
}

/// Lines from memory, as they were committed.
package struct RecentLines: Sendable {
    /// The batches, in order.
    package let batches: [NumberedBatch]
    /// The gap record that they are, in which case it is one batch of one line.
    package let gap: GapRecord?
}

/// One reader's view of a stream's live end: a position and a wake, no queue.
///
/// Any thread may call it, and no call blocks. It shows only what is committed. When it goes away
/// its wake is forgotten and the stream is no longer watched by it.
package final class StreamTail: Sendable {
    /// The stream's row.
    package var row: Int64 { channel.row }

    private let channel: StreamChannel
    private let lane: WriterLane
    private let id: UInt64
    private let isWatching = Mutex(false)

    private static let ids = Atomic<UInt64>(0)

    init(channel: StreamChannel, lane: WriterLane) {
        self.channel = channel
        self.lane = lane
        id = Self.ids.wrappingAdd(1, ordering: .relaxed).newValue
    }

    deinit {
        unwatch()
        channel.state.withLock { _ = $0.live.wakes.removeValue(forKey: id) }
    }

    /// The number behind the last committed line.
    package var next: Int64 { channel.state.withLock { $0.live.next } }

    /// Looks for lines from `line` on.
    ///
    /// - Parameters:
    ///   - line: the number of the first line that the reader does not have.
    ///   - wake: kept only when the answer is ``TailPoll/wait``, in place of an earlier one, and
    ///     called once, on the writer lane: it must not block.
    /// - Returns: lines, or where or when to look for them.
    package func poll(at line: Int64, wake: @escaping @Sendable () -> Void) -> TailPoll {
        channel.state.withLock { state in
            if line < state.live.next {
                if let batch = state.live.window.batch(containing: line) { return .batch(batch) }
                return .stored
            }
            if state.live.isEnded { return .end(next: state.live.next) }
            if state.live.isClosed { return .closed }
            state.live.wakes[id] = wake
            return .wait
        }
    }

    /// Consecutive batches from memory, the first one holding line `line`: no more than `bytes` of
    /// text unless the first has more, and beginning before the line `end`. A gap record comes
    /// alone. None when `line` is not in memory.
    package func recent(from line: Int64, before end: Int64 = .max, bytes: Int) -> RecentLines {
        channel.state.withLock { state in
            let gaps = state.live.gaps
            if let gap = gaps[line] {
                let batch = state.live.window.batch(containing: line)
                return RecentLines(batches: batch.map { [$0] } ?? [], gap: gap)
            }
            let batches = state.live.window.run(from: line, before: end, bytes: bytes) { batch in
                batch.batch.count > 1 || gaps[batch.first] == nil
            }
            return RecentLines(batches: batches, gap: nil)
        }
    }

    /// The gap record at line `line`, when that line is one.
    package func gap(at line: Int64) -> GapRecord? {
        channel.state.withLock { $0.live.gaps[line] }
    }

    /// Someone reads along: the stream's lines are committed within 25 ms from now on.
    package func watch() {
        let isNew = isWatching.withLock { isWatching in
            defer { isWatching = true }
            return !isWatching
        }
        guard isNew else { return }
        let hasPending = channel.state.withLock { state in
            state.live.watchers += 1
            return state.capture?.pending.isEmpty == false
        }
        if hasPending { lane.hurry(channel) }
    }

    /// Nobody reads along here any more; also when there was no `watch()`.
    package func unwatch() {
        let wasWatching = isWatching.withLock { isWatching in
            defer { isWatching = false }
            return isWatching
        }
        if wasWatching { channel.state.withLock { $0.live.watchers -= 1 } }
    }
}

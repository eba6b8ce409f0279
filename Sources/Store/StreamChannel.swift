import LogModel
import Synchronization

/// One open stream in memory: what waits to be committed, where the stream stands, and its live end.
///
/// Shared by the stream's writer, its readers' tails and the writer lane; it exists while one of
/// them holds it. Its lock is never held while another one is taken. A quiet stream keeps a few
/// hundred bytes here.
final class StreamChannel: Sendable {
    /// What the lane does with a stream, in the order of the calls.
    enum Entry: Sendable {
        case lines(NumberedBatch, outputs: [FoundOutput])
        /// The refusal of an output line that was handed over before.
        case rejected(line: Int64, reason: String)
        case gap(NumberedGap)
        case end(exitCode: Int?, reason: String?)
    }

    /// Someone who waits for a commit.
    struct CommitWaiter: Sendable {
        let target: Int64
        let since: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// What capture has handed over, and the lane has not yet taken.
    struct Capture: Sendable {
        var pending: [Entry] = []
        var pendingBytes = 0
        /// Entries handed over, and entries committed, since the channel was made.
        var appended: Int64 = 0
        var committed: Int64 = 0
        /// The number of the next line.
        var next: Int64 = 0
        var lastLine: LastLine?
        var isEnding = false
        /// Why this stream cannot be written any more.
        var failure: StoreError?
        var waiters: [CommitWaiter] = []
        /// Whether the channel is in the lane's list of urgent or of quiet streams.
        var isUrgent = false
        var isQuiet = false
        /// Where the lane is: behind the last chunk, and which small chunks are to be merged.
        var position = ChunkPosition()
        var runs = MergeRuns()
    }

    /// What readers see: only what is committed.
    struct Live: Sendable {
        var next: Int64 = 0
        var isEnded = false
        var isClosed = false
        var window = BatchWindow()
        var gaps: [Int64: GapRecord] = [:]
        var watchers = 0
        var wakes: [UInt64: @Sendable () -> Void] = [:]
    }

    struct State: Sendable {
        /// `nil` until a writer has opened the stream.
        var capture: Capture?
        var live = Live()
    }

    let row: Int64
    let descriptor: StreamDescriptor
    let state = Mutex(State())

    init(row: Int64, descriptor: StreamDescriptor) {
        self.row = row
        self.descriptor = descriptor
    }

    /// The key of the stream's events when it belongs to no job.
    var fallbackKey: JobKey {
        JobKey(
            namespace: descriptor.namespace, workflow: descriptor.pod, job: descriptor.pod)
    }

    /// Learns what the database has; what is known already is newer and stays.
    func adopt(next: Int64, isEnded: Bool, gaps: [NumberedGap]) {
        state.withLock { state in
            state.live.next = max(state.live.next, next)
            state.live.isEnded = state.live.isEnded || isEnded
            for gap in gaps { state.live.gaps[gap.line] = gap.gap }
        }
    }

    /// Learns where a writer starts, unless there was one before.
    func adoptCapture(_ capture: Capture) {
        state.withLock { state in
            if state.capture == nil { state.capture = capture }
        }
    }

    /// The lane takes what is pending.
    func takePending(urgent: Bool) -> [Entry] {
        state.withLock { state in
            if urgent { state.capture?.isUrgent = false } else { state.capture?.isQuiet = false }
            let entries = state.capture?.pending ?? []
            state.capture?.pending = []
            state.capture?.pendingBytes = 0
            return entries
        }
    }

    /// The lane has committed lines and gaps, up to line `next`: readers may have them.
    ///
    /// - Returns: whom to wake, outside the lock.
    func show(
        _ batches: [NumberedBatch], gaps: [NumberedGap], next: Int64, isEnded: Bool
    ) -> [@Sendable () -> Void] {
        state.withLock { state in
            for batch in batches { state.live.window.append(batch) }
            for gap in gaps { state.live.gaps[gap.line] = gap.gap }
            state.live.next = max(state.live.next, next)
            state.live.isEnded = state.live.isEnded || isEnded
            let wakes = Array(state.live.wakes.values)
            if !wakes.isEmpty { state.live.wakes = [:] }
            return wakes
        }
    }

    /// The lane has committed `entries` entries, up to `position`, and all readers can have them.
    ///
    /// - Returns: whose wait is over, to be answered outside the lock.
    func settle(entries: Int, position: ChunkPosition, runs: MergeRuns) -> [CommitWaiter] {
        state.withLock { state in
            guard var capture = state.capture else { return [] }
            state.capture = nil
            capture.committed += Int64(entries)
            capture.position = position
            capture.runs = runs
            let done = capture.committed
            var ready: [CommitWaiter] = []
            if !capture.waiters.isEmpty {
                ready = capture.waiters.filter { $0.target <= done }
                capture.waiters.removeAll { $0.target <= done }
            }
            state.capture = capture
            return ready
        }
    }

    /// The lane gives the stream up: every call on its writer throws `error` from now on.
    ///
    /// - Returns: who waits, and how many bytes of the lane's queue are free now.
    func fail(_ error: StoreError) -> (waiters: [CommitWaiter], bytes: Int) {
        state.withLock { state in
            let waiters = state.capture?.waiters ?? []
            let bytes = state.capture?.pendingBytes ?? 0
            state.capture?.waiters = []
            state.capture?.pending = []
            state.capture?.pendingBytes = 0
            state.capture?.failure = error
            return (waiters, bytes)
        }
    }

    /// Takes those who have waited for a commit since `deadline` or longer.
    func expire(since deadline: ContinuousClock.Instant) -> [CommitWaiter] {
        state.withLock { state in
            let expired = state.capture?.waiters.filter { $0.since <= deadline } ?? []
            if !expired.isEmpty { state.capture?.waiters.removeAll { $0.since <= deadline } }
            return expired
        }
    }

    /// The store closes: readers are told.
    func close() -> [@Sendable () -> Void] {
        state.withLock { state in
            state.live.isClosed = true
            let wakes = Array(state.live.wakes.values)
            state.live.wakes = [:]
            return wakes
        }
    }
}

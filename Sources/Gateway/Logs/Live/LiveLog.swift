import LogModel
import Store
import Synchronization

/// The live end of one stream, as its readers share it: the last frames, who waits for the next
/// one, and when that is due.
///
/// A frame is cut from what is committed when it is due and someone asks for it, so all readers
/// that keep up go from frame to frame and are sent the same bytes. One that is behind the frames
/// reads the store's recent batches, then the store itself, until it stands at a frame again.
///
/// Any thread may call it, and no call blocks. Its lock may be held while a tail is asked, never
/// the other way round.
final class LiveLog: Sendable {
    /// What a reader finds at its position.
    enum Poll {
        /// Lines that hold the position: they start at it or before it.
        case frame(LiveFrame)
        /// No longer in memory.
        case stored
        /// Nothing yet; the wake is called when there is.
        case wait
        /// The stream has ended.
        case end
        /// The store is closed.
        case closed
    }

    /// Who asks.
    struct Reader {
        /// Tells readers apart.
        let id: UInt64
        /// Whether it goes on with what comes next.
        let isFollowing: Bool
        /// Whether the answer before was ``Poll/wait``.
        let hasWaited: Bool
    }

    /// Frames kept, 32: about a second's worth for those who fall behind a little.
    static let framesKept = 32

    private struct State {
        var frames: [LiveFrame] = []
        var pace = FramePace()
        var waiting: [UInt64: @Sendable () -> Void] = [:]
        /// Where the next frame begins, while the tail or the timer will say when to cut it.
        var armedAt: Int64?
        /// Where the frame begins that those who were woken last come for.
        var wokenAt: Int64?
        /// Whether the last frame took all that was there.
        var isDrained = true
        /// Those who follow, also when they are late for a wake.
        var followers: Set<UInt64> = []
    }

    private let tail: StreamTail
    private let budget: FrameBudget
    private let counters: ReaderCounters
    private let state = Mutex(State())

    /// Shares the live end that `tail` shows.
    init(_ tail: StreamTail, budget: FrameBudget, counters: ReaderCounters) {
        self.tail = tail
        self.budget = budget
        self.counters = counters
    }

    /// Looks for lines from `line` on.
    ///
    /// - Parameters:
    ///   - line: the number of the first line that the reader does not have.
    ///   - reader: who asks; its last wake is the one that counts.
    ///   - wake: kept when the answer is ``Poll/wait``, and called once; it must not block.
    /// - Returns: lines, or where or when to look for them.
    func poll(
        at line: Int64, reader: Reader, wake: @escaping @Sendable () -> Void
    ) -> Poll {
        state.withLock { state in
            if let frame = Self.frame(in: state.frames, at: line) {
                // One that waited had sent all it had: when it comes tells how long a round takes.
                if reader.hasWaited, frame === state.frames.last { state.pace.took(at: .now) }
                counters.shared.wrappingAdd(1, ordering: .relaxed)
                return .frame(frame)
            }
            let start = state.frames.last?.lines.next
            if !reader.isFollowing || line < start ?? 0 {
                return behind(at: line, state.frames.first?.lines.first ?? .max)
            }
            if let armed = state.armedAt {
                if line < armed { return behind(at: line, .max) }
                state.waiting[reader.id] = wake
                return .wait
            }
            let first = start ?? frameStart(for: line, woken: state.wokenAt)
            return next(from: first, at: line, reader.id, &state, wake)
        }
    }

    /// Counts a reader among those who follow.
    func join(_ reader: UInt64) {
        state.withLock { _ = $0.followers.insert(reader) }
    }

    /// Forgets a reader.
    func forget(_ reader: UInt64) {
        state.withLock { state in
            state.followers.remove(reader)
            state.waiting[reader] = nil
        }
    }

    /// Whether line `line` exists and can only be read from the store.
    func isStored(_ line: Int64) -> Bool {
        tail.recent(from: line, bytes: 0).batches.isEmpty && line < tail.next
    }

    // MARK: Steps, under the lock

    /// At the live end, when nothing is known of what comes: cuts the next frame if it is due.
    private func next(
        from start: Int64, at line: Int64, _ reader: UInt64, _ state: inout State,
        _ wake: @escaping @Sendable () -> Void
    ) -> Poll {
        switch tail.poll(at: start, wake: { [weak self] in self?.look() }) {
        case .wait:
            // Lines before a reader that waits beyond the end are still to come for the others.
            state.armedAt = min(start, tail.next)
            state.waiting[reader] = wake
            return .wait
        case .end: return .end
        case .closed: return .closed
        case .batch, .stored: break
        }
        if let due = state.pace.due, state.isDrained, due > .now {
            state.armedAt = start
            setTimer(due)
            state.waiting[reader] = wake
            return .wait
        }
        let recent = tail.recent(from: start, bytes: FrameEncoding.frameBytes)
        guard let last = recent.batches.last, line < last.next || isBeyond(line, last) else {
            // The last frame was long ago, and all that came since does not fit one: begin anew
            // where this reader is.
            if start == line { return .stored }
            state.frames = []
            return next(from: line, at: line, reader, &state, wake)
        }
        let frame = LiveFrame(recent.batches, gap: recent.gap, budget: budget)
        state.frames.append(frame)
        let kept = budget.isExceeded ? 1 : Self.framesKept
        if state.frames.count > kept { state.frames.removeFirst(state.frames.count - kept) }
        state.isDrained = last.next >= tail.next
        state.pace.cut(readers: state.followers.count, at: .now)
        counters.frames.wrappingAdd(1, ordering: .relaxed)
        guard line < last.next else {
            return next(from: last.next, at: line, reader, &state, wake)
        }
        counters.shared.wrappingAdd(1, ordering: .relaxed)
        return .frame(frame)
    }

    /// Where the first frame begins for a reader at `line`: with its line, unless that is yet to
    /// come, and others were woken for what comes before it.
    private func frameStart(for line: Int64, woken: Int64?) -> Int64 {
        guard let woken, line > tail.next else { return line }
        return min(line, woken)
    }

    /// Whether a reader at `line` waits for more than there is, so that a frame up to `last`, the
    /// end, is not its own: it cuts it for the others, whoever of them comes first.
    private func isBeyond(_ line: Int64, _ last: NumberedBatch) -> Bool {
        let end = tail.next
        return line > end && last.next == end
    }

    /// Behind the frames: what is in memory, up to the line `end`, for this reader alone.
    private func behind(at line: Int64, _ end: Int64) -> Poll {
        let recent = tail.recent(from: line, before: end, bytes: FrameEncoding.frameBytes)
        guard !recent.batches.isEmpty else { return .stored }
        counters.own.wrappingAdd(1, ordering: .relaxed)
        return .frame(LiveFrame(recent.batches, gap: recent.gap, budget: budget))
    }

    private static func frame(in frames: [LiveFrame], at line: Int64) -> LiveFrame? {
        guard let last = frames.last, line < last.lines.next, line >= frames[0].lines.first
        else { return nil }
        // Nearly all ask for one of the newest.
        return frames.last { $0.lines.first <= line }
    }

    /// The timer is a task that ends when the next frame is due: the bridge to the clock.
    private func setTimer(_ due: ContinuousClock.Instant) {
        Task { [weak self] in
            do { try await Task.sleep(until: due, clock: .continuous) } catch { return }
            self?.look()
        }
    }

    /// The lane has committed lines, the stream is over, or it is time: wakes all who wait if the
    /// next frame is due. Decided under the lock, done outside it.
    private func look() {
        let wakes = state.withLock { state -> [@Sendable () -> Void] in
            guard let armed = state.armedAt else { return [] }
            if let due = state.pace.due, due > .now, tail.next > armed {
                // Not yet, or meanwhile the round before has turned out to be a long one.
                setTimer(due)
                return []
            }
            state.armedAt = nil
            state.wokenAt = armed
            let wakes = Array(state.waiting.values)
            state.waiting.removeAll(keepingCapacity: true)
            return wakes
        }
        counters.wakes.wrappingAdd(wakes.count, ordering: .relaxed)
        for wake in wakes { wake() }
    }
}

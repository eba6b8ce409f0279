import ByteBlocks
import LogModel
import Store
import Synchronization

/// A position over the store: where one reader of one log stands.
///
/// Recent batches come from memory, older ones from the database, read a little ahead; a reader
/// that falls behind moves from the one to the other and back by itself. What it holds does not
/// grow with how far behind it is.
///
/// ``next(wake:)`` never blocks and is for the server's thread; ``close()`` may come from anywhere.
final class LogReader: Sendable {
    /// What comes next.
    enum Step {
        /// Lines, all from one frame or chunk.
        case lines(LogPiece)
        /// Lines as nothing but bytes, exactly those that come next.
        case text([ByteBlock])
        /// A gap record follows a line that was not closed by a newline.
        case lineBreak
        /// Another stream begins, with this segment.
        case segment(LogSegment)
        /// Nothing yet; the wake will be called.
        case wait
        /// All was given.
        case end
        /// The daemon goes down before the end.
        case cut
        /// The store could not be read.
        case failed(any Error)
    }

    private struct State {
        var index = 0
        var next: Int64
        var readAhead: ReadAhead
        var live: LiveLog
        /// Whether the last line given was not closed by a newline.
        var isInsideLine = false
        /// Whether the live end said that there was nothing.
        var hasWaited = false
        var isClosed = false
    }

    private let id = LogReader.ids.wrappingAdd(1, ordering: .relaxed).newValue
    private let store: Store
    private let lives: LiveLogs
    private let segments: [LogSegment]
    private let isTextOnly: Bool
    private let state: Mutex<State>

    /// Starts at the beginning of `plan`. The streams that are followed count as watched until
    /// ``close()``.
    ///
    /// - Parameters:
    ///   - plan: what is read.
    ///   - store: where it is read.
    ///   - lives: the live ends that readers share.
    ///   - isTextOnly: whether ``Step/text(_:)`` will do for stored lines, because neither their
    ///     numbers nor their times matter.
    init(_ plan: LogPlan, store: Store, lives: LiveLogs, isTextOnly: Bool = false) {
        self.store = store
        self.lives = lives
        self.segments = plan.segments
        self.isTextOnly = isTextOnly
        self.state = Mutex(
            State(
                next: plan.opening.first,
                readAhead: ReadAhead(
                    store, stream: plan.opening.stream.row, isTextOnly: isTextOnly,
                    budget: lives.budget),
                live: lives.log(plan.opening.tail),
                isInsideLine: plan.opening.startsInsideLine))
        if plan.opening.goesOn { state.withLock { $0.live.join(id) } }
        for segment in segments where segment.goesOn { segment.tail.watch() }
        lives.counters.readers.wrappingAdd(1, ordering: .relaxed)
    }

    private static let ids = Atomic<UInt64>(0)

    /// Takes the next step. After ``Step/wait`` the closure `wake` is called when to ask again.
    func next(wake: @escaping @Sendable () -> Void) -> Step {
        state.withLock { state in
            guard !state.isClosed, state.index < segments.count else { return .end }
            let segment = segments[state.index]
            if let end = segment.end, state.next >= end { return advance(&state) }
            if state.isInsideLine, segment.tail.gap(at: state.next) != nil {
                state.isInsideLine = false
                return .lineBreak
            }
            switch state.readAhead.take() {
            case .batch(let batch):
                readOn(segment, &state, wake)
                return take(batch, frame: nil, segment, &state)
            case .text(let text):
                readOn(segment, &state, wake)
                state.next = text.next
                state.isInsideLine = !text.endsWithNewline
                return .text(text.blocks)
            case .reading: return .wait
            case .failed(let error): return .failed(error)
            case .idle: break
            }
            let reader = LiveLog.Reader(
                id: id, isFollowing: segment.goesOn, hasWaited: state.hasWaited)
            state.hasWaited = false
            switch state.live.poll(at: state.next, reader: reader, wake: wake) {
            case .frame(let frame): return take(frame.lines, frame: frame, segment, &state)
            case .stored:
                lives.counters.fromStore.wrappingAdd(1, ordering: .relaxed)
                state.readAhead.start(at: state.next, end: segment.end, wake: wake)
                return .wait
            case .wait:
                state.hasWaited = true
                return .wait
            case .end: return advance(&state)
            case .closed: return .cut
            }
        }
    }

    /// Stops reading and lets go of everything. Idempotent.
    func close() {
        let closes = state.withLock { state in
            defer { state.isClosed = true }
            state.readAhead.close()
            state.live.forget(id)
            return !state.isClosed
        }
        guard closes else { return }
        lives.counters.readers.wrappingSubtract(1, ordering: .relaxed)
        for segment in segments where segment.goesOn { segment.tail.unwatch() }
    }

    /// Reads on behind what was read ahead when there is room, unless it is in memory by now.
    private func readOn(
        _ segment: LogSegment, _ state: inout State, _ wake: @escaping @Sendable () -> Void
    ) {
        guard let line = state.readAhead.wanted, line > state.next, line < segment.end ?? .max,
            state.live.isStored(line)
        else { return }
        state.readAhead.start(at: line, end: segment.end, wake: wake)
    }

    private func take(
        _ batch: NumberedBatch, frame: LiveFrame?, _ segment: LogSegment, _ state: inout State
    ) -> Step {
        let end = min(batch.next, segment.end ?? .max)
        let range = min(state.next, end)..<end
        state.next = end
        state.isInsideLine = end == batch.next && !batch.batch.endsWithNewline
        // A gap record is a batch of its own, of one line.
        let gap =
            frame.map(\.gap) ?? (batch.batch.count == 1 ? segment.tail.gap(at: batch.first) : nil)
        return .lines(LogPiece(lines: batch, range: range, gap: gap, frame: frame))
    }

    private func advance(_ state: inout State) -> Step {
        state.index += 1
        guard state.index < segments.count else { return .end }
        let segment = segments[state.index]
        state.next = segment.first
        state.isInsideLine = segment.startsInsideLine
        state.readAhead = ReadAhead(
            store, stream: segment.stream.row, isTextOnly: isTextOnly,
            budget: lives.budget)
        state.live.forget(id)
        state.live = lives.log(segment.tail)
        if segment.goesOn { state.live.join(id) }
        return .segment(segment)
    }
}

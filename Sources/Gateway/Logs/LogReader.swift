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
        /// The lines of a batch whose numbers lie in a range; `isShared` when other readers may be
        /// given the very same batch.
        case lines(NumberedBatch, Range<Int64>, isShared: Bool)
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
        /// Whether the last line given was not closed by a newline.
        var isInsideLine = false
        var isClosed = false
    }

    private let store: Store
    private let segments: [LogSegment]
    private let isTextOnly: Bool
    private let state: Mutex<State>

    /// Starts at the beginning of `plan`. The streams that are followed count as watched until
    /// ``close()``.
    ///
    /// - Parameters:
    ///   - plan: what is read.
    ///   - store: where it is read.
    ///   - isTextOnly: whether ``Step/text(_:)`` will do for stored lines, because neither their
    ///     numbers nor their times matter.
    init(_ plan: LogPlan, store: Store, isTextOnly: Bool = false) {
        self.store = store
        self.segments = plan.segments
        self.isTextOnly = isTextOnly
        self.state = Mutex(
            State(
                next: plan.opening.first,
                readAhead: ReadAhead(
                    store, stream: plan.opening.stream.row, isTextOnly: isTextOnly),
                isInsideLine: plan.opening.startsInsideLine))
        for segment in segments where segment.end == nil { segment.tail.watch() }
    }

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
                return take(batch, isShared: false, segment, &state)
            case .text(let text):
                readOn(segment, &state, wake)
                state.next = text.next
                state.isInsideLine = text.blocks.last?.bytes.last != UInt8(ascii: "\n")
                return .text(text.blocks)
            case .reading: return .wait
            case .failed(let error): return .failed(error)
            case .idle: break
            }
            switch segment.tail.poll(at: state.next, wake: wake) {
            case .batch(let batch): return take(batch, isShared: true, segment, &state)
            case .stored:
                state.readAhead.start(at: state.next, end: segment.end, wake: wake)
                return .wait
            case .wait: return .wait
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
            return !state.isClosed
        }
        guard closes else { return }
        for segment in segments where segment.end == nil { segment.tail.unwatch() }
    }

    /// Reads on behind what was read ahead when there is room, unless it is in memory by now.
    private func readOn(
        _ segment: LogSegment, _ state: inout State, _ wake: @escaping @Sendable () -> Void
    ) {
        guard let line = state.readAhead.wanted, line > state.next, line < segment.end ?? .max,
            case .stored = segment.tail.poll(at: line, wake: wake)
        else { return }
        state.readAhead.start(at: line, end: segment.end, wake: wake)
    }

    private func take(
        _ batch: NumberedBatch, isShared: Bool, _ segment: LogSegment, _ state: inout State
    ) -> Step {
        let end = min(batch.next, segment.end ?? .max)
        let range = min(state.next, end)..<end
        state.next = end
        state.isInsideLine = end == batch.next && !batch.batch.endsWithNewline
        return .lines(batch, range, isShared: isShared)
    }

    private func advance(_ state: inout State) -> Step {
        state.index += 1
        guard state.index < segments.count else { return .end }
        let segment = segments[state.index]
        state.next = segment.first
        state.isInsideLine = segment.startsInsideLine
        state.readAhead = ReadAhead(
            store, stream: segment.stream.row, isTextOnly: isTextOnly)
        return .segment(segment)
    }
}

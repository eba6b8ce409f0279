import Synchronization

/// What a reader of the event feed finds behind its position.
package enum EventPoll: Sendable {
    /// These events, from memory, in order, starting right behind the position.
    case events([EventRecord])
    /// Older than what memory holds: read them with `Store.events(after:limit:filter:)`.
    case stored
    /// Nothing yet; the wake is called when there is.
    case wait
    /// The store is closed.
    case closed
}

/// The live end of the event feed: the last committed events, and who waits for the next.
///
/// Any thread may call it; nothing blocks. An event is here only after its commit.
package final class EventFeed: Sendable {
    private struct State {
        var recent: [EventRecord] = []
        var head = 0
        var bytes = 0
        var last: Int64
        var oldest: Int64
        var isClosed = false
        var wakes: [@Sendable () -> Void] = []
        var readers: [ObjectIdentifier: @Sendable () -> Void] = [:]
    }

    private let state: Mutex<State>
    private let limitBytes: Int

    init(last: Int64, oldest: Int64, limitBytes: Int) {
        state = Mutex(State(last: last, oldest: oldest))
        self.limitBytes = limitBytes
    }

    /// The sequence number of the last committed event; 0 when there is none.
    package var last: Int64 { state.withLock { $0.last } }

    /// The sequence number of the oldest event that is kept; one more than ``last`` when none is.
    package var oldest: Int64 { state.withLock { $0.oldest } }

    /// Looks for events behind `after`.
    ///
    /// - Parameters:
    ///   - after: the sequence number of the last event that the reader has.
    ///   - limit: how many events are returned at most.
    ///   - reader: who asks. Of one reader the latest wake is kept; without it, each.
    ///   - wake: kept only when the answer is ``EventPoll/wait``, and called once, on the writer
    ///     lane: it must not block.
    /// - Returns: the next events, or where or when to look for them.
    package func poll(
        after: Int64, limit: Int = 256, reader: ObjectIdentifier? = nil,
        wake: @escaping @Sendable () -> Void
    ) -> EventPoll {
        state.withLock { state in
            if after >= state.last {
                if state.isClosed { return .closed }
                if let reader { state.readers[reader] = wake } else { state.wakes.append(wake) }
                return .wait
            }
            guard state.head < state.recent.count,
                let first = state.recent[state.head...].first, first.sequence <= after + 1
            else { return .stored }
            // Sequence numbers may skip (a transaction that was rolled back), so search.
            var low = state.head
            var high = state.recent.count
            while low < high {
                let middle = (low + high) / 2
                if state.recent[middle].sequence <= after {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return .events(Array(state.recent[low..<min(low + limit, state.recent.count)]))
        }
    }

    /// Forgets the wake of `reader`.
    package func cancel(reader: ObjectIdentifier) {
        state.withLock { _ = $0.readers.removeValue(forKey: reader) }
    }

    /// Takes events that were committed, and wakes who waits.
    func publish(_ events: [EventRecord]) {
        guard let newest = events.last else { return }
        let wakes = state.withLock { state in
            state.last = newest.sequence
            state.recent.append(contentsOf: events)
            state.bytes += events.reduce(0) { $0 + $1.cost }
            while state.bytes > limitBytes, state.head < state.recent.count {
                state.bytes -= state.recent[state.head].cost
                state.head += 1
            }
            if state.head > 64, state.head > state.recent.count / 2 {
                state.recent.removeFirst(state.head)
                state.head = 0
            }
            return Self.takeWakes(&state)
        }
        for wake in wakes { wake() }
    }

    /// Tells that events before `oldest` were deleted.
    func drop(before oldest: Int64) {
        state.withLock { $0.oldest = max($0.oldest, oldest) }
    }

    /// Ends the feed, and wakes who waits.
    func close() {
        let wakes = state.withLock { state in
            state.isClosed = true
            return Self.takeWakes(&state)
        }
        for wake in wakes { wake() }
    }

    private static func takeWakes(_ state: inout State) -> [@Sendable () -> Void] {
        let wakes = state.wakes + state.readers.values
        state.wakes = []
        state.readers = [:]
        return wakes
    }
}

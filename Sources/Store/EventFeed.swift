import ByteBlocks
import Synchronization

/// The live end of the event feed: the last committed events, and who waits for the next.
///
/// Any thread may call it; nothing blocks, and its lock is held for as long as some hundred events
/// take. An event is here only after its commit.
package final class EventFeed: Sendable {
    /// Events that are looked through in one poll, 1024: beyond it the reader asks again, and others
    /// get their turn.
    static let scanLimit = 1_024

    private struct State {
        var recent: [EventRecord] = []
        var head = 0
        var bytes = 0
        var last: Int64
        var oldest: Int64
        var isClosed = false
        var waiters = EventWaiters()
        var nextID: UInt64 = 0
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

    /// How many readers wait or were woken and have not asked since.
    var readers: Int { state.withLock { $0.waiters.count } }

    /// A new reader.
    ///
    /// - Parameters:
    ///   - filter: which events it wants.
    ///   - stride: how many events may pass it by before it is woken all the same, for one that
    ///     stores its position; `nil`: any number.
    /// - Returns: the reader, which has no position yet.
    package func subscribe(
        _ filter: EventFilter = EventFilter(), stride: Int64? = nil
    ) -> EventSubscription {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return EventSubscription(self, filter, stride: stride, id: id)
    }

    func poll(
        _ reader: EventSubscription, after: Int64, limit: Int, bytes: Int,
        _ wake: @escaping @Sendable () -> Void
    ) -> EventPoll {
        // A wake that is replaced may hold the last reference to something that ends with a call to
        // the feed, so it goes behind the lock.
        let (poll, replaced) = state.withLock { state in
            let place = state.waiters.leave(reader.id, from: after, end: state.last)
            if place.position >= state.last {
                if state.isClosed { return (EventPoll.closed, place.wake) }
                state.waiters.wait(
                    reader.id, reader.filter, after: place.position, stride: reader.stride, wake)
                return (.wait(at: place.position), place.wake)
            }
            return (Self.look(from: place, reader.filter, limit, bytes, in: state), place.wake)
        }
        withExtendedLifetime(replaced) {}
        return poll
    }

    private static func look(
        from place: EventWaiters.Place, _ filter: EventFilter, _ limit: Int, _ bytes: Int,
        in state: State
    ) -> EventPoll {
        let after = place.position
        guard state.head < state.recent.count, state.recent[state.head].sequence <= after + 1
        else { return .stored(after: after) }
        var found: [EventRecord] = []
        var room = bytes
        /// Takes an event, if there is room for it.
        func take(_ index: Int) -> Bool {
            let size = state.recent[index].json.count
            if found.count == limit || (!found.isEmpty && size > room) { return false }
            room -= size
            found.append(state.recent[index])
            return true
        }
        if place.isComplete {
            for sequence in place.matches
            where !take(firstIndex(behind: sequence - 1, in: state)) {
                return .events(found, upTo: found.last?.sequence ?? after)
            }
            return .events(found, upTo: state.last)
        }
        var position = after
        let start = firstIndex(behind: after, in: state)
        for index in start..<min(start + scanLimit, state.recent.count) {
            if filter.matches(state.recent[index]), !take(index) { break }
            position = state.recent[index].sequence
        }
        return .events(found, upTo: position)
    }

    /// Where the events behind `after` begin. Numbers may skip, so they are searched.
    private static func firstIndex(behind after: Int64, in state: State) -> Int {
        var low = state.head
        var high = state.recent.count
        while low < high {
            let middle = (low + high) / 2
            if state.recent[middle].sequence <= after { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func cancel(_ reader: EventSubscription) {
        let left = state.withLock { $0.waiters.leave(reader.id, from: 0, end: 0) }
        withExtendedLifetime(left) {}
    }

    /// Takes events that were committed, and wakes those who wait for one of them.
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
            return state.waiters.take(for: events)
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
            return state.waiters.takeAll()
        }
        for wake in wakes { wake() }
    }
}

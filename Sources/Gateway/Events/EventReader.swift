import Store
import Synchronization

/// Where a body or a session gets its events from.
protocol EventSource: Sendable {
    /// Takes the next step. After ``EventReader/Step/wait`` the closure `wake` is called when to
    /// ask again.
    func next(wake: @escaping @Sendable () -> Void) -> EventReader.Step
    /// Reads no more. Idempotent.
    func close()
}

/// A position in the event feed: recent events come from memory, older ones from the database.
///
/// ``next(wake:)`` never blocks and is for the server's thread; ``close()`` may come from anywhere.
final class EventReader: EventSource {
    /// What comes next.
    enum Step {
        /// Events that the filter lets through: at least one.
        case events([EventRecord])
        /// Nothing yet; the wake will be called.
        case wait
        /// All was given.
        case end
        /// Events go on, but not for this reader; the same from now on.
        case closed(CloseCode, reason: String)
        /// The store could not be read.
        case failed(any Error)
    }

    /// Events that are read from the database at a time.
    static let storedLimit = 256

    private struct State {
        var after: Int64
        var stored: [EventRecord] = []
        var isReading = false
        var isClosed = false
        var failure: (any Error)?
    }

    private let store: Store
    private let filter: EventFilter
    /// The last sequence number to give; `nil` follows.
    private let last: Int64?
    private let state: Mutex<State>

    /// Starts behind `after`, and ends with the event `last` unless that is `nil`.
    init(_ store: Store, _ filter: EventFilter, after: Int64, last: Int64?) {
        self.store = store
        self.filter = filter
        self.last = last
        self.state = Mutex(State(after: after))
    }

    /// Takes the next step. After ``Step/wait`` the closure `wake` is called when to ask again.
    func next(wake: @escaping @Sendable () -> Void) -> Step {
        state.withLock { state in
            // Each turn takes events that are in memory, so the loop ends with what is there.
            while true {
                if state.isClosed { return .end }
                if let failure = state.failure { return .failed(failure) }
                if !state.stored.isEmpty {
                    let events = take(state.stored, &state)
                    state.stored = []
                    if !events.isEmpty { return .events(events) }
                }
                if let last, state.after >= last { return .end }
                if state.isReading { return .wait }
                let reader = ObjectIdentifier(self)
                switch store.events.poll(after: state.after, reader: reader, wake: wake) {
                case .events(let events):
                    let events = take(events, &state)
                    if !events.isEmpty { return .events(events) }
                case .stored:
                    state.isReading = true
                    read(after: state.after, wake)
                    return .wait
                case .wait: return .wait
                case .closed: return .end
                }
            }
        }
    }

    /// Reads no more. Idempotent.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.stored = []
        }
        store.events.cancel(reader: ObjectIdentifier(self))
    }

    /// Moves on behind `events`; what of them is wanted.
    private func take(_ events: [EventRecord], _ state: inout State) -> [EventRecord] {
        let events = events.filter { event in last.map { event.sequence <= $0 } ?? true }
        state.after = events.last?.sequence ?? last ?? state.after
        return events.filter(filter.matches)
    }

    /// Reads older events: the task is the bridge from the server's thread to the store's readers,
    /// and ends with that one read.
    private func read(after: Int64, _ wake: @escaping @Sendable () -> Void) {
        Task {
            do {
                let events = try await store.events(after: after, limit: Self.storedLimit)
                state.withLock { state in
                    state.stored = events
                    state.isReading = false
                    // A reader that was overtaken by retention is told so, not led past the hole.
                    let oldest = store.events.oldest
                    if oldest - 1 > after || events.isEmpty {
                        state.failure = StatusResponse.expired(after: after, oldest: oldest)
                    }
                }
            } catch {
                state.withLock { state in
                    state.failure = error
                    state.isReading = false
                }
            }
            wake()
        }
    }
}

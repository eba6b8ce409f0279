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

    private struct State {
        /// Up to here all that is wanted was given, or is in ``stored``.
        var after: Int64
        var stored: [EventRecord] = []
        var isReading = false
        var isClosed = false
        var failure: (any Error)?
    }

    private let store: Store
    private let subscription: EventSubscription
    /// The last sequence number to give; `nil` follows.
    private let last: Int64?
    private let state: Mutex<State>

    /// Starts behind `after`, and ends with the event `last` unless that is `nil`.
    init(_ store: Store, _ filter: EventFilter, after: Int64, last: Int64?) {
        self.store = store
        subscription = store.events.subscribe(filter)
        self.last = last
        self.state = Mutex(State(after: after))
    }

    /// Takes the next step. After ``Step/wait`` the closure `wake` is called when to ask again.
    func next(wake: @escaping @Sendable () -> Void) -> Step {
        state.withLock { state in
            // Each turn takes events that are in memory, so the loop ends with what is there.
            while true {
                if state.isClosed { return .end }
                if !state.stored.isEmpty {
                    defer { state.stored = [] }
                    return .events(state.stored)
                }
                if let failure = state.failure { return .failed(failure) }
                if let last, state.after >= last { return .end }
                if state.isReading { return .wait }
                switch subscription.poll(after: state.after, wake: wake) {
                case .events(let events, let end):
                    state.after = end
                    let events = inBounds(events)
                    if !events.isEmpty { return .events(events) }
                case .stored(let after):
                    state.after = after
                    state.isReading = true
                    read(after: after, wake)
                    return .wait
                case .wait(let end):
                    state.after = end
                    return .wait
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
        subscription.cancel()
    }

    private func inBounds(_ events: [EventRecord]) -> [EventRecord] {
        guard let last else { return events }
        return events.filter { $0.sequence <= last }
    }

    /// Reads older events: the task is the bridge from the server's thread to the store's readers,
    /// and ends with that one read.
    private func read(after: Int64, _ wake: @escaping @Sendable () -> Void) {
        Task {
            do {
                let page = try await store.read { [filter = subscription.filter] snapshot in
                    try snapshot.eventPage(after: after, filter: filter)
                }
                // A reader that was overtaken by retention is told so, not led past the hole. The
                // bounds are of the same moment as the events: what they do not tell was not so.
                guard page.oldest - 1 <= after, page.end > after else {
                    throw StatusResponse.expired(after: after, oldest: page.oldest)
                }
                state.withLock { state in
                    state.after = page.end
                    state.stored = inBounds(page.events)
                    state.isReading = false
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

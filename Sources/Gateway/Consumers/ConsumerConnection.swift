import Store
import Synchronization

/// One connection of a durable consumer: an ``EventReader`` that is ended from outside when another
/// connection takes over, or the consumer is changed or deleted.
///
/// ``next(wake:)`` is for the server's thread; the rest may come from anywhere.
final class ConsumerConnection: EventSource {
    private struct State {
        var end: (code: CloseCode, reason: String)?
        var wake: (@Sendable () -> Void)?
    }

    private let reader: EventReader
    private let onSent: @Sendable (Int64) -> Void
    private let onClose: @Sendable (ConsumerConnection) -> Void
    private let state = Mutex(State())

    /// Gives what `reader` gives.
    ///
    /// - Parameters:
    ///   - reader: starts behind the last acknowledged event.
    ///   - onSent: told of each event, by the last of several, that goes to the client.
    ///   - onClose: called when the connection is over.
    init(
        _ reader: EventReader, onSent: @escaping @Sendable (Int64) -> Void,
        onClose: @escaping @Sendable (ConsumerConnection) -> Void
    ) {
        self.reader = reader
        self.onSent = onSent
        self.onClose = onClose
    }

    func next(wake: @escaping @Sendable () -> Void) -> EventReader.Step {
        let end = state.withLock { state in
            state.wake = wake
            return state.end
        }
        if let end { return .closed(end.code, reason: end.reason) }
        let step = reader.next(wake: wake)
        if case .events(let events) = step, let last = events.last { onSent(last.sequence) }
        return step
    }

    /// Ends it: the client is told why. The first reason counts.
    func end(_ code: CloseCode, reason: String) {
        let wake = state.withLock { state in
            if state.end == nil { state.end = (code, reason) }
            return state.wake
        }
        wake?()
    }

    func close() {
        reader.close()
        state.withLock { $0.wake = nil }
        onClose(self)
    }
}

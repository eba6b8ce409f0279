import Synchronization

/// Counts what capture does. Any thread.
package final class CaptureStatistics: Sendable {
    /// The counters at one moment.
    package struct Counters: Sendable, Equatable {
        /// Instances that are followed now.
        package var following = 0
        /// Instances that wait for their turn.
        package var queued = 0
        /// Requests sent, log and status together.
        package var requests = 0
        /// Lines appended.
        package var lines = 0
        /// Gap records appended.
        package var gaps = 0
        /// Streams ended.
        package var ended = 0
    }

    private let state = Mutex(Counters())

    /// All counters at zero.
    package init() {}

    /// The counters now.
    package var counters: Counters { state.withLock { $0 } }

    func count(_ counter: any WritableKeyPath<Counters, Int> & Sendable, by amount: Int = 1) {
        state.withLock { $0[keyPath: counter] += amount }
    }

    func set(following: Int, queued: Int) {
        state.withLock { state in
            state.following = following
            state.queued = queued
        }
    }

    func add(lines: Int) { count(\.lines, by: lines) }
}

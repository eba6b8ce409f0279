import Synchronization
import WebServer

/// Lines of an instance's log as they were written, each behind its true timestamp: whatever files
/// were rotated away, and whatever was ever sent.
final class WrittenLogBody: BodySource {
    private let end: Int
    private let cursor: Mutex<LogCursor>

    /// The lines of `range` that are written by now.
    init(_ log: InstanceLog, from start: Int, to end: Int?, clock: any SimulatedClock) {
        let now = clock.now
        self.end = min(end ?? .max, log.truth(at: now).lines)
        var query = LogQuery()
        query.timestamps = true
        var cursor = LogCursor(
            query, text: log.text, stamps: log.stamps, progress: log.progress(at: now), now: now)
        cursor.move(to: start)
        self.cursor = Mutex(cursor)
    }

    func opened(_ wake: SocketWake) {}

    func pull() -> BodyPull {
        cursor.withLock { $0.next(upTo: end) }.map { .bytes($0) } ?? .end
    }

    func closed() {}
}

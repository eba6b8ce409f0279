import Synchronization
package import WebServer

/// The body of a log request: a position in an instance's log that is pulled by the server.
///
/// A follower costs this object and one entry in the timer queue, for its next line.
package final class LogBody: BodySource {
    private struct State {
        var cursor: LogCursor
        var wake: SocketWake?
    }

    private let log: InstanceLog
    private let follow: Bool
    private let clock: any SimulatedClock
    private let timers: TimerQueue
    private let written: Int
    private let state: Mutex<State>

    /// The body of a request that comes now.
    package init(_ query: LogQuery, log: InstanceLog, clock: any SimulatedClock, timers: TimerQueue)
    {
        let now = clock.now
        let progress = log.progress(at: now)
        self.log = log
        self.clock = clock
        self.timers = timers
        follow = query.follow
        written = progress.written
        state = Mutex(
            State(
                cursor: LogCursor(
                    query, text: log.text, schedule: log.schedule, progress: progress, now: now)))
    }

    package func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
        if follow { log.remember(self, wake) }
    }

    package func pull() -> BodyPull {
        let progress = log.progress(at: clock.now)
        let end = follow ? progress.written : written
        let (answer, line) = state.withLock { state -> (BodyPull, Int) in
            if let block = state.cursor.next(upTo: end) {
                return (.bytes(block), state.cursor.line)
            }
            if !follow || progress.hasEnded || state.cursor.isExhausted {
                return (.end, state.cursor.line)
            }
            let next = max(state.cursor.line, progress.written)
            if let wake = state.wake, let time = log.time(ofMoreThan: next) {
                timers.schedule(at: time) { wake.wake() }
            }
            return (.wait, state.cursor.line)
        }
        log.wasRead(upTo: line)
        return answer
    }

    package func closed() {
        log.forget(self)
    }
}

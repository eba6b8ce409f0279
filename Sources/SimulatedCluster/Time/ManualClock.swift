package import LogModel
import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualClock: SimulatedClock {
    private let time: Mutex<LogTime>

    /// Makes a clock that shows `start`.
    package init(_ start: LogTime = LogTime(seconds: 1_700_000_000)) {
        time = Mutex(start)
    }

    package var now: LogTime { time.withLock { $0 } }

    /// Moves the clock on to `target`; a time in the past leaves it where it is.
    package func advance(to target: LogTime) {
        time.withLock { $0 = max($0, target) }
    }
}

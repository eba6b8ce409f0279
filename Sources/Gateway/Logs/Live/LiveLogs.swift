import Store
import Synchronization

/// The live ends of all streams that someone reads. Any thread may call it.
///
/// It keeps none alive: its readers do.
final class LiveLogs: Sendable {
    private struct Weak {
        weak var log: LiveLog?
    }

    private struct State {
        var logs: [Int64: Weak] = [:]
        /// Streams after which the dead entries are swept out.
        var untilSweep = 256
    }

    /// What all readers of logs did so far.
    let counters: ReaderCounters
    /// Counts frames, and what readers have read ahead.
    let budget: FrameBudget
    private let state = Mutex(State())

    /// Live ends whose frames take about `limitBytes` together.
    init(limitBytes: Int, counters: ReaderCounters) {
        budget = FrameBudget(limitBytes: limitBytes)
        self.counters = counters
    }

    /// Bytes that frames take, and what was read ahead.
    var frameBytes: Int { budget.bytes }

    /// The live end that `tail` shows, shared with all that read it already.
    func log(_ tail: StreamTail) -> LiveLog {
        state.withLock { state in
            if let known = state.logs[tail.row]?.log { return known }
            let log = LiveLog(tail, budget: budget, counters: counters)
            state.logs[tail.row] = Weak(log: log)
            state.untilSweep -= 1
            if state.untilSweep <= 0 {
                state.logs = state.logs.filter { $0.value.log != nil }
                state.untilSweep = max(256, state.logs.count)
            }
            return log
        }
    }
}

package import LogModel

/// When each line of an instance is written: computed both ways, never scanned.
///
/// Lines come in groups of `burst`, a microsecond apart within the group (less, where the rate
/// leaves less; nothing, where the script says so), and groups come every `burst / rate` seconds.
package struct LogSchedule: Sendable, Equatable {
    private let first: Int64
    private let interval: Int64
    private let burst: Int64
    private let step: Int64

    /// The schedule of an instance that started at `start`.
    package init(start: LogTime, script: LogScript) {
        precondition(script.burst > 0 && script.rate >= 0, "lines come in groups, forward in time")
        first = (start + script.phase).nanoseconds
        burst = Int64(script.burst)
        let apart = script.rate > 0 ? 1e9 * Double(script.burst) / script.rate : 0
        let longest = 3.0e18 / Double(1 << 20)
        interval = max(Int64(min(apart, longest)), apart > 0 ? burst : 1_000 * burst)
        step = script.hasSameTime ? 0 : min(1_000, interval / burst)
    }

    /// The time of line `n`.
    @inline(__always)
    package func time(of n: Int) -> LogTime {
        let (group, place) = Int64(n).quotientAndRemainder(dividingBy: burst)
        return LogTime(nanoseconds: first &+ group &* interval &+ place &* step)
    }

    /// How many lines have a time that is not after `time`.
    package func count(at time: LogTime) -> Int {
        let elapsed = time.nanoseconds - first
        guard elapsed >= 0 else { return 0 }
        let (groups, rest) = elapsed.quotientAndRemainder(dividingBy: interval)
        return Int(groups * burst + (step == 0 ? burst : min(burst, rest / step + 1)))
    }

    /// The first line whose time is not before `time`.
    package func firstLine(since time: LogTime) -> Int {
        count(at: LogTime(nanoseconds: time.nanoseconds - 1))
    }
}

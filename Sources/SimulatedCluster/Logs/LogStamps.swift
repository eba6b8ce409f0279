package import LogModel

/// The timestamp of each record of an instance's log: what the runtime wrote before it.
///
/// A line has the time at which it is written; the records behind the first of a long line are
/// stamped ``recordStep`` later each, so that the longest line's lie within 5 µs. With `disorder`
/// about one line in eight is stamped earlier than it is written, by up to that duration, as when
/// stdout and stderr are stamped by two threads; never before the first line's time.
package struct LogStamps: Sendable {
    /// What lies between two records of a line: 1 ns.
    static let recordStep: Int64 = 1
    /// More than the records of the longest line take.
    private static let longestLine = Duration.nanoseconds(5_000)

    /// When each line is written.
    let schedule: LogSchedule
    private let disorder: Int64
    private let seed: UInt64
    private let first: LogTime

    /// The stamps of an instance whose text has this seed.
    package init(_ schedule: LogSchedule, disorder: Duration, seed: UInt64) {
        self.schedule = schedule
        self.disorder = disorder.nanoseconds
        self.seed = seed
        first = schedule.time(of: 0)
    }

    /// The timestamp of line `n`, which is its first record's.
    @inline(__always)
    package func time(of n: Int) -> LogTime {
        let written = schedule.time(of: n)
        return disorder == 0 ? written : stamp(n, written)
    }

    /// The timestamp of a record of line `n`.
    package func time(of n: Int, record: Int) -> LogTime {
        LogTime(nanoseconds: time(of: n).nanoseconds + Int64(record) * Self.recordStep)
    }

    /// How many records of line `n` have a stamp before `time`, if it has that many.
    func records(before time: LogTime, of n: Int) -> Int {
        let earlier = time.nanoseconds - self.time(of: n).nanoseconds
        return Int(max(0, (earlier + Self.recordStep - 1) / Self.recordStep))
    }

    /// The lines that must be looked at to know what a `since` filter leaves of them: all records
    /// before the range are older, and none behind it.
    func range(filteredBy since: LogTime) -> Range<Int> {
        let lower = schedule.firstLine(since: since - Self.longestLine)
        let upper = schedule.firstLine(since: since + .nanoseconds(disorder))
        return lower..<max(lower, upper)
    }

    private func stamp(_ n: Int, _ written: LogTime) -> LogTime {
        let hash = SeededRandom.mix(seed &+ UInt64(n) &* 0xA24B_AED4_963E_E407)
        guard hash & 7 == 0 else { return written }
        let earlier = Int64((hash >> 3) % UInt64(disorder)) + 1
        return max(first, LogTime(nanoseconds: written.nanoseconds - earlier))
    }
}

import LogModel

/// Whether the first line that is read of a stream was the first one that was written.
///
/// Kubelets serve the newest log file only. Who comes late may find a file that is not the first
/// one, and nothing in it says so. What can be known is this: a file whose first line is as old as
/// the container is the first one, and a line that was written after we came followed none that we
/// missed, if we came soon. Else nobody can tell.
///
/// A container that fills a file within ``startSlack`` and is rotated in that time is not seen. On a
/// node whose clock is behind ours, a container that took long to its first line may be marked
/// without need.
struct LateJoin: Sendable {
    /// How long after the start a line is taken for the log's first: 2 s. Status times have whole
    /// seconds, and programs take a moment to their first line.
    static let startSlack: Duration = .seconds(2)
    /// How long after the start a stream is taken up at the latest without any doubt about what was
    /// there before: 10 s, the time between two looks of a kubelet at the sizes of its files.
    static let lateness: Duration = .seconds(10)

    private let startedAt: LogTime?
    private let openedAt: LogTime
    private let joinedAt: LogTime

    /// Judges a stream whose container started at `startedAt`, which was first taken up at
    /// `openedAt`, by a body that was asked for at `joinedAt`.
    init(startedAt: LogTime?, openedAt: LogTime, joinedAt: LogTime) {
        self.startedAt = startedAt
        self.openedAt = openedAt
        self.joinedAt = joinedAt
    }

    /// Why lines may be missing before a first line of time `time`; `nil` when none are.
    func reason(firstLine time: Int64) -> String? {
        let time = LogTime(nanoseconds: time)
        guard let startedAt else {
            return time < joinedAt
                ? "following began late, the container's start is not known" : nil
        }
        let isLate = openedAt - startedAt > Self.lateness
        guard isLate || time < joinedAt, time - startedAt > Self.startSlack else { return nil }
        return "following began when the container had run for a while"
    }

    /// Why lines may be missing from a log that has none, of a container that ended at `end`; `nil`
    /// when none are. Who was there from the start, or a container of a moment, has missed nothing.
    func reason(emptyUntil end: LogTime?) -> String? {
        guard let startedAt, openedAt - startedAt > Self.startSlack else { return nil }
        if let end, end - startedAt <= Self.startSlack { return nil }
        return "following began when the container had run for a while"
    }
}

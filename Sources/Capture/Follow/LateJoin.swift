import LogModel

/// When a stream without lines was joined, seen from its container's start.
///
/// Kubelets serve the newest log file only. Who comes late may find a file that is not the first
/// one, and nothing in it says so. What can be known is this: a kubelet looks at the files' sizes
/// every 10 s, so a container that is younger has its first file; and a file whose first line is as
/// old as the container is the first one, unless its start was a flood.
struct LateJoin: Sendable {
    /// How old a container may be for its first file to be its newest: 10 s.
    static let promptAge: Duration = .seconds(10)
    /// How long after the start a first line is taken for the log's first: 2 s. Status times have
    /// whole seconds.
    static let startSlack: Duration = .seconds(2)

    private let startedAt: LogTime?
    private let joinedAt: LogTime

    /// Judges a stream whose container started at `startedAt` and that is joined at `joinedAt`;
    /// `nil` when it is joined in time.
    ///
    /// `isAgain` says that it was joined before, and left without a stored line.
    init?(startedAt: LogTime?, joinedAt: LogTime, isAgain: Bool) {
        if let startedAt, !isAgain, joinedAt - startedAt <= Self.promptAge { return nil }
        self.startedAt = startedAt
        self.joinedAt = joinedAt
    }

    /// Why lines may be missing before a first line of time `time`; `nil` when none are.
    ///
    /// A line that was written after the stream was joined followed nothing.
    func reason(firstLine time: Int64) -> String? {
        let time = LogTime(nanoseconds: time)
        guard time < joinedAt else { return nil }
        guard let startedAt else {
            return "following began late, the container's start is not known"
        }
        if time - startedAt <= Self.startSlack { return nil }
        return "following began when the container had run for a while"
    }
}

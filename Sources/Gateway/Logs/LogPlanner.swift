import LogModel
import Store

/// Works out where reading starts: by index, never by reading the log.
struct LogPlanner: Sendable {
    /// Where streams are read.
    let store: Store
    /// The time of day, in nanoseconds since 1970.
    let now: @Sendable () -> LogTime

    /// Plans the answer from `streams`, in their order; if `follow`, those that are live are read to
    /// their ends. With `lines` that is the last one alone: how many are left for it must be known.
    func plan(
        _ streams: [StreamInfo], _ parameters: LogParameters, follow: Bool
    ) async throws -> LogPlan {
        precondition(!streams.isEmpty, "a log is read from at least one stream")
        let since = parameters.sinceTime(now: now())
        var segments: [LogSegment] = []
        var tailLines = parameters.tailLines
        // From the last stream backwards, because the last lines are counted from the end.
        for stream in streams.reversed() {
            // Beyond the last line is fine: there a follower waits, and others have nothing.
            var first = parameters.from ?? 0
            if let wanted = tailLines {
                // Counted from where the answer ends, or goes on: what came meanwhile is behind it.
                let start = try await store.tailStart(
                    stream: stream.row, count: wanted, before: stream.lines)
                first = max(first, start.line)
                tailLines = wanted - start.count
            }
            if let since {
                first = max(first, try await store.line(stream: stream.row, atOrAfter: since))
            }
            // An instance is followed still when the next one has begun: its last lines may be on
            // their way.
            let isFollowed =
                follow && stream.state == .live && (segments.isEmpty || parameters.lines == nil)
            let last = isFollowed ? parameters.to : min(stream.lines, parameters.to ?? .max)
            let tail = try await store.tail(of: stream.row)
            segments.append(
                LogSegment(
                    stream: stream, tail: tail, first: first, end: last.map { max(first, $0) },
                    startsInsideLine: try await isInsideLine(stream, tail, first, parameters)))
        }
        let inOrder = Self.limit(segments.reversed(), toLines: parameters.lines)
        return LogPlan(segments: inOrder, since: since)
    }

    /// The segments up to `count` lines; the first one is kept in any case.
    private static func limit(_ segments: [LogSegment], toLines count: Int64?) -> [LogSegment] {
        guard var left = count else { return segments }
        var limited: [LogSegment] = []
        for segment in segments where limited.isEmpty || left > 0 {
            // A line number beyond the largest is beyond every end.
            let (sum, isBeyond) = segment.first.addingReportingOverflow(left)
            let end = min(isBeyond ? .max : sum, segment.end ?? .max)
            limited.append(segment.with(end: end))
            left -= end - segment.first
        }
        return limited
    }

    private func isInsideLine(
        _ stream: StreamInfo, _ tail: StreamTail, _ first: Int64, _ parameters: LogParameters
    ) async throws -> Bool {
        // A gap record is a line of its own, whatever is before it.
        guard parameters.timestamps, first > 0, tail.gap(at: first) == nil,
            let before = try await store.batch(stream: stream.row, at: first - 1)
        else { return false }
        // Only a batch's last line can be without a newline.
        return before.next == first && !before.batch.endsWithNewline
    }
}

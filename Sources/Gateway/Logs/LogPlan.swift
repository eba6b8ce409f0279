import LogModel
import Store

/// One stream's share of an answer: from which line up to which.
struct LogSegment: Sendable {
    /// The stream, as it stood when the request came.
    let stream: StreamInfo
    /// Its live view.
    let tail: StreamTail
    /// The number of the first line.
    let first: Int64
    /// The number behind the last line; `nil` goes on until the stream ends.
    let end: Int64?
    /// Whether the line before ``first`` was not closed by a newline, so that ``first`` is a later
    /// part of a long line and gets no timestamp.
    let startsInsideLine: Bool

    /// Whether it goes on behind what there was when the request came.
    var goesOn: Bool { end.map { $0 > stream.lines } ?? true }

    /// The same up to another end.
    func with(end: Int64?) -> LogSegment {
        LogSegment(
            stream: stream, tail: tail, first: first, end: end, startsInsideLine: startsInsideLine)
    }
}

/// Everything that is needed to answer a request for a log.
struct LogPlan: Sendable {
    /// The streams, in the order in which they are read: at least one.
    let segments: [LogSegment]
    /// Only lines stamped then or later.
    let since: LogTime?

    /// The stream that is read first.
    var opening: LogSegment { segments[0] }

    /// The same from the first line at or after ``since``, with every line behind it.
    var withoutFilter: LogPlan { LogPlan(segments: segments, since: nil) }
}

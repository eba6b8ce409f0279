import LogModel
import Store

/// What can be said of an answer's body before it is read: its length and its validator.
///
/// Both come from the store's index. A log that may still grow has no validator; one whose lines
/// are chosen by their time has no length, because times are not in order.
struct LogEntity: Sendable {
    /// Bytes of each segment; `nil` where one of them is only known by reading it.
    let segmentBytes: [Int64]?
    /// Bytes of the body.
    let length: Int64?
    /// Names the body; `nil` while it may change.
    let tag: EntityTag?

    /// Bytes that `timestamps` puts before a line: the time and a space.
    static let timeBytes = RFC3339.writtenLength + 1

    /// Looks at what `plan` gives.
    ///
    /// - Throws: 410 where that is not kept any more, or what the store throws.
    init(_ plan: LogPlan, _ parameters: LogParameters, _ store: Store) async throws {
        var bytes: [Int64] = []
        var isFixed = plan.since == nil
        var isComplete = true
        for segment in plan.segments {
            isComplete = isComplete && segment.stream.state == .ended
            // An end that is still to come has no place in the index.
            guard isFixed, let end = segment.end, end <= max(segment.stream.lines, segment.first)
            else {
                isFixed = false
                continue
            }
            let rendered = try await store.renderedBytes(
                stream: segment.stream.row, lines: segment.first..<end,
                timeBytes: parameters.timestamps ? Self.timeBytes : 0)
            // It was deleted since it was looked up, which is no log of 0 bytes.
            guard let rendered else { throw StatusResponse.noLongerKept(segment.stream) }
            bytes.append(rendered)
        }
        let total = bytes.reduce(0, +)
        let length = min(total, parameters.limitBytes.map(Int64.init) ?? .max)
        segmentBytes = isFixed ? bytes : nil
        self.length = isFixed ? length : nil
        tag = isComplete ? EntityTag(Self.name(plan, parameters, total)) : nil
    }

    /// Whatever the bytes depend on: the streams with their places and ends, and the form.
    private static func name(
        _ plan: LogPlan, _ parameters: LogParameters, _ bytes: Int64
    ) -> String {
        // The instances between the first and the last are told by their lines.
        let streams = Set([plan.segments.first, plan.segments.last].map { $0?.stream.id })
        let names = streams.compactMap { $0?.description }.sorted()
        let lines = plan.segments.reduce(0) { $0 + ($1.end ?? $1.stream.lines) - $1.first }
        var parts = names + ["\(plan.opening.first)+\(lines)", "\(bytes)"]
        if parameters.timestamps { parts.append("timestamps") }
        if let since = plan.since { parts.append("since-\(since.nanoseconds)") }
        if let limit = parameters.limitBytes { parts.append("limit-\(limit)") }
        return parts.joined(separator: ";")
    }
}

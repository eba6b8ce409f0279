package import LogModel
import Synchronization

/// The write side of one stream. One owner, its follower, calls it, one call after the other.
///
/// Lines get their numbers in the order of the calls, and are on disk after the next group commit;
/// nobody sees them before. The calls run where their caller runs: no hop for a batch. Dropping the writer loses nothing that was appended.
package final class StreamWriter: Sendable {
    /// The stream's row.
    package var row: Int64 { channel.row }

    private let channel: StreamChannel
    private let lane: WriterLane
    private let reader: LogReader

    init(channel: StreamChannel, lane: WriterLane, reader: LogReader) {
        self.channel = channel
        self.lane = lane
        self.reader = reader
    }

    /// The number of the next line, with those that are appended but not committed.
    package var next: Int64 { channel.state.withLock { $0.capture?.next ?? 0 } }

    /// The last appended line, gap records aside; `nil` for a stream without lines.
    package var lastLine: LastLine? { channel.state.withLock { $0.capture?.lastLine } }

    /// Whether the stream is marked as ended, so that nothing can be appended.
    package var isEnded: Bool {
        channel.state.withLock { $0.live.isEnded || $0.capture?.isEnding == true }
    }

    /// Appends lines and what was found in them. Returns before the commit.
    ///
    /// Waits while ``StoreSettings/queueBytes`` are queued.
    ///
    /// - Parameters:
    ///   - batch: the lines.
    ///   - outputs: output lines among them; the stream must belong to a job then.
    ///   - urgent: commit soon even if nobody watches.
    /// - Throws: ``StoreError``: `full` when there was no room for ``StoreSettings/roomTimeout``,
    ///   `ended`, `closed`. The lines are not appended then.
    package nonisolated(nonsending) func append(
        _ batch: LineBatch, outputs: [FoundOutput] = [], urgent: Bool = false
    ) async throws {
        guard outputs.isEmpty || channel.descriptor.job != nil else {
            throw StoreError(
                "append outputs", .rejected, path: "",
                "the stream \(channel.descriptor.id) belongs to no job")
        }
        let cost = QueueCost.of(batch)
        try await lane.reserve(cost)
        try enqueue(cost: cost, urgent: urgent || !outputs.isEmpty) { capture in
            let numbered = NumberedBatch(first: capture.next, batch: batch)
            capture.next = numbered.next
            let time = batch.times[batch.count - 1]
            let largest = max(batch.maxTime, capture.lastLine?.maxTime.nanoseconds ?? .min)
            capture.lastLine = LastLine(
                line: numbered.next - 1, time: LogTime(nanoseconds: time),
                maxTime: LogTime(nanoseconds: largest), endsWithNewline: batch.endsWithNewline)
            return .lines(numbered, outputs: outputs)
        }
    }

    /// Appends the refusal of an output line that is appended already. Returns before the commit.
    package nonisolated(nonsending) func reject(line: Int64, reason: String) async throws {
        try await lane.reserve(QueueCost.entry)
        try enqueue(cost: QueueCost.entry, urgent: true) { _ in
            .rejected(line: line, reason: reason)
        }
    }

    /// Appends a gap record and its event. Returns before the commit.
    package nonisolated(nonsending) func append(_ gap: GapRecord) async throws {
        let cost = QueueCost.of(gap)
        try await lane.reserve(cost)
        try enqueue(cost: cost, urgent: true) { capture in
            capture.next += 1
            return .gap(NumberedGap(line: capture.next - 1, gap: gap))
        }
    }

    /// Waits until all that was appended is committed.
    package func committed() async throws {
        try await lane.committed(channel)
    }

    /// Marks the stream as ended, behind all that was appended. Returns after the commit; ending a
    /// stream twice changes nothing.
    package func end(exitCode: Int?, reason: String?) async throws {
        if isEnded { return try await committed() }
        try await lane.reserve(QueueCost.entry)
        try enqueue(cost: QueueCost.entry, urgent: true) { capture in
            capture.isEnding = true
            return .end(exitCode: exitCode, reason: reason)
        }
        try await committed()
    }

    /// The stored lines that a follow which asks for lines since `since` may repeat.
    ///
    /// Call it after ``committed()``: lines that are not committed are not in it.
    ///
    /// - Parameters:
    ///   - since: the time that the follow asks for.
    ///   - lookBack: how many lines before the first of them are wanted too.
    /// - Returns: the lines, to be read piece by piece.
    /// - Throws: ``StoreError`` when the place cannot be looked up.
    package func overlap(since: LogTime, lookBack: Int64 = 0) async throws -> OverlapCursor {
        let end = channel.state.withLock { $0.live.next }
        let first = min(try await reader.line(stream: row, atOrAfter: since), end)
        return OverlapCursor(
            reader: reader, stream: row, lines: max(0, first - lookBack)..<end)
    }

    /// Hands an entry to the lane, for which `cost` bytes of its queue are reserved.
    private func enqueue(
        cost: Int, urgent: Bool, _ make: (inout StreamChannel.Capture) -> StreamChannel.Entry
    ) throws {
        let list: WriterLane.List?
        do {
            list = try channel.state.withLock { state in
                guard var capture = state.capture, !state.live.isEnded, !capture.isEnding else {
                    throw StoreError(
                        "append to the stream \(channel.descriptor.id)", .ended, path: "",
                        "it has ended")
                }
                if let failure = capture.failure { throw failure }
                // The only reference moves out and back, so that the arrays are not copied.
                state.capture = nil
                defer { state.capture = capture }
                let entry = make(&capture)
                capture.pending.append(entry)
                capture.pendingBytes += cost
                capture.appended += 1
                if urgent || state.live.watchers > 0 {
                    defer { capture.isUrgent = true }
                    return capture.isUrgent ? nil : .urgent
                }
                if capture.isUrgent || capture.isQuiet { return nil }
                capture.isQuiet = true
                return .quiet
            }
        } catch {
            lane.release(cost)
            throw error
        }
        lane.wake(for: channel, in: list)
    }
}

/// What entries cost in the lane's queue, in bytes of memory, about.
enum QueueCost {
    /// An entry without text.
    static let entry = 128

    static func of(_ batch: LineBatch) -> Int { batch.byteCount + 12 * batch.count + 256 }

    static func of(_ gap: GapRecord) -> Int { gap.reason.utf8.count + 256 }

    static func of(_ entry: StreamChannel.Entry) -> Int {
        switch entry {
        case .lines(let batch, _): of(batch.batch)
        case .gap(let gap): of(gap.gap)
        case .rejected, .end: Self.entry
        }
    }
}

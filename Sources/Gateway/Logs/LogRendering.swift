import ByteBlocks
import LogModel

/// Turns batches into the bytes that one reader is sent: pure.
///
/// A batch that is sent whole and as it is goes out as the very block that the log arrived in.
/// Everything else is written anew, once for each reader, but for text frames, which readers share
/// through a ``TextFrameCache``.
///
/// - A **time** stands at the start of each real line, never before a later part of a long one.
/// - **since** is decided line by line, because timestamps are not in order.
/// - **limitBytes** counts what is sent, times included, and may cut the last line.
struct LogRendering: Sendable {
    /// How lines go out.
    let form: LogForm
    /// Whether each line starts with its time.
    let timestamps: Bool
    /// Only lines stamped then or later.
    let since: LogTime?
    /// Bytes that may still be sent.
    private(set) var remaining: Int?
    /// Whether the last line seen was not closed by a newline.
    private var isInsideLine: Bool

    /// Renders what `parameters` ask for, from the start of `plan`.
    init(_ form: LogForm, _ parameters: LogParameters, _ plan: LogPlan) {
        self.init(
            form, timestamps: parameters.timestamps, since: plan.since,
            limitBytes: parameters.limitBytes, startsInsideLine: plan.opening.startsInsideLine)
    }

    /// Renders from a place in a stream.
    init(
        _ form: LogForm, timestamps: Bool = false, since: LogTime? = nil, limitBytes: Int? = nil,
        startsInsideLine: Bool = false
    ) {
        self.form = form
        self.timestamps = timestamps
        self.since = since
        self.remaining = limitBytes
        self.isInsideLine = startsInsideLine
    }

    /// Whether the limit is reached and nothing more may be sent.
    var isFull: Bool { remaining == 0 }

    /// Whether the exact bytes of all lines are sent, so that single lines do not matter.
    var isTextOnly: Bool { form == .bytes && !timestamps && since == nil }

    /// Another stream begins.
    mutating func begin(_ segment: LogSegment) {
        isInsideLine = segment.startsInsideLine
    }

    /// Whole lines as nothing but bytes, for which ``isTextOnly`` holds.
    mutating func render(_ blocks: [ByteBlock]) -> [ByteBlock] {
        precondition(isTextOnly, "lines are looked at one by one")
        isInsideLine = blocks.last?.bytes.last != UInt8(ascii: "\n")
        guard remaining != nil else { return blocks }
        var sent: [ByteBlock] = []
        for block in blocks {
            guard let left = remaining, left > 0 else { break }
            sent.append(left < block.count ? ByteBlock(block.bytes.prefix(left)) : block)
            remaining = max(0, left - block.count)
        }
        return sent
    }

    /// A gap record comes in the middle of a line: it gets a line of its own.
    mutating func breakLine() -> [ByteBlock] {
        isInsideLine = false
        // The other forms have closed the line already.
        guard form == .bytes, !isFull else { return [] }
        if let remaining { self.remaining = remaining - 1 }
        return [ByteBlock([UInt8(ascii: "\n")])]
    }

    /// The blocks for the lines of `batch` whose numbers lie in `range`, in order; none when all of
    /// them are filtered away.
    mutating func render(
        _ batch: NumberedBatch, _ range: Range<Int64>, cache: TextFrameCache? = nil
    ) -> [ByteBlock] {
        guard !isFull, !range.isEmpty else { return [] }
        let lines = Int(range.lowerBound - batch.first)..<Int(range.upperBound - batch.first)
        let startsInsideLine = lines.lowerBound == 0 && isInsideLine
        isInsideLine = lines.upperBound == batch.batch.count && !batch.batch.endsWithNewline
        let isWhole = lines.count == batch.batch.count && areAllSelected(batch.batch)
        if isWhole, remaining == nil || form == .bytes, !timestamps || form == .text {
            if let blocks = renderWhole(batch, startsInsideLine, cache) { return blocks }
        }
        return renderLines(batch, lines, startsInsideLine)
    }

    /// A batch that goes out whole: as it is, or as frames that all its readers share.
    private mutating func renderWhole(
        _ batch: NumberedBatch, _ startsInsideLine: Bool, _ cache: TextFrameCache?
    ) -> [ByteBlock]? {
        switch form {
        case .bytes:
            guard let remaining else { return [batch.batch.text] }
            guard remaining >= batch.batch.byteCount else { return nil }
            self.remaining = remaining - batch.batch.byteCount
            return [batch.batch.text]
        case .text:
            let encoding = TextFrameEncoding(
                timestamps: timestamps, startsInsideLine: startsInsideLine)
            return cache?.frames(of: batch.batch, encoding) ?? encoding.frames(of: batch.batch)
        case .events:
            return nil
        }
    }

    private mutating func renderLines(
        _ batch: NumberedBatch, _ lines: Range<Int>, _ startsInsideLine: Bool
    ) -> [ByteBlock] {
        var writer = LogWriter(
            capacity: batch.batch.byteCount + (timestamps ? lines.count * 31 : 0),
            limit: remaining)
        for index in lines where isSelected(batch.batch.times[index]) {
            let isPart = index == lines.lowerBound ? startsInsideLine : false
            let time = timestamps && !isPart ? LogTime(nanoseconds: batch.batch.times[index]) : nil
            switch form {
            case .bytes: writer.add(batch.batch, index, time: time)
            case .text: writer.addLine(batch.batch, index, time: time)
            case .events:
                writer.addEvent(batch.batch, index, time: time, id: batch.first + Int64(index))
            }
            if writer.isFull { break }
        }
        if let remaining { self.remaining = remaining - writer.count }
        switch form {
        case .bytes, .events: return writer.count == 0 ? [] : [ByteBlock(writer.bytes)]
        case .text: return TextFrameEncoding.frames(ofText: writer.bytes)
        }
    }

    private func areAllSelected(_ batch: LineBatch) -> Bool {
        guard let since else { return true }
        return batch.times.allSatisfy { $0 >= since.nanoseconds }
    }

    private func isSelected(_ time: Int64) -> Bool {
        guard let since else { return true }
        return time >= since.nanoseconds
    }
}

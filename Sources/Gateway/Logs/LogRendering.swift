import ByteBlocks
import LogModel
import Store

/// Turns batches into the bytes that one reader is sent: pure.
///
/// A batch that is sent whole and as it is goes out as the very block that the log arrived in. What
/// else whole batches become is made once for all readers of a ``LiveFrame``; parts of batches, and
/// what is filtered or limited, are written anew for each reader.
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
    /// The name of the stream that is being read.
    private var stream: String
    /// Whether the last line seen was not closed by a newline.
    private var isInsideLine: Bool

    /// Renders what `parameters` ask for, from the start of `plan`.
    init(_ form: LogForm, _ parameters: LogParameters, _ plan: LogPlan) {
        self.init(
            form, timestamps: parameters.timestamps, since: plan.since,
            limitBytes: parameters.limitBytes, startsInsideLine: plan.opening.startsInsideLine,
            stream: plan.opening.stream.id.description)
    }

    /// Renders from a place in a stream.
    init(
        _ form: LogForm, timestamps: Bool = false, since: LogTime? = nil, limitBytes: Int? = nil,
        startsInsideLine: Bool = false, stream: String = ""
    ) {
        self.form = form
        self.stream = stream
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
        stream = segment.stream.id.description
    }

    /// Whole lines as nothing but bytes, for which ``isTextOnly`` holds.
    mutating func render(_ blocks: [ByteBlock]) -> [ByteBlock] {
        precondition(isTextOnly, "lines are looked at one by one")
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

    /// The blocks for the lines of `piece`, in order; none when all of them are filtered away.
    mutating func render(_ piece: LogPiece) -> [ByteBlock] {
        guard !isFull, !piece.range.isEmpty else { return [] }
        let batch = piece.lines.batch
        let lines = piece.range.offset(by: -piece.lines.first)
        let encoding = FrameEncoding(
            form: form, timestamps: timestamps,
            startsInsideLine: lines.lowerBound == 0 && isInsideLine && timestamps)
        isInsideLine = lines.upperBound == batch.count && !batch.endsWithNewline
        guard areAllSelected(batch) else {
            return renderLines(batch, lines, encoding, first: piece.lines.first)
        }
        if piece.isWhole {
            if remaining == nil { return piece.blocks(encoding, stream: stream) }
            if encoding == FrameEncoding(form: .bytes), let left = remaining,
                left >= batch.byteCount
            {
                remaining = left - batch.byteCount
                return [batch.text]
            }
        } else if remaining == nil {
            let part = NumberedBatch(first: piece.range.lowerBound, batch: batch.slice(lines))
            return encoding.blocks(of: part, gap: nil, stream: stream)
        }
        return renderLines(batch, lines, encoding, first: piece.lines.first)
    }

    /// Line by line, because of what is filtered away or a limit.
    private mutating func renderLines(
        _ batch: LineBatch, _ lines: Range<Int>, _ encoding: FrameEncoding, first: Int64
    ) -> [ByteBlock] {
        var writer = LogWriter(
            capacity: batch.byteCount + (timestamps ? lines.count * 31 : 0), limit: remaining)
        for index in lines where isSelected(batch.times[index]) {
            let isPart = index == lines.lowerBound ? encoding.startsInsideLine : false
            let time = timestamps && !isPart ? LogTime(nanoseconds: batch.times[index]) : nil
            switch form {
            case .bytes: writer.add(batch, index, time: time)
            case .text, .records: writer.addLine(batch, index, time: time)
            case .events: writer.addEvent(batch, index, time: time, id: first + Int64(index))
            }
            if writer.isFull { break }
        }
        if let remaining { self.remaining = writer.isFull ? 0 : remaining - writer.count }
        switch form {
        case .bytes, .events: return writer.count == 0 ? [] : [ByteBlock(writer.bytes)]
        case .text, .records: return FrameEncoding.frames(ofText: writer.bytes)
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

extension Range<Int64> {
    /// The range moved by `distance`, as places in a batch.
    fileprivate func offset(by distance: Int64) -> Range<Int> {
        Int(lowerBound + distance)..<Int(upperBound + distance)
    }
}

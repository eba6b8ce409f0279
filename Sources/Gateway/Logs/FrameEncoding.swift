import ByteBlocks
import LogModel

/// How a whole batch becomes the blocks that readers are sent: the same bytes for every reader that
/// asks for the same, so that ``LiveFrame`` makes them once for all.
///
/// A text frame has whole lines, each ending in a newline, valid UTF-8, about ``frameBytes`` a
/// frame. Every numbered line ends with a newline there, also the parts of a long line and a last
/// line that the container did not close: so that a client that counts newlines counts lines.
struct FrameEncoding: Equatable, Sendable {
    /// Bytes of text in one frame: 64 KiB, large enough that framing costs nothing, small enough
    /// that a reader shows the first lines at once. A single longer line is one longer frame.
    static let frameBytes = 64 << 10

    /// What a line becomes.
    var form = LogForm.text
    /// Whether each line starts with its time.
    var timestamps = false
    /// Whether the first line is a later part of a long one, which gets no time.
    var startsInsideLine = false

    /// The blocks for `lines`; the batch's own block when it can go out as it is.
    ///
    /// - Parameters:
    ///   - lines: the lines, all of them.
    ///   - gap: the gap record that they are.
    ///   - stream: the stream's name, which records carry.
    /// - Returns: the blocks, in order.
    func blocks(of lines: NumberedBatch, gap: GapRecord?, stream: String) -> [ByteBlock] {
        let batch = lines.batch
        switch form {
        case .bytes where !timestamps: return [batch.text]
        case .text
        where !timestamps && batch.endsWithNewline && batch.byteCount <= Self.frameBytes
            && batch.text.isText:
            return [batch.text]
        case .bytes, .text, .events:
            let writer = write(lines)
            return form == .text
                ? Self.frames(ofText: writer.bytes) : [ByteBlock(writer.bytes)]
        case .records:
            if let gap { return [RecordWriter.gap(gap, line: lines.first, stream: stream)] }
            return RecordWriter.frames(of: lines, stream: stream)
        }
    }

    private func write(_ lines: NumberedBatch) -> LogWriter {
        let batch = lines.batch
        var writer = LogWriter(capacity: batch.byteCount + (form == .text ? 1 : 31) * batch.count)
        for index in 0..<batch.count {
            let isPart = index == 0 && startsInsideLine
            let time = timestamps && !isPart ? LogTime(nanoseconds: batch.times[index]) : nil
            switch form {
            case .bytes: writer.add(batch, index, time: time)
            case .text, .records: writer.addLine(batch, index, time: time)
            case .events:
                writer.addEvent(batch, index, time: time, id: lines.first + Int64(index))
            }
        }
        return writer
    }

    /// Cuts text behind newlines into frames, with bytes that are not UTF-8 replaced.
    static func frames(ofText bytes: [UInt8]) -> [ByteBlock] {
        let text = bytes.isText ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
        var frames: [ByteBlock] = []
        var start = 0
        while start < text.count {
            let end = frameEnd(text, from: start)
            frames.append(ByteBlock(text[start..<end]))
            start = end
        }
        return frames
    }

    /// Behind the last newline that fits a frame, else behind the first newline, else the end.
    private static func frameEnd(_ text: [UInt8], from start: Int) -> Int {
        let newline = UInt8(ascii: "\n")
        let limit = start + frameBytes
        guard limit < text.count else { return text.count }
        if let last = text[start..<limit].lastIndex(of: newline) { return last + 1 }
        return text[limit...].firstIndex(of: newline).map { $0 + 1 } ?? text.count
    }
}

extension ByteBlock {
    /// Whether the payload is UTF-8: looked at in place, without a copy.
    var isText: Bool { bytes.isText }
}

extension [UInt8] {
    /// Whether all of it is UTF-8.
    var isText: Bool { withUnsafeBytes { $0.isText } }
}

extension UnsafeRawBufferPointer {
    /// Whether all of it is UTF-8.
    var isText: Bool {
        do {
            _ = try UTF8Span(validating: assumingMemoryBound(to: UInt8.self).span)
            return true
        } catch {
            return false
        }
    }
}

import ByteBlocks
import LogModel

/// How a whole batch becomes WebSocket text frames: whole lines, each ending in a newline, valid
/// UTF-8, about ``frameBytes`` a frame.
///
/// Every numbered line ends with a newline here, also the parts of a long line and a last line
/// that the container did not close: so that a client that counts newlines counts lines.
struct TextFrameEncoding: Hashable, Sendable {
    /// Bytes of text in one frame: 64 KiB, large enough that framing costs nothing, small enough
    /// that a reader shows the first lines at once. A single longer line is one longer frame.
    static let frameBytes = 64 << 10

    /// Whether each line starts with its time.
    var timestamps = false
    /// Whether the first line is a later part of a long one, which gets no time.
    var startsInsideLine = false

    /// The frames of `batch`; the batch's own block when it can go out as it is.
    func frames(of batch: LineBatch) -> [ByteBlock] {
        if !timestamps, batch.endsWithNewline, batch.byteCount <= Self.frameBytes,
            Self.isText(batch.text.bytes)
        {
            return [batch.text]
        }
        var writer = LogWriter(capacity: batch.byteCount + (timestamps ? batch.count * 31 : 1))
        for index in 0..<batch.count {
            let isPart = index == 0 && startsInsideLine
            let time = LogTime(nanoseconds: batch.times[index])
            writer.addLine(batch, index, time: timestamps && !isPart ? time : nil)
        }
        return Self.frames(ofText: writer.bytes)
    }

    /// Cuts text behind newlines into frames, with bytes that are not UTF-8 replaced.
    static func frames(ofText bytes: [UInt8]) -> [ByteBlock] {
        let isValid = bytes.withUnsafeBytes { isText($0) }
        let text = isValid ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
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

    /// Whether bytes are UTF-8: looked at in place, without a copy.
    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        do {
            _ = try UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)
            return true
        } catch {
            return false
        }
    }
}

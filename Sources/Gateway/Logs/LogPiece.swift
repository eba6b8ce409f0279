import ByteBlocks
import LogModel

/// Lines that a reader is to be sent next: those of a batch whose numbers lie in a range.
struct LogPiece: Sendable {
    /// The batch.
    let lines: NumberedBatch
    /// The numbers of the lines.
    let range: Range<Int64>
    /// The gap record that the batch is.
    let gap: GapRecord?
    /// The frame that other readers are given too; `nil` where this one reads alone.
    let frame: LiveFrame?

    /// Whether it is the whole batch.
    var isWhole: Bool { range == lines.first..<lines.next }

    /// The whole batch in `encoding`: made once for all readers of a frame.
    func blocks(_ encoding: FrameEncoding, stream: String) -> [ByteBlock] {
        frame?.blocks(encoding, stream: stream)
            ?? encoding.blocks(of: lines, gap: gap, stream: stream)
    }
}

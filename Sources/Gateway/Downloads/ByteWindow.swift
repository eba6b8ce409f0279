import ByteBlocks

/// A part of a body, cut out of the blocks that make it up: pure.
struct ByteWindow: Sendable, Equatable {
    /// Bytes to leave out before the part.
    private var before: Int64
    /// Bytes of the part that are still to come.
    private var left: Int64

    /// The bytes `range`.
    init(_ range: Range<Int64>) {
        before = range.lowerBound
        left = Int64(range.count)
    }

    /// Whether the whole part was given.
    var isOver: Bool { left == 0 }

    /// What of the next block belongs to the part: the block itself where that is all of it.
    mutating func cut(_ block: ByteBlock) -> ByteBlock {
        let from = Int(min(before, Int64(block.count)))
        before -= Int64(from)
        let count = Int(min(left, Int64(block.count - from)))
        left -= Int64(count)
        return count == block.count ? block : ByteBlock(block.bytes[from..<from + count])
    }
}

import ByteBlocks
import LogModel
import Synchronization

/// Consecutive lines that all readers at a stream's live end are given as one, and what was made of
/// them: each encoding is made by the first reader that asks for it. Any thread may call it.
final class LiveFrame: Sendable {
    /// The lines.
    let lines: NumberedBatch
    /// The gap record that they are.
    let gap: GapRecord?
    /// The memory that the lines themselves take here, 0 where they are the store's own batch.
    let ownBytes: Int

    private let budget: FrameBudget
    private let encoded = Mutex<[(encoding: FrameEncoding, blocks: [ByteBlock])]>([])
    /// Bytes that were counted in the budget.
    private let counted: Atomic<Int>

    /// A frame of `recent`, which has at least one batch; several are joined into one.
    init(_ recent: [NumberedBatch], gap: GapRecord?, budget: FrameBudget) {
        self.gap = gap
        self.budget = budget
        if recent.count == 1 {
            lines = recent[0]
            ownBytes = 0
        } else {
            lines = NumberedBatch(first: recent[0].first, batch: .joined(recent.map(\.batch)))
            ownBytes = lines.batch.byteCount + 12 * lines.batch.count
        }
        counted = Atomic(ownBytes)
        budget.count(ownBytes)
    }

    deinit {
        budget.count(-counted.load(ordering: .relaxed))
    }

    /// The blocks in `encoding`.
    func blocks(_ encoding: FrameEncoding, stream: String) -> [ByteBlock] {
        encoded.withLock { encoded in
            for known in encoded where known.encoding == encoding { return known.blocks }
            let blocks = encoding.blocks(of: lines, gap: gap, stream: stream)
            encoded.append((encoding, blocks))
            let bytes = blocks.reduce(0) { $0 + ($1 === lines.batch.text ? 0 : $1.count) }
            counted.wrappingAdd(bytes, ordering: .relaxed)
            budget.count(bytes)
            return blocks
        }
    }
}

extension LineBatch {
    /// One batch of all `batches`, of which only the last may end without a newline.
    static func joined(_ batches: [LineBatch]) -> LineBatch {
        let size = batches.reduce(0) { $0 + $1.byteCount }
        let lines = batches.reduce(0) { $0 + $1.count }
        var ends: [UInt32] = []
        var times: [Int64] = []
        ends.reserveCapacity(lines)
        times.reserveCapacity(lines)
        let text = ByteBlock(capacity: size) { target in
            var offset = 0
            for batch in batches {
                UnsafeMutableRawBufferPointer(rebasing: target[offset...])
                    .copyMemory(from: batch.text.bytes)
                for end in batch.ends { ends.append(end + UInt32(offset)) }
                times.append(contentsOf: batch.times)
                offset += batch.byteCount
            }
            return size
        }
        return LineBatch(text: text, ends: ends, times: times)
    }
}
